//! What an error of Redis means to the caller of a store.
//!
//! The server's own errors are told apart by their code, the first word, never by the text after it. A script that the server
//! refuses has changed nothing: it refuses at the first command that writes, or not at all.

use std::fmt;

use idem_core::StoreError;
use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// There was no connection, so nothing was sent.
    NotSent(RedisError),
    /// The connection was lost before the answer came, or before the question went out.
    Broken(RedisError),
    /// Another error of the connection.
    Unknown(RedisError),
    /// The time was up before the answer came.
    Late,
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(error) => match store_error(error, Sent::Once) {
                // What the server said while it was connected to, it said before anything was sent.
                error if error.is_ambiguous() => {
                    let code = error.code().map(str::to_owned);
                    with_code(StoreError::not_now(UNREACHABLE, Some(Box::new(error))), code)
                }
                error => error,
            },
            Failure::Broken(error) | Failure::Unknown(error) => store_error(error, Sent::MaybeTwice),
            Failure::Late => StoreError::unavailable("Redis did not answer in time"),
        }
    }
}

const UNREACHABLE: &str = "there is no connection to Redis; is the server up, and does it take more connections?";
const NOT_ALLOWED: &str = "Redis refused the login or a command of this user; the store needs its keys, `EVAL`, `EVALSHA`, \
                           `TIME`, `EXISTS`, `HMGET`, `HSET`, `HDEL`, `DEL`, `PEXPIREAT`, `PERSIST`, and `SCAN` to purge";

/// How often a command may have reached the server, when it answers with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    Once,
    /// The answer to an earlier one was lost, so that one may have taken effect whatever becomes of this one.
    MaybeTwice,
}

/// The error of a store, with the server's code if the server said it.
pub(crate) fn store_error(error: RedisError, sent: Sent) -> StoreError {
    let code = error.code().map(str::to_owned);
    with_code(by_kind(error, sent), code)
}

fn with_code(error: StoreError, code: Option<String>) -> StoreError {
    match code {
        Some(code) => error.with_code(code),
        None => error,
    }
}

fn by_kind(error: RedisError, sent: Sent) -> StoreError {
    use ServerErrorKind::{
        Ask, BusyLoading, ClusterDown, CrossSlot, MasterDown, Moved, NoPerm, NoScript, ReadOnly, TryAgain,
    };

    let not_now = |error, what| not_now(error, what, sent);
    match error.kind() {
        ErrorKind::Io | ErrorKind::ClusterConnectionNotFound => StoreError::unavailable(error),
        ErrorKind::Server(Ask | ClusterDown | Moved | NoScript | TryAgain) => {
            not_now(error, "the Redis Cluster does not serve this key at the moment")
        }
        ErrorKind::Server(BusyLoading) => not_now(error, "Redis is loading its data"),
        ErrorKind::Server(ReadOnly | MasterDown) => not_now(
            error,
            "this Redis server is a replica, as a primary is after a failover; connect to a name that leads to the primary",
        ),
        ErrorKind::AuthenticationFailed | ErrorKind::Server(NoPerm) => refused(error, NOT_ALLOWED),
        ErrorKind::InvalidClientConfig => refused(error, "the URL of the Redis server cannot be used"),
        ErrorKind::Server(CrossSlot) => refused(error, "Redis found the keys of one script in several slots"),
        _ => by_code(error, sent),
    }
}

fn by_code(error: RedisError, sent: Sent) -> StoreError {
    let not_now = |error, what| not_now(error, what, sent);
    match error.code() {
        Some("BUSY") => not_now(error, "a script of somebody else runs on the Redis server, and nothing else does"),
        Some("NOREPLICAS") => not_now(error, "fewer replicas than `min-replicas-to-write` follow the Redis server"),
        Some("OOM") => not_now(
            error,
            "Redis is out of memory (`maxmemory`); give it more, or let records go sooner, but do not let it evict them",
        ),
        Some("MISCONF") => not_now(error, "Redis cannot save to its disk, and so refuses writes; see its log"),
        Some("WRONGTYPE") => StoreError::corrupt("a key of the store is not a hash"),
        Some("NOAUTH" | "WRONGPASS") => refused(error, NOT_ALLOWED),
        _ => refused(error, "Redis cannot do this"),
    }
}

/// The server will not now. That this one took no effect says nothing of an earlier one.
fn not_now(error: RedisError, what: &'static str, sent: Sent) -> StoreError {
    match sent {
        Sent::Once => StoreError::not_now(what, Some(error.into())),
        Sent::MaybeTwice => StoreError::unavailable(NotNow { what, error }),
    }
}

fn refused(error: RedisError, what: &str) -> StoreError {
    StoreError::refused(what, Some(error.into()))
}

/// What the server says now of a call that it may have taken before.
#[derive(Debug)]
struct NotNow {
    what: &'static str,
    error: RedisError,
}

impl fmt::Display for NotNow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl std::error::Error for NotNow {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Whether the server does not know the script, which is gone after a flush, a restart or a failover.
pub(crate) fn is_unknown_script(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}
