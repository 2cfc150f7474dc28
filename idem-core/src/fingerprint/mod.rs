//! What tells a retry from a mistake: a hash of the payload.

mod canonical;
mod compound;

use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::Error;

/// A hash of a payload. The same key with another fingerprint is a mistake of the caller, never a replay.
///
/// SHA-256 over a canonical encoding in which the order of maps and of struct fields does not matter, the width of an
/// integer does not matter, and every other difference does. The encoding has a version, so that a later one can live
/// beside records of this one. Floats are compared by their bits. A `HashSet` has another order in each process, which a
/// sequence shows: use a `BTreeSet`, or sort.
///
/// ```
/// use std::collections::HashMap;
/// use idem_core::Fingerprint;
///
/// let one = Fingerprint::of(&HashMap::from([("amount", 100), ("fee", 2)]))?;
/// let same = Fingerprint::of(&HashMap::from([("fee", 2), ("amount", 100)]))?;
/// let other = Fingerprint::of(&HashMap::from([("amount", 101), ("fee", 2)]))?;
/// assert!(one == same && one != other);
/// # Ok::<(), idem_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    version: u8,
    digest: [u8; 32],
}

impl Fingerprint {
    /// The version of the encoding that this release writes.
    pub const VERSION: u8 = 1;

    /// Hashes a payload.
    ///
    /// # Errors
    ///
    /// If the payload's `Serialize` fails.
    pub fn of<T: Serialize + ?Sized>(payload: &T) -> Result<Self, Error> {
        let mut canonical = canonical::Canonical::new();
        payload.serialize(&mut canonical).map_err(|error| {
            Error::misuse(format!("the payload could not be fingerprinted: {error}; fingerprint the fields that can"))
        })?;
        Ok(Self { version: Self::VERSION, digest: Sha256::digest(canonical.bytes()).into() })
    }

    /// A fingerprint as a store keeps it, for the authors of stores.
    #[must_use]
    pub const fn from_stored(version: u8, digest: [u8; 32]) -> Self {
        Self { version, digest }
    }

    /// A fingerprint as a store keeps it that writes text; `None` if that is not what
    /// [`digest_text`](Self::digest_text) writes.
    #[must_use]
    pub fn from_stored_text(version: u8, digest: &str) -> Option<Self> {
        crate::hex::decode(digest).map(|digest| Self { version, digest })
    }

    /// The version of the encoding.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.version
    }

    /// The SHA-256.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The SHA-256 as 64 lower-case hex digits.
    #[must_use]
    pub fn digest_text(&self) -> String {
        crate::hex::encode(&self.digest)
    }

    /// Whether two fingerprints are of one payload. Those of two versions cannot be compared, and so never agree: a
    /// payload that cannot be checked is not replayed.
    pub(crate) fn agree(found: &Self, asked: &Self) -> bool {
        found == asked
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint(v{}:{})", self.version, self.digest_text())
    }
}
