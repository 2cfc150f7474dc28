//! What tells a retry from a mistake: a hash of the payload.

mod canonical;
mod compound;

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::Error;
use canonical::Canonical;

/// A hash of a payload. The same key with another fingerprint is a mistake of the caller, never a replay.
///
/// SHA-256 over a canonical encoding in which the order of maps and of struct fields does not matter, the width of an
/// integer does not matter, a field that is `None` is as one that is not there, and every other difference matters. Floats
/// are compared by their bits. A `HashSet` has another order in each process, which a sequence shows: use a `BTreeSet`, or
/// sort.
///
/// # When the payload changes
///
/// A client may repeat a request after a deploy that changed the payload's type, and then the payload of the first request
/// is compared with one that the new type was read from. A struct may gain a field that is an `Option`: it is `None` in
/// the repeated request, and so the same payload. Any other new field, such as one with a default that is not `None`, makes
/// every payload another one, and the repeated request a mismatch, unless it is left out where it has its default
/// (`#[serde(default, skip_serializing_if = …)]`), or is not part of what is fingerprinted. A struct with
/// `#[serde(flatten)]` is a map to serde, and in a map a `None` counts.
///
/// The encoding has a version, so that a later one can live beside records of an earlier one. In version 1 a field that is
/// `None` counts; its records are still compared, by what that version says of the payload.
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
#[derive(Clone, Copy)]
pub struct Fingerprint {
    version: u8,
    digest: [u8; 32],
    /// What version 1 says of the payload, if that is something else. It is not stored.
    first: Option<[u8; 32]>,
}

impl Fingerprint {
    /// The latest version of the encoding that this release writes. A payload that all versions encode alike has the
    /// earliest, so that earlier releases can compare it too.
    pub const VERSION: u8 = 2;

    /// Hashes a payload.
    ///
    /// # Errors
    ///
    /// If the payload's `Serialize` fails.
    pub fn of<T: Serialize + ?Sized>(payload: &T) -> Result<Self, Error> {
        let canonical = encoded(payload, Canonical::new())?;
        let digest = Sha256::digest(canonical.bytes()).into();
        if !canonical.has_left_out() {
            return Ok(Self { version: 1, digest, first: None });
        }
        let first = encoded(payload, Canonical::first_version())?;
        Ok(Self { version: Self::VERSION, digest, first: Some(Sha256::digest(first.bytes()).into()) })
    }

    /// A fingerprint as a store keeps it, for the authors of stores.
    #[must_use]
    pub const fn from_stored(version: u8, digest: [u8; 32]) -> Self {
        Self { version, digest, first: None }
    }

    /// A fingerprint as a store keeps it that writes text; `None` if that is not what
    /// [`digest_text`](Self::digest_text) writes.
    #[must_use]
    pub fn from_stored_text(version: u8, digest: &str) -> Option<Self> {
        crate::hex::decode(digest).map(|digest| Self::from_stored(version, digest))
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

    /// Whether the fingerprint that was found in a record is of the payload that is asked about. One of a version that this
    /// release does not know agrees with none, its own kind included: a payload that cannot be checked is not replayed.
    pub(crate) fn agree(found: &Self, asked: &Self) -> bool {
        let are_known = [found, asked].iter().all(|one| (1..=Self::VERSION).contains(&one.version));
        // What has nothing to leave out is the same in both versions, whichever it was stored as.
        let is_same = found.digest == asked.digest;
        let is_same_in_first = found.version == 1 && asked.first == Some(found.digest);
        are_known && (is_same || is_same_in_first)
    }
}

fn encoded<T: Serialize + ?Sized>(payload: &T, mut canonical: Canonical) -> Result<Canonical, Error> {
    payload.serialize(&mut canonical).map_err(|error| {
        Error::misuse(format!("the payload could not be fingerprinted: {error}; fingerprint the fields that can"))
    })?;
    Ok(canonical)
}

/// Two are equal if a store keeps the same of them.
impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        (self.version, self.digest) == (other.version, other.digest)
    }
}

impl Eq for Fingerprint {}

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.version, self.digest).hash(state);
    }
}

/// Without the digest: a payload of few possible values, such as an amount, can be found from it by trying them.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint(v{}:…)", self.version)
    }
}
