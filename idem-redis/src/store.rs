//! The store that others see.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use idem_core::{
    AbandonedPage, AsStore, Claim, ClaimDecision, ClaimId, ClaimRequest, Cursor, Extension, IssueDecision, Key,
    Listener, Observed, Operator, Outcome, Resolution, Store, StoreError,
};

use crate::advice;
use crate::connection::RedisConnection;
use crate::error::Failure;
use crate::key::Prefix;
use crate::records::Records;
use crate::replicas::Replicas;

const SHORTEST_LIMIT: Duration = Duration::from_millis(10);
/// A limit without an end ends after a year: a clock cannot be set to the end of time.
const LONGEST_LIMIT: Duration = Duration::from_hours(365 * 24);

/// A store in Redis, on a single node or in a Cluster. Redis 7 or later, or Valkey.
///
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use idem_core::{Key, Scope, Store};
/// use idem_redis::RedisStore;
///
/// let store = RedisStore::connect("redis://127.0.0.1").await?.prefix("shop:idem:")?;
/// let key = Key::new(Scope::from_static("payments.charge"), "order-17")?;
/// assert_eq!(store.lookup(&key).await?, None);
/// # Ok(()) }
/// ```
///
/// A record is one hash, `idem:{payments.charge|"order-17"}`, whose fields a person can read with `HGETALL`. Every step on it
/// is one script: a first call, a completion, a renewal, a replay and any other answer are one round trip each, and a
/// takeover is two. An answer that acquires nothing runs no command that writes.
///
/// Calls that wait (`in_flight = wait(…)`) are told by the server when a claim of their key ends, and poll once a second besides.
/// Where the server has lists of rights, a user needs `+spublish`, `+ssubscribe`, `+sunsubscribe` and the channels `&idem:*`
/// for it. Who cannot listen polls four times a second and more: without these rights, through a proxy that does not speak
/// RESP3, and over a [connection of the application's](Self::with_connection).
///
/// # What Redis does not promise
///
/// Redis acknowledges a write before its replicas have it, and before its disk has, unless `appendfsync` is `always`. A
/// failover can therefore lose a claim or an outcome that was acknowledged, and the body then runs again: **at least
/// once**, where a body may not run twice at all. Its fence still grows, unless the new primary's clock is behind. What
/// helps:
///
/// - `appendonly yes`, and `maxmemory-policy noeviction`: [`connect`](Self::connect) and
///   [`cluster`](Self::cluster) warn where they find a primary that has otherwise.
/// - [`wait_for_replicas`](Self::wait_for_replicas), which makes the loss rarer; it does not rule it out.
/// - Hand the fence, or `downstream_key`, to whoever has the effect.
/// - Use an SQL store with `tx = …` where the effect is in that database.
///
/// # Expiry
///
/// Redis removes a record ten minutes after it has expired; until then it counts as absent, but its fence is remembered,
/// and a holder who is late finds out what became of its claim. A claim under `refuse` has no time to live. So there is no
/// need for a `Sweeper`; [`purge_expired`](Store::purge_expired) gives memory back sooner. It scans the names of the whole
/// database, in small steps and at most 100,000 in a call, and the next call goes on where it ended.
///
/// # The server's clock
///
/// Leases and expiry are measured by the clock of the server, which scripts cannot see but as the time of day. If it is set forward,
/// a claim that is alive may look lapsed until its next renewal, a third of its lease at most, and be taken over; what has
/// expired by the new time is forgotten. If it is set back, the key of a holder that died stays blocked for as long as that;
/// one that is alive is corrected by its next renewal. So let the clock be slewed, and not stepped, on primaries and on
/// the replicas that may follow them.
///
/// # Connections and time-outs
///
/// A call ends within two seconds, or within its [time limit](Self::time_limit), and longer only by the time to wait for
/// replicas. A connection that breaks, that does not answer in time, or on which a server says that it is a replica is given up,
/// and the next call opens another one. What was sent over a connection that broke is sent once more over the new one: every
/// write finds itself. Other calls fail with an error that is [retryable](StoreError::is_retryable).
///
/// All connections are served by one thread of this library's, which all stores of a process share. So it does no harm to them if
/// a body blocks its thread, or if the runtime that connected has ended.
///
/// Clones share the connection for claims, one for the writes of those who hold a claim, which never wait behind claims, and
/// one for waiters, which is open while calls wait and half a minute longer.
///
/// # A server that takes no writes
///
/// A server that is full (`maxmemory`) takes no claims; renewals, releases and outcomes of up to 4 KiB it takes, for their
/// bodies have run, and larger ones when there is room again. While it cannot save to its disk, or has too few replicas, it takes
/// nothing. All that is retryable.
#[derive(Clone)]
pub struct RedisStore {
    records: Arc<Records>,
}

