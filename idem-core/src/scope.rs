//! The stable name of an operation.

use std::borrow::Cow;
use std::fmt;

use crate::Error;

/// The longest scope, in bytes. With the longest key it fits the index limits of every database.
pub const MAX_SCOPE_BYTES: usize = 200;

/// The stable name of an operation, such as `"payments.charge"`; keys of two scopes never meet.
///
/// ```
/// use idem_core::Scope;
///
/// const SCOPE: Scope = Scope::from_static("payments.charge");
/// assert_eq!(SCOPE.as_str(), "payments.charge");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(Cow<'static, str>);

impl Scope {
    /// Names a scope at compile time.
    ///
    /// # Panics
    ///
    /// If the name is empty, is longer than [`MAX_SCOPE_BYTES`] or has a control character; in a `const` or `static` that is a compile error.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(!name.is_empty(), "a scope is empty; give the operation a stable name");
        assert!(
            name.len() <= MAX_SCOPE_BYTES,
            "a scope is longer than 200 bytes; set a shorter stable name, `scope = \"…\"`"
        );
        assert!(!has_control(name), "a scope has a control character; give the operation a printable name");
        Self(Cow::Borrowed(name))
    }

    /// Names a scope at run time.
    ///
    /// # Errors
    ///
    /// If the name is empty, is longer than [`MAX_SCOPE_BYTES`] or has a control character.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        let name = name.into();
        match name.len() {
            0 => Err(Error::misuse("a scope is empty; give the operation a stable name")),
            1..=MAX_SCOPE_BYTES if has_control(&name) => {
                Err(Error::misuse("a scope has a control character; give the operation a printable name"))
            }
            1..=MAX_SCOPE_BYTES => Ok(Self(name)),
            _ => Err(Error::misuse(format!(
                "a scope is longer than {MAX_SCOPE_BYTES} bytes; give the operation a shorter stable name"
            ))),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a name has a control character: databases refuse some, and people read scopes in a terminal. By bytes, because
/// it runs at compile time: U+0080 to U+009F are `C2 80` to `C2 9F`.
const fn has_control(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut index = 0;
    let mut before = 0;
    while index < bytes.len() {
        let byte = bytes[index];
        if byte.is_ascii_control() || before == 0xc2 && byte < 0xa0 {
            return true;
        }
        before = byte;
        index += 1;
    }
    false
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
