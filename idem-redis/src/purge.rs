//! Removing what has expired before Redis does.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::future::try_join_all;
use idem_core::StoreError;
use redis::{Value, cmd, from_redis_value};

use crate::connection::Node;
use crate::error::{Sent, store_error};
use crate::records::{Call, Records};
use crate::script;
use crate::worker::PerProcess;

/// How many names a step of a scan looks at. Redis does nothing else meanwhile.
const STEP: u32 = 500;
/// How many steps a call takes, so that it ends though the database is large.
pub(crate) const MOST_STEPS: u32 = 200;
/// How many records are looked at together.
pub(crate) const TOGETHER: usize = 64;

/// Where the next call goes on.
#[derive(Default)]
pub(crate) struct Cursors {
    /// For each node that a call did not get to the end of.
    nodes: PerProcess<Mutex<HashMap<Node, u64>>>,
    /// How many calls there were. Each begins at the next node, so that none is always the last.
    calls: AtomicUsize,
}

impl Cursors {
    fn of(&self, node: &Node) -> u64 {
        self.nodes().get(node).copied().unwrap_or(0)
    }

    fn next_first(&self, nodes: &mut [Node]) {
        let first = self.calls.fetch_add(1, Ordering::Relaxed) % nodes.len().max(1);
        nodes.rotate_left(first);
    }

    fn set(&self, node: &Node, cursor: u64) {
        self.nodes().insert(node.clone(), cursor);
    }

    fn nodes(&self) -> MutexGuard<'_, HashMap<Node, u64>> {
        let Ok(nodes) = self.nodes.get_or_make(|| Ok::<_, Infallible>(Mutex::default()));
        // Nothing panics under this lock, so a poisoned one protects nothing.
        nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cursors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursors").finish_non_exhaustive()
    }
}

/// What is left of a call at one node.
struct Budget {
    records: u64,
    steps: u32,
}

impl Records {
    pub(crate) async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        let limit = u64::from(limit);
        let mut left = Budget { records: limit, steps: 0 };
        let mut steps = MOST_STEPS;
        let call = self.call();
        let mut nodes = self.connection.nodes(call.until).await?;
        self.cursors.next_first(&mut nodes);
        for (node, still) in nodes.iter().zip((1..=nodes.len()).rev()) {
            left.steps = share(steps, still);
            steps -= left.steps;
            self.purge_node(node, call, &mut left).await?;
            steps += left.steps;
        }
        Ok(limit - left.records)
    }

    /// Goes on where the last call ended, and, at the end, once around from the beginning.
    async fn purge_node(&self, node: &Node, call: Call<'_>, left: &mut Budget) -> Result<(), StoreError> {
        let mut cursor = self.cursors.of(node);
        let mut is_last_round = cursor == 0;
        // What is not done when the time is up, the next call does.
        while left.records > 0 && left.steps > 0 && Instant::now() < call.until {
            left.steps -= 1;
            let (next, names) = self.scan(node, cursor).await?;
            self.remove(&names, left).await?;
            if left.records == 0 {
                // Of this step there may be more.
                break;
            }
            cursor = next;
            if cursor == 0 {
                if is_last_round {
                    break;
                }
                is_last_round = true;
            }
        }
        self.cursors.set(node, cursor);
        Ok(())
    }

    /// One step of a scan: where the next one begins, and what was found.
    pub(crate) async fn scan(&self, node: &Node, cursor: u64) -> Result<(u64, Vec<Vec<u8>>), StoreError> {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(self.prefix.pattern()).arg("COUNT").arg(STEP).arg("TYPE").arg("hash");
        let answer = self.connection.send_to(node, scan, self.call().until).await?;
        from_redis_value(answer).map_err(|error| store_error(error.into(), Sent::Once))
    }

    /// Removes those that have expired, and never more than are left to remove.
    async fn remove(&self, mut names: &[Vec<u8>], left: &mut Budget) -> Result<(), StoreError> {
        let none: [&str; 0] = [];
        while !names.is_empty() && left.records > 0 {
            let most = usize::try_from(left.records).unwrap_or(TOGETHER).min(TOGETHER).min(names.len());
            let (some, others) = names.split_at(most);
            let removals = some.iter().map(|name| self.call().run(&script::PURGE, name, &none, None));
            for (removed, _) in try_join_all(removals).await? {
                left.records -= u64::from(removed == Value::Int(1));
            }
            names = others;
        }
        Ok(())
    }
}

/// How many steps the next node gets if as many nodes as `still` share what is left. One that is large leaves enough for the others,
/// which get what one that is small does not need.
fn share(steps: u32, still: usize) -> u32 {
    u32::try_from(still).map_or(0, |still| steps.div_ceil(still.max(1)))
}

#[cfg(test)]
mod tests {
    use super::{MOST_STEPS, share};

    #[test]
    fn no_node_takes_the_steps_of_the_others() {
        let mut left = MOST_STEPS;
        let shares = [3, 2, 1].map(|still| {
            let share = share(left, still);
            left -= share;
            share
        });
        assert_eq!(shares, [67, 67, 66]);
        assert_eq!(share(MOST_STEPS, 1), MOST_STEPS);
        assert_eq!(share(2, 300), 1);
        assert_eq!(share(0, 300), 0);
    }
}
