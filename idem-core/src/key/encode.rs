//! The text of a key, written so that no two values share one.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::rc::Rc;
use std::sync::Arc;

use crate::Error;

/// A value that can tell one call from another.
///
/// Implemented for strings, integers, `bool`, `char`, byte slices, tuples of these, and references to them; and for
/// `Uuid`, `DateTime` and `Decimal` with the features `uuid`, `chrono` and `rust_decimal`. The width of an integer
/// does not matter (`1u8` and `1i64` are one key); its type does (`1` and `"1"` are two).
///
/// An `Option` is refused, because every call without the value would be the same call; a float is, because equal
/// amounts may differ in their last bit.
///
/// For a type of your own there is a derive, `#[derive(idem::IntoKey)]`. By hand, write exactly one part: the value that
/// identifies it, or a [`group`](KeyWriter::group) of several. Parts that follow one another without a group are
/// [refused](crate::Error::is_misuse), since `1` and `23` would read like `12` and `3`.
///
/// ```
/// use idem_core::{IntoKey, Key, KeyWriter, Scope};
///
/// struct OrderId(u64);
///
/// impl IntoKey for OrderId {
///     fn write_key(&self, key: &mut KeyWriter) {
///         self.0.write_key(key);
///     }
/// }
///
/// struct LineId {
///     order: OrderId,
///     line: u32,
/// }
///
/// impl IntoKey for LineId {
///     fn write_key(&self, key: &mut KeyWriter) {
///         key.group(&[&self.order, &self.line]);
///     }
/// }
///
/// let key = Key::new(Scope::from_static("orders.ship"), &LineId { order: OrderId(17), line: 3 })?;
/// assert_eq!(key.text(), "(17,3)");
/// # Ok::<(), idem_core::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key",
    label = "not a key",
    note = "a key is a string, an integer, a `bool`, bytes, a `Uuid` (feature `uuid`), or a tuple of these",
    note = "an `Option` is refused, since every call without a value would be the same call: unwrap it first, as in \
            `key = id.ok_or(MyError::NoId)?`",
    note = "a float is refused, since equal amounts may differ in the last bit: use an integer of the smallest unit",
    note = "a type of your own can be one: write `#[derive(idem::IntoKey)]` on it",
    note = "a token is not made up by the client, and has an option of its own: `token = form.token.of(user.id)`"
)]
pub trait IntoKey {
    /// Writes this value into `key` as one part; two values that differ must write texts that differ.
    fn write_key(&self, key: &mut KeyWriter);
}

/// Collects the text of a key: one part, which may be a group of parts.
#[derive(Clone)]
pub struct KeyWriter {
    text: String,
    /// How many parts were written where one is due.
    parts: usize,
    /// Nothing was written where a part is due, or what was written is empty.
    is_empty: bool,
    /// Several parts were written where one is due.
    is_ambiguous: bool,
}

impl KeyWriter {
    /// Most keys are short, so that they need no second allocation.
    pub(crate) fn new() -> Self {
        Self { text: String::with_capacity(64), parts: 0, is_empty: false, is_ambiguous: false }
    }

    /// Writes a string between quotes, with `"`, `\` and control characters escaped.
    pub fn string(&mut self, value: &str) {
        self.is_empty |= value.is_empty();
        self.parts += 1;
        self.text.reserve(value.len() + 2);
        self.text.push('"');
        if value.chars().any(needs_escape) {
            value.chars().for_each(|character| self.escaped(character));
        } else {
            self.text.push_str(value);
        }
        self.text.push('"');
    }

    /// Writes bytes in hexadecimal, as `x"00ff"`.
    pub fn bytes(&mut self, value: &[u8]) {
        self.is_empty |= value.is_empty();
        self.literal(format_args!("x\"{}\"", crate::hex::encode(value)));
    }

