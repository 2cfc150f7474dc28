//! Texts that are composed at compile time.
//!
//! A constant that depends on a type parameter cannot size an array, so a text is composed into the smallest of a few
//! sizes that holds it. What does not fit is counted and not written; see [`smallest`].

use idem_core::machine::Code;

use super::dialect::Dialect;

/// A text under construction.
#[derive(Debug)]
pub(in crate::entity) struct Text<const CAPACITY: usize> {
    bytes: [u8; CAPACITY],
    length: usize,
    parameters: u32,
    dialect: Dialect,
}

impl<const CAPACITY: usize> Text<CAPACITY> {
    pub(in crate::entity) const fn new(dialect: Dialect) -> Self {
        Self { bytes: [0; CAPACITY], length: 0, parameters: 0, dialect }
    }

    /// The dialect that the text is written in.
    pub(in crate::entity) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Adds `text` as it is.
    pub(in crate::entity) const fn push(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut index = 0;
        while index < bytes.len() {
            self.byte(bytes[index]);
            index += 1;
        }
    }

    const fn byte(&mut self, byte: u8) {
        if self.length < CAPACITY {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
    }

    /// Adds an identifier in quotes. The derive refuses names that have some in them.
    pub(in crate::entity) const fn name(&mut self, name: &str) {
        self.byte(self.dialect.quote);
        self.push(name);
        self.byte(self.dialect.quote);
    }

    /// Adds the name of a table, whose schema stands before a dot.
    pub(in crate::entity) const fn table(&mut self, name: &str) {
        let bytes = name.as_bytes();
        self.byte(self.dialect.quote);
        let mut index = 0;
        while index < bytes.len() {
            if bytes[index] == b'.' {
                self.byte(self.dialect.quote);
                self.byte(b'.');
                self.byte(self.dialect.quote);
            } else {
                self.byte(bytes[index]);
            }
            index += 1;
        }
        self.byte(self.dialect.quote);
    }

    /// Adds a string literal. The derive refuses codes that have a quote or a backslash in them.
    pub(in crate::entity) const fn literal(&mut self, text: &str) {
        self.byte(b'\'');
        self.push(text);
        self.byte(b'\'');
    }

    /// Adds the code of a state.
    pub(in crate::entity) const fn code(&mut self, code: Code) {
        match code {
            Code::Text(code) => self.literal(code),
            Code::Number(code) => self.number(code),
        }
    }

    /// Adds a number.
    pub(in crate::entity) const fn number(&mut self, number: i64) {
        if number < 0 {
            self.byte(b'-');
        }
        self.digits(number.unsigned_abs());
    }

    const fn digits(&mut self, number: u64) {
        if number >= 10 {
            self.digits(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    /// Adds the next parameter. Values are bound in the order of the parameters in the text.
    pub(in crate::entity) const fn parameter(&mut self) {
        self.parameters += 1;
        match self.dialect.parameter {
            Some(sigil) => {
                self.byte(sigil);
                self.digits(self.parameters as u64);
            }
            None => self.byte(b'?'),
        }
    }

    pub(in crate::entity) const fn fits(&self) -> bool {
        self.length <= CAPACITY
    }

    const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.length);
        match str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => panic!("texts are put together from texts"),
        }
    }
}

/// The smallest of the texts that holds what was composed into each of them.
pub(in crate::entity) const fn smallest(
    short: &'static Text<512>,
    long: &'static Text<2048>,
    longest: &'static Text<16384>,
) -> &'static str {
    if short.fits() {
        short.as_str()
    } else if long.fits() {
        long.as_str()
    } else if longest.fits() {
        longest.as_str()
    } else {
        panic!("a statement of this entity is longer than 16 KiB; it has too many columns")
    }
}

/// Declares statements: a type for each, whose constant `SQL` is composed at compile time by the function body after it.
///
/// ```text
/// composed! {
///     /// Reads a row.
///     Select<T, DB> = |text| { text.push("SELECT "); … }
///     /// Takes a move of an event.
///     Take<T: HasState<E::Machine>, E: Event, DB; const MOVE: usize> = |text| { … }
/// }
/// // Select::<Order, Postgres>::SQL, Take::<Order, order_status::Pay, Postgres, 0>::SQL
/// ```
macro_rules! composed {
    ($(
        $(#[$doc:meta])*
        $name:ident<$($parameter:ident $(: $bound:path)?),+ $(; const $constant:ident: $kind:ty)?> = |$text:ident| $body:block
    )+) => {$(
        $(#[$doc])*
        pub(in crate::entity) struct $name<$($parameter,)+ $(const $constant: $kind)?>(core::marker::PhantomData<($($parameter,)+)>);

        impl<$($parameter $(: $bound)?,)+ $(const $constant: $kind)?> $name<$($parameter,)+ $($constant)?>
        where
            T: $crate::entity::Versioned,
            DB: $crate::entity::Database,
        {
            pub(in crate::entity) const SQL: &'static str =
                $crate::entity::sql::text::smallest(&Self::SHORT, &Self::LONG, &Self::LONGEST);
            const SHORT: $crate::entity::sql::text::Text<512> = Self::compose();
            const LONG: $crate::entity::sql::text::Text<2048> = Self::compose_unless(Self::SHORT.fits());
            const LONGEST: $crate::entity::sql::text::Text<16384> = Self::compose_unless(Self::LONG.fits());

            /// What fits a shorter text is not composed again: the compiler walks through each byte.
            const fn compose_unless<const CAPACITY: usize>(fits: bool) -> $crate::entity::sql::text::Text<CAPACITY> {
                if fits { $crate::entity::sql::text::Text::new(DB::DIALECT) } else { Self::compose() }
            }

            const fn compose<const CAPACITY: usize>() -> $crate::entity::sql::text::Text<CAPACITY> {
                let mut composed = $crate::entity::sql::text::Text::new(DB::DIALECT);
                let $text = &mut composed;
                $body
                composed
            }
        }
    )+};
}

pub(in crate::entity) use composed;
