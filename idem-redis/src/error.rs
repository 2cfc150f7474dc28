//! What an error of Redis means to the caller of a store.
//!
//! The server's own errors are told apart by their code, the first word, never by the text after it.

use idem_core::StoreError;
use redis::{ErrorKind, RedisError, ServerErrorKind};

/// The error of a store.
pub(crate) fn store_error(error: RedisError) -> StoreError {
    use ServerErrorKind::{
        Ask, BusyLoading, ClusterDown, CrossSlot, MasterDown, Moved, NoPerm, NoScript, ReadOnly, TryAgain,
    };

    match error.kind() {
        ErrorKind::Io
        | ErrorKind::ClusterConnectionNotFound
        | ErrorKind::Server(Ask | BusyLoading | ClusterDown | MasterDown | Moved | NoScript | ReadOnly | TryAgain) => {
            StoreError::unavailable(error)
        }
        ErrorKind::AuthenticationFailed | ErrorKind::Server(NoPerm) => refused(error, NOT_ALLOWED),
        ErrorKind::InvalidClientConfig => refused(error, "the URL of the Redis server cannot be used"),
        ErrorKind::Server(CrossSlot) => refused(error, "Redis found the keys of one script in several slots"),
        _ => by_code(error),
    }
}

const NOT_ALLOWED: &str = "Redis does not let this user in, or not do this; the store needs its keys, `EVAL`, `EVALSHA`, \
                           `TIME`, `EXISTS`, `HMGET`, `HSET`, `HDEL`, `DEL`, `PEXPIREAT`, `PERSIST`, and `SCAN` to purge";

fn by_code(error: RedisError) -> StoreError {
    match error.code() {
        // A script of somebody else's runs for long; too few replicas are there for a write; the server became a replica.
        Some("BUSY" | "NOREPLICAS" | "UNBLOCKED") => StoreError::unavailable(error),
        Some("OOM") => refused(
            error,
            "Redis is out of memory (`maxmemory`); give it more, or let records go sooner, but do not let it evict them",
        ),
        Some("MISCONF") => refused(error, "Redis cannot save to its disk, and so refuses writes; see its log"),
        Some("WRONGTYPE") => StoreError::corrupt("a key of the store is not a hash"),
        Some("NOAUTH" | "WRONGPASS") => refused(error, NOT_ALLOWED),
        _ => refused(error, "Redis cannot do this"),
    }
}

fn refused(error: RedisError, what: &str) -> StoreError {
    StoreError::refused(what, Some(error.into()))
}

/// Whether the server does not know the script, which is gone after a flush, a restart or a failover.
pub(crate) fn is_unknown_script(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}
