//! The clock of the memory store.

use std::time::{Duration, Instant, SystemTime};

use crate::Timestamp;

/// A clock that starts at the time of day, so that fences grow across a restart of the process too, and that never tells one
/// instant twice, so that they grow across a purge.
#[derive(Debug)]
pub(super) struct Clock {
    started: Instant,
    started_at: Timestamp,
    last: Timestamp,
}

impl Clock {
    pub(super) fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let started_at = Timestamp::from_micros(0) + since_epoch;
        Self { started: Instant::now(), started_at, last: started_at }
    }

    pub(super) fn now(&mut self) -> Timestamp {
        let next = self.last + Duration::from_micros(1);
        self.last = next.max(self.started_at + self.started.elapsed());
        self.last
    }
}
