//! Waiting until replicas have what was written.

use std::fmt;
use std::time::Duration;

use idem_core::StoreError;
use redis::{Cmd, RedisResult, Value, cmd};

/// Longer, and the connection would give up before the server does.
const LONGEST: Duration = Duration::from_secs(3);
/// `WAIT` takes nothing for forever.
const SHORTEST: Duration = Duration::from_millis(1);

/// How many replicas must have a write, and how long that may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replicas {
    wanted: u32,
    pub(crate) timeout: Duration,
}

/// Fewer replicas have a write than must.
#[derive(Debug)]
struct TooFew {
    wanted: u32,
    acknowledged: i64,
    timeout: Duration,
}

impl Replicas {
    pub(crate) fn new(wanted: u32, timeout: Duration) -> Self {
        Self { wanted, timeout: timeout.clamp(SHORTEST, LONGEST) }
    }

    /// Waits for all writes of the connection that it is sent on.
    pub(crate) fn wait(self) -> Cmd {
        let mut wait = cmd("WAIT");
        wait.arg(self.wanted).arg(u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX));
        wait
    }

    /// What the server answered to [`wait`](Self::wait).
    pub(crate) fn check(self, answer: RedisResult<Value>) -> Result<(), StoreError> {
        // The write itself was answered, so whatever went wrong with `WAIT`, it may have taken effect.
        let acknowledged = match answer.map_err(StoreError::unavailable)? {
            Value::Int(acknowledged) => acknowledged,
            _ => 0,
        };
        if acknowledged >= i64::from(self.wanted) {
            return Ok(());
        }
        Err(StoreError::unavailable(TooFew { wanted: self.wanted, acknowledged, timeout: self.timeout }))
    }
}

impl fmt::Display for TooFew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wanted, acknowledged, timeout } = self;
        write!(
            f,
            "{acknowledged} of {wanted} replicas had the write within {timeout:?}; it may have taken effect, and may be lost \
             in a failover"
        )
    }
}

impl std::error::Error for TooFew {}
