//! What makes two calls the same call.

mod encode;
#[cfg(any(feature = "uuid", feature = "chrono", feature = "rust_decimal"))]
mod foreign;
mod tuple;

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::{Error, Scope};

pub use encode::{IntoKey, KeyWriter};

/// The longest key that is stored as it is, in bytes. A longer one is stored as `#` and its SHA-256 in hexadecimal.
pub const MAX_KEY_BYTES: usize = 255;

/// A scope and what makes two calls the same call inside it.
///
/// The text of a key reads like the Rust literal that it came from, so that it is injective and a person can type it
/// into a query: `"order-17"`, `17`, `("acme",17)`. Comparison is exact, byte for byte; Unicode is not normalised.
///
/// ```
/// use idem_core::{Key, Scope};
///
/// let key = Key::new(Scope::from_static("payments.charge"), &("acme", 17))?;
/// assert_eq!(key.text(), r#"("acme",17)"#);
/// # Ok::<(), idem_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    scope: Scope,
    text: Arc<str>,
}

impl Key {
    /// Encodes `key` inside `scope`.
    ///
    /// # Errors
    ///
    /// If the key or a part of it is an empty string: that is nearly always a value that is missing, and all calls
    /// without it would be the same call. And if an [`IntoKey`] writes several parts without a group.
    pub fn new<K: IntoKey + ?Sized>(scope: Scope, key: &K) -> Result<Self, Error> {
        let mut writer = KeyWriter::new();
        writer.one(key);
        Self::written(scope, writer)
    }

    /// The key of what was written.
    pub(crate) fn written(scope: Scope, writer: KeyWriter) -> Result<Self, Error> {
        let text = writer.finish()?;
        if text.len() > MAX_KEY_BYTES {
            let hashed = format!("#{}", crate::hex::encode(&Sha256::digest(&text)));
            return Ok(Self { scope, text: hashed.into() });
        }
        Ok(Self { scope, text: text.into() })
    }

    /// A key as a store keeps it: a scope, and the text of an encoded key.
    ///
    /// For the authors of stores, who read back what [`Key::text`] gave them.
    #[must_use]
    pub fn from_stored(scope: Scope, text: impl Into<Arc<str>>) -> Self {
        Self { scope, text: text.into() }
    }

    /// The key of one step of this key's call, for a table that keeps keys of both kinds side by side.
    ///
    /// It begins with `@`, which no [`text`](Self::text) does, is no longer than [`MAX_KEY_BYTES`], and differs for every
    /// step, scope and key. A `step` has no blanks.
    ///
    /// ```
    /// use idem_core::{Key, Scope};
    ///
    /// let key = Key::new(Scope::from_static("orders.checkout"), "order-17")?;
    /// assert_eq!(key.of_step("pay"), r#"@pay orders.checkout "order-17""#);
    /// # Ok::<(), idem_core::Error>(())
    /// ```
    #[must_use]
    pub fn of_step(&self, step: &str) -> String {
        // One way to read it: a step has no blank, and where a text begins it ends with it, which no end of another does.
        let text = format!("@{step} {} {}", self.scope.as_str(), self.text);
        if text.len() > MAX_KEY_BYTES { format!("@#{}", crate::hex::encode(&Sha256::digest(&text))) } else { text }
    }

    /// The scope of this key.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The encoded key: printable text without control characters, at most [`MAX_KEY_BYTES`] bytes.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Keys may carry personal data, so only the scope is shown.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("scope", &self.scope).finish_non_exhaustive()
    }
}
