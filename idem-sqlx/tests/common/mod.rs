//! What the tests of the SQLite store share.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use idem_core::{
    Abandoned, Admission, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Fingerprint, IntoKey, Key, Outcome,
    OutcomeKind, Scope, Store,
};
use idem_sqlx::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tempfile::TempDir;

pub(crate) const HOUR: Duration = Duration::from_hours(1);

/// A folder for a database that is removed with it.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.path().join("idem.db")
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A store as `open` makes it.
    pub(crate) async fn store(&self) -> SqliteStore {
        SqliteStore::open(self.database()).await.expect("a new database")
    }

    /// The application's own pool on the same file, of `connections`, which waits `busy` for a writer.
    pub(crate) async fn pool(&self, connections: u32, busy: Duration) -> sqlx::SqlitePool {
        let options = SqliteConnectOptions::new()
            .filename(self.database())
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Off)
            .busy_timeout(busy);
        SqlitePoolOptions::new()
            .max_connections(connections)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(20))
            .connect_with(options)
            .await
            .expect("a pool")
    }
}

pub(crate) fn key<K: IntoKey + ?Sized>(key: &K) -> Key {
    Key::new(Scope::from_static("payments.charge"), key).expect("a key")
}

pub(crate) fn request(key: &Key) -> ClaimRequest {
    ClaimRequest {
        key: key.clone(),
        claim_id: ClaimId::random(),
        fingerprint: Some(fingerprint(1)),
        lease: HOUR,
        retention: HOUR,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    }
}

pub(crate) fn fingerprint(number: u8) -> Fingerprint {
    Fingerprint::from_stored(1, [number; 32])
}

pub(crate) fn outcome(text: &str) -> Outcome {
    Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: text.into() }
}

pub(crate) async fn acquire(store: &impl Store, request: &ClaimRequest) -> Claim {
    match store.claim(request).await {
        Ok(ClaimDecision::Acquired(claim)) => claim,
        other => panic!("{other:?}"),
    }
}

/// Claims a key and completes it.
pub(crate) async fn finish(store: &impl Store, key: &Key, text: &str) {
    let claim = acquire(store, &request(key)).await;
    store.complete(&claim, &outcome(text), HOUR).await.expect("the claim is held");
}
