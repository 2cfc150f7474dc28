//! A record as a store keeps it: words and numbers by name.

use std::fmt;

use super::{ClaimId, Codec, Fence, Outcome, OutcomeKind, Record, State};
use crate::{Abandoned, Fingerprint, Key, StoreError, Timestamp};

/// What a store keeps of one key, as text and integers, for the authors of stores: what they read from a row or a hash, in
/// the words that [`State::name`], [`Codec::name`] and the like write. A part that has nothing to say is `None`.
///
/// Stores that call their columns as these fields are called can be read by whoever knows one of them.
///
/// ```
/// use idem_core::{Key, Record, Scope, State, StoredRecord};
///
/// let issued = StoredRecord {
///     state: Some("issued"),
///     fence: Some(7),
///     attempts: Some(0),
///     expires_at: Some(9_000_000),
///     created_at: Some(5_000_000),
///     updated_at: Some(5_000_000),
///     ..StoredRecord::default()
/// };
/// let key = Key::new(Scope::from_static("forms"), "t-1")?;
/// let record = issued.read(&key)?.ok_or("there is one")?;
/// assert_eq!((record.state, record.fence.number()), (State::Issued, 7));
///
/// let error = StoredRecord { fence: None, ..issued }.read(&key).expect_err("every record has a fence");
/// assert!(error.is_corrupt() && error.to_string().ends_with("`fence` is missing"));
/// assert_eq!(StoredRecord::default().read(&key)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct StoredRecord<'a> {
    /// [`State::name`]; every record has one.
    pub state: Option<&'a str>,
    /// [`ClaimId`], as its `Display` writes it.
    pub claim_id: Option<&'a str>,
    /// [`Fence::number`].
    pub fence: Option<i64>,
    /// How many claims were made since the key was last free.
    pub attempts: Option<i64>,
    /// [`Fingerprint::digest_text`], if there is a fingerprint.
    pub fingerprint: Option<&'a str>,
    /// [`Fingerprint::version`], if there is a fingerprint.
    pub fingerprint_version: Option<i64>,
    /// [`Abandoned::name`], of a claim that is running.
    pub abandoned: Option<&'a str>,
    /// In microseconds, as all instants here; of a claim that is running.
    pub lease_until: Option<i64>,
    /// When the record ends.
    pub expires_at: Option<i64>,
    /// [`Codec::name`], of an outcome.
    pub codec: Option<&'a str>,
    /// The version of the stored type, of an outcome.
    pub outcome_version: Option<i64>,
    /// The text of an outcome.
    pub outcome: Option<&'a str>,
    /// When the key was first claimed, or issued as a token.
    pub created_at: Option<i64>,
    /// When the record was last written.
    pub updated_at: Option<i64>,
}

impl StoredRecord<'_> {
    /// Reads the record of `key`; `None` if no part says anything.
    ///
    /// # Errors
    ///
    /// [`corrupt`](StoreError::corrupt), with the part named, if one is missing or is not what a release of this library
    /// writes.
    pub fn read(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        if *self == Self::default() {
            return Ok(None);
        }
        Ok(Some(Record {
            state: self.state()?,
            key: key.clone(),
            claim_id: self.claim_id.map(claim_id).transpose()?,
            fence: Fence::from_number(present("fence", self.fence)?),
            attempts: number("attempts", self.attempts)?,
            fingerprint: self.fingerprint.map(|digest| self.fingerprint(digest)).transpose()?,
            expires_at: instant("expires_at", self.expires_at)?,
            created_at: instant("created_at", self.created_at)?,
            updated_at: instant("updated_at", self.updated_at)?,
        }))
    }

    fn state(&self) -> Result<State, StoreError> {
        Ok(match present("state", self.state)? {
            "issued" => State::Issued,
            "running" => State::Running {
                lease_until: instant("lease_until", self.lease_until)?,
                abandoned: named("abandoned", self.abandoned, Abandoned::from_name)?,
            },
            "released" => State::Released,
            "completed" => State::Finished(self.outcome(OutcomeKind::Value)?),
            "failed" => State::Finished(self.outcome(OutcomeKind::Error)?),
            unknown => return Err(not_ours("state", unknown)),
        })
    }

    fn outcome(&self, kind: OutcomeKind) -> Result<Outcome, StoreError> {
        Ok(Outcome {
            kind,
            codec: named("codec", self.codec, Codec::from_name)?,
            version: number("outcome_version", self.outcome_version)?,
            text: present("outcome", self.outcome)?.into(),
        })
    }

    fn fingerprint(&self, digest: &str) -> Result<Fingerprint, StoreError> {
        let version = number("fingerprint_version", self.fingerprint_version)?;
        Fingerprint::from_stored_text(version, digest)
            .ok_or_else(|| StoreError::corrupt("`fingerprint` is not 64 lower-case hex digits"))
    }
}

/// An outcome may carry personal data, so it is not shown.
impl fmt::Debug for StoredRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredRecord")
            .field("state", &self.state)
            .field("claim_id", &self.claim_id)
            .field("fence", &self.fence)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

fn claim_id(text: &str) -> Result<ClaimId, StoreError> {
    text.parse().map_err(|_| StoreError::corrupt("`claim_id` is not 32 lower-case hex digits"))
}

fn instant(name: &str, value: Option<i64>) -> Result<Timestamp, StoreError> {
    present(name, value).map(Timestamp::from_micros)
}

fn number<T: TryFrom<i64>>(name: &str, value: Option<i64>) -> Result<T, StoreError> {
    let value = present(name, value)?;
    T::try_from(value).map_err(|_| StoreError::corrupt(format!("`{name}` is {value}")))
}

fn named<T>(name: &str, value: Option<&str>, of: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let value = present(name, value)?;
    of(value).ok_or_else(|| not_ours(name, value))
}

fn present<T>(name: &str, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::corrupt(format!("`{name}` is missing")))
}

fn not_ours(name: &str, value: &str) -> StoreError {
    StoreError::corrupt(format!("`{name}` is `{}`", value.escape_debug()))
}
