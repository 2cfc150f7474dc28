//! What befalls a store and those who use it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Blow {
    /// A worker dies of `kill -9`.
    KillWorker,
    /// A worker is stopped for longer than its leases.
    PauseWorker,
    /// The server dies of `kill -9`, and comes back.
    KillServer,
    /// Every pooled connection is gone at once.
    KillConnections,
    /// There is no room: what finishes a call is refused, or whatever writes.
    Full,
    /// The server takes no writes, as one that a failover made a reader.
    ReadOnly,
    /// The store may not write what finishes a call.
    Forbidden,
    /// Somebody else holds a lock on all records.
    Locked,
    /// There are no connections left.
    TooMany,
    /// The network forwards nothing, and then goes on or hangs up.
    Parted,
}

impl Blow {
    /// Whether it begins and ends, where the others happen once.
    pub(crate) fn lasts(self) -> bool {
        !matches!(self, Self::KillWorker | Self::PauseWorker | Self::KillServer | Self::KillConnections)
    }
}

/// How often each happened.
#[derive(Debug, Default)]
pub(crate) struct Blows(BTreeMap<Blow, u32>);

impl Blows {
    pub(crate) fn count(&mut self, blow: Blow) {
        *self.0.entry(blow).or_default() += 1;
    }

    pub(crate) fn has(&self, blow: Blow) -> bool {
        self.0.contains_key(&blow)
    }
}

impl fmt::Display for Blows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (blow, count)) in self.0.iter().enumerate() {
            let space = if number > 0 { " " } else { "" };
            write!(f, "{space}{blow:?}={count}")?;
        }
        Ok(())
    }
}
