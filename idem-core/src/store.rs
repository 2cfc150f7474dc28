//! The trait that a backend implements, and what it may answer.
//!
//! This file is all that the author of a store reads. A store that passes [`contract`](crate::contract) is one.

mod error;
mod joined;
mod listener;
mod operator;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use error::StoreError;
pub use joined::{Join, JoinedStore};
pub use listener::Listener;
pub use operator::{AbandonedClaim, AbandonedPage, Cursor, Operator};

use crate::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, IssueDecision, Key, Outcome, Record, Resolution, Timestamp,
};

/// Keeps the records of keys.
///
/// What a claim and a write find decides what they do, and [`decision`](crate::decision) is where that is written: a
/// store applies it in one atomic step, by running it under a lock, by writing back what it read by compare and set, or by
/// restating it in the backend's own language.
///
/// For every method:
///
/// - All time is the backend's clock. A store never sends an instant that the application's clock gave it.
/// - A call ends in bounded time: time-outs are the store's, since only it knows its backend. The engine bounds what it
///   repeats, but waits for a claim for as long as its caller does.
/// - The future may be dropped at any await. Whatever it had sent may still take effect, and nothing else may.
/// - An error that is [ambiguous](StoreError::is_ambiguous) leaves open whether the write took effect. The engine repeats
///   the same call, and each method says what the repetition finds. Every other error says that it took none; what may pass,
///   such as a full pool, is [`not_now`](StoreError::not_now), and what will not is [`refused`](StoreError::refused).
/// - No method has a default, so that a store around a store cannot lose one.
/// - Keys are compared exactly, byte by byte.
/// - Arguments are cheap to clone, so that a store may gather the calls of many callers into one statement.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Claims a key, or says why not. Called once per call, and again by waiters.
    ///
    /// Guarantees what [`decide_claim`](crate::decision::decide_claim) says, atomically: of any number of callers on any
    /// number of machines one acquires. An answer that is not `Acquired` writes nothing, takes no lock that a writer waits
    /// for, and leaves the record byte for byte as it was.
    ///
    /// A crash before it takes effect leaves nothing; after it, a record with a lease. Repeated with the same
    /// `claim_id`, it finds its own claim and acquires it again with the same fence and a fresh lease.
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError>;

    /// Renews the lease of a claim to `lease` from now; the record's end moves with it. Called by the keeper, about three
    /// times per lease.
    ///
    /// # Errors
    ///
    /// [`claim_lost`](StoreError::claim_lost) if the record is not running under this claim; it then changes nothing,
    /// and creates nothing. Repeated, it renews again.
    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError>;

    /// As [`extend`](Self::extend) for many claims, with an answer for each, in their order. Called by the keeper where the
    /// leases of several claims are due together, so that many live bodies cost few statements. A claim that is lost fails
    /// nobody else's renewal. A backend that has nothing better renews one claim after the other.
    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>>;

    /// Stores the outcome of a claim, to be replayed for `retention` from now. Called once the body has returned.
    ///
    /// # Errors
    ///
    /// [`claim_lost`](StoreError::claim_lost) if the record is not running under this claim, and it then changes nothing.
    /// Repeated after it took effect, it answers `Ok` and changes nothing. A crash before it takes effect leaves the
    /// claim to lapse.
    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError>;

    /// Ends the attempt of a claim with nothing to keep: the key may be claimed again at once, also with another payload.
    /// Its fence and its attempts are kept. Called when the body returned an error that is not kept, panicked or was dropped.
    ///
    /// # Errors
    ///
    /// [`claim_lost`](StoreError::claim_lost) if the record is not running under this claim, and it then changes nothing.
    /// Repeated after it took effect, it answers `Ok`.
    async fn release(&self, claim: &Claim) -> Result<(), StoreError>;

    /// Ends the attempt of a claim whose effect nobody knows: its lease ends now, and from now on its record is under
    /// [`Abandoned::Refuse`](crate::Abandoned::Refuse), whatever it was claimed with. Nobody runs the key again until an operator
    /// [resolves](Self::resolve) it. Called when a body says that its outcome is unknown, and when a body has returned and the
    /// backend will store neither its outcome nor a mark that there is one.
    ///
    /// # Errors
    ///
    /// [`claim_lost`](StoreError::claim_lost) if the record is not running under this claim, and it then changes nothing.
    /// Repeated after it took effect, it answers `Ok`.
    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError>;

    /// Issues a key as a token: makes a record in [`State::Issued`](crate::State::Issued) that ends `lifetime` from now,
    /// unless there is one that has not expired. Called once per token, with a key that nobody has used.
    ///
    /// Guarantees what [`decide_issue`](crate::decision::decide_issue) says, atomically. An answer that is not `Issued`
    /// changes nothing.
    ///
    /// A crash before it takes effect leaves nothing; after it, a token that nobody knows, until its lifetime is over.
    /// Repeated after a lost acknowledgement, it finds the token that it issued, answers `Taken` and changes nothing: who
    /// cannot tell that from a token of somebody else's asks for another key, as the engine does.
    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError>;

    /// Reads the record of a key, expired or not, and the clock at that instant. Writes nothing. A backend keeps text and
    /// integers, which [`StoredRecord`](crate::StoredRecord) reads.
    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError>;

    /// Settles a key whose holder is gone, in the name of an operator who looked at the claim `claim_id`.
    ///
    /// # Errors
    ///
    /// [`claim_lost`](StoreError::claim_lost) unless the record is running under that very claim and has lapsed, see
    /// [`is_resolvable`](crate::decision::is_resolvable): the holder came back, or somebody else was faster.
    /// [`refused`](StoreError::refused), and nothing is written, if the resolution does not pass its
    /// [`check`](Resolution::check).
    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError>;

    /// Removes up to `limit` records that have [expired](crate::decision::is_expired), and says how many. Called by a
    /// sweeper; several may run at once. Expiry does not wait for it: an expired record counts as absent everywhere.
    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError>;

    /// Begins to listen for the ends of a key's claims: their completion, their release, and their resolution by an operator,
    /// by whatever process. `None` says that this store cannot tell, and its waiters poll.
    ///
    /// Called by a waiter whose first pause was in vain, and again at each poll while the answer is `None`. It must return
    /// at once: a subscription is made in the background, and the [listener](Listener) says when it stands. It is called
    /// within the runtime of the keeper, which no body can block, so a task that it spawns there makes progress for as
    /// long as the process lives.
    ///
    /// A message is a hint. Where it is lost, with a crash or a connection, nothing happens but that the waiter asks later: at
    /// its next poll, of which there is one a second at least, or when the lease ends. Lapses, takeovers and purges need no
    /// message.
    fn listen(&self, key: &Key) -> Option<Box<dyn Listener>>;
}

/// A record, and the store's clock when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The record.
    pub record: Record,
    /// The store's clock.
    pub now: Timestamp,
}

/// What can be given as a store: a store of this library, an `Arc` of any store, an `Arc<dyn Store>`, or a reference to
/// one of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store",
    label = "not a store",
    note = "a store is a `MemoryStore`, a `SqliteStore`, an `Arc<dyn Store>`, or an `Arc` of your own type that \
            implements `idem::Store`"
)]
pub trait AsStore {
    /// A handle of its own to the store. Cheap: nothing but a count goes up.
    fn as_store(&self) -> Arc<dyn Store>;
}

impl<T: AsStore + ?Sized> AsStore for &T {
    fn as_store(&self) -> Arc<dyn Store> {
        (**self).as_store()
    }
}

impl<T: Store> AsStore for Arc<T> {
    fn as_store(&self) -> Arc<dyn Store> {
        self.clone()
    }
}

impl AsStore for Arc<dyn Store> {
    fn as_store(&self) -> Arc<dyn Store> {
        self.clone()
    }
}