impl RedisStore {
    /// Connects to a single node, such as `redis://user:password@host:6379/0`.
    ///
    /// # Errors
    ///
    /// If the URL cannot be used, or the server does not answer.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::advised(RedisConnection::to_node(url).await).await
    }

    /// Connects to a Cluster, of which some nodes are known, such as `["redis://one:6379", "redis://two:6379"]`.
    ///
    /// # Errors
    ///
    /// If a URL cannot be used, or no node answers.
    pub async fn cluster(urls: &[&str]) -> Result<Self, StoreError> {
        Self::advised(RedisConnection::to_cluster(urls).await).await
    }

    /// A store on a connection of the application's own, which it may go on using. A call ends within its
    /// [time limit](Self::time_limit) too; the way the connection is opened again is the application's. A
    /// [`ConnectionManager`](redis::aio::ConnectionManager) stays with a server that became a replica, and with a proxy that
    /// stopped forwarding. Nothing is sent over it yet, so nothing is warned of: look yourself whether each primary has
    /// `appendonly yes` and `maxmemory-policy noeviction`.
    ///
    /// It is served by the runtime that opened it, so a body that blocks that runtime for its whole lease loses the claim, and
    /// all calls fail meanwhile. A store that [connects](Self::connect) by itself depends on no runtime of the application's.
    pub fn with_connection(connection: impl Into<RedisConnection>) -> Self {
        Self { records: Arc::new(Records::new(connection.into())) }
    }

    async fn advised(connection: Result<RedisConnection, Failure>) -> Result<Self, StoreError> {
        let connection = connection?;
        let longest_text = advice::give(&connection).await;
        let mut records = Records::new(connection);
        records.longest_text = longest_text.unwrap_or(records.longest_text);
        Ok(Self { records: Arc::new(records) })
    }

    /// Puts the records under names of another prefix than `idem:`. Stores of two prefixes share nothing.
    ///
    /// # Errors
    ///
    /// If the prefix is empty, longer than 64, or has anything but printable ASCII, or a blank or a brace.
    pub fn prefix(self, prefix: &str) -> Result<Self, StoreError> {
        let prefix = Prefix::new(prefix)?;
        let records = Records { prefix, rights: Arc::default(), ..Arc::unwrap_or_clone(self.records) };
        Ok(Self { records: Arc::new(records) })
    }

    /// Gives a call this long, and longer only by the time to [wait for replicas](Self::wait_for_replicas); two seconds unless it
    /// is set. It should be well below the shortest lease, and above what the server needs on a bad day. At least 10 ms.
    #[must_use]
    pub fn time_limit(self, limit: Duration) -> Self {
        let time_limit = limit.clamp(SHORTEST_LIMIT, LONGEST_LIMIT);
        Self { records: Arc::new(Records { time_limit, ..Arc::unwrap_or_clone(self.records) }) }
    }

    /// Answers a write only when `replicas` of them have it in memory, and fails after `timeout` if they have not, with an
    /// error that is [retryable](StoreError::is_retryable). The write may have taken effect; repeated, it finds itself. A
    /// completion that fails so leaves its body's effect done, and is tried again by the engine.
    ///
    /// This makes it unlikely that a failover loses the write. It does not rule it out: another replica may be the one that
    /// is promoted, and a primary that is cut off answers until it notices. A primary that `min-replicas-to-write` stops
    /// helps against the latter.
    ///
    /// `WAIT` goes over the connection of the write, right behind it, and holds up what comes after it there. So give the
    /// store a connection of its own, which [`connect`](Self::connect) does. A `timeout` is at least a millisecond and at most
    /// three seconds.
    #[must_use]
    pub fn wait_for_replicas(self, replicas: u32, timeout: Duration) -> Self {
        let replicas = Some(Replicas::new(replicas, timeout));
        Self { records: Arc::new(Records { replicas, ..Arc::unwrap_or_clone(self.records) }) }
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.records.prefix.to_string();
        f.debug_struct("RedisStore").field("prefix", &prefix).finish_non_exhaustive()
    }
}

impl AsStore for RedisStore {
    fn as_store(&self) -> Arc<dyn Store> {
        Arc::<Records>::clone(&self.records)
    }
}

/// The same store, for whoever calls it by itself.
#[async_trait]
impl Store for RedisStore {
    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        self.records.issue(key, lifetime).await
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        self.records.claim(request).await
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        self.records.extend(claim, lease).await
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        self.records.extend_all(extensions).await
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        self.records.abandon(claim).await
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        self.records.complete(claim, outcome, retention).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.records.release(claim).await
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        self.records.lookup(key).await
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        self.records.resolve(key, claim_id, resolution).await
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        self.records.purge_expired(limit).await
    }

    fn listen(&self, key: &Key) -> Option<Box<dyn Listener>> {
        self.records.listen(key)
    }
}

/// Looks through the names of the whole database, in small steps and at most 100,000 in a call, so a page may be empty and not
/// the last. If the primaries of a Cluster have changed since the last page, the next one is refused: list again from the
/// beginning. Do so too if a server was restarted meanwhile, which a cursor does not notice.
#[async_trait]
impl Operator for RedisStore {
    async fn abandoned(&self, from: Option<&Cursor>, limit: u32) -> Result<AbandonedPage, StoreError> {
        self.records.abandoned_page(from, limit).await
    }
}