    /// Writes the parts of a group between parentheses. A group without parts is empty, as an empty string is.
    pub fn group(&mut self, parts: &[&dyn IntoKey]) {
        self.is_empty |= parts.is_empty();
        let before = self.parts;
        self.text.push('(');
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.one(*part);
        }
        self.text.push(')');
        self.parts = before + 1;
    }

    /// Writes a value, and notices if it does not write exactly one part.
    pub(crate) fn one<K: IntoKey + ?Sized>(&mut self, value: &K) {
        let before = std::mem::take(&mut self.parts);
        value.write_key(self);
        self.is_empty |= self.parts == 0;
        self.is_ambiguous |= self.parts > 1;
        self.parts = before + 1;
    }

    /// Writes a literal that no other kind of value can write.
    pub(crate) fn literal(&mut self, value: impl fmt::Display) {
        self.parts += 1;
        self.push(value);
    }

    fn push(&mut self, value: impl fmt::Display) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.text, "{value}");
    }

    /// Writes one character of a string. Controls are escaped because PostgreSQL's text holds no NUL, and because a
    /// person reads keys in a terminal.
    fn escaped(&mut self, character: char) {
        match character {
            '"' | '\\' => self.text.extend(['\\', character]),
            control if needs_escape(control) => self.push(format_args!("\\u{{{:x}}}", u32::from(control))),
            other => self.text.push(other),
        }
    }

    pub(crate) fn finish(self) -> Result<String, Error> {
        if self.is_ambiguous || self.parts > 1 {
            return Err(Error::misuse(
                "an `IntoKey` wrote several parts where one is due, and other values could write the same text; \
                 write them as a group, `key.group(&[&self.merchant, &self.order])`, or derive `IntoKey`",
            ));
        }
        if self.is_empty || self.parts == 0 {
            return Err(Error::misuse(
                "a key is empty, or has an empty part: every call without the value would be the same call; \
                 check that the value is there before the call",
            ));
        }
        Ok(self.text)
    }
}

/// A key may carry personal data, so its text is not shown.
impl fmt::Debug for KeyWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyWriter").finish_non_exhaustive()
    }
}

/// Whether a character of a string is not written as it is.
fn needs_escape(character: char) -> bool {
    matches!(character, '"' | '\\') || character.is_control()
}

impl IntoKey for str {
    fn write_key(&self, key: &mut KeyWriter) {
        key.string(self);
    }
}

impl IntoKey for String {
    fn write_key(&self, key: &mut KeyWriter) {
        key.string(self);
    }
}

impl IntoKey for char {
    fn write_key(&self, key: &mut KeyWriter) {
        key.string(self.encode_utf8(&mut [0; 4]));
    }
}

impl IntoKey for bool {
    fn write_key(&self, key: &mut KeyWriter) {
        key.literal(self);
    }
}

impl IntoKey for [u8] {
    fn write_key(&self, key: &mut KeyWriter) {
        key.bytes(self);
    }
}

impl IntoKey for Vec<u8> {
    fn write_key(&self, key: &mut KeyWriter) {
        key.bytes(self);
    }
}

impl<const N: usize> IntoKey for [u8; N] {
    fn write_key(&self, key: &mut KeyWriter) {
        key.bytes(self);
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl IntoKey for $integer {
            fn write_key(&self, key: &mut KeyWriter) {
                key.literal(self);
            }
        }
    )*};
}
integers!(u8 u16 u32 u64 usize i8 i16 i32 i64 i128 isize u128);

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<T: IntoKey + ?Sized> IntoKey for $pointer {
            fn write_key(&self, key: &mut KeyWriter) {
                (**self).write_key(key);
            }
        }
    )*};
}
pointers!(&T, &mut T, Box<T>, Arc<T>, Rc<T>);

impl<T: IntoKey + ToOwned + ?Sized> IntoKey for Cow<'_, T> {
    fn write_key(&self, key: &mut KeyWriter) {
        (**self).write_key(key);
    }
}
