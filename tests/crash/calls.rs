//! What workers of all kinds have in common: which calls are left to make, and an end to all of them.

use std::collections::HashMap;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use crate::journal::{self, Entry};
use crate::worker::journal_of;

/// Not a time that is asserted: no worker takes nearly as long. In the long run, ten times of it.
const HANGS: Duration = Duration::from_mins(3);

/// A worker that hangs fails its test instead of hanging that too.
pub(crate) fn end_if_it_hangs() {
    std::thread::sleep(if std::env::var_os("IDEM_CHAOS").is_some() { HANGS * 10 } else { HANGS });
    let _ = writeln!(std::io::stderr(), "crash worker: hangs");
    std::process::exit(1);
}

/// The calls to make: those that a patient caller, or the dead one in whose place it is, has no answer to yet.
pub(crate) fn unanswered(folder: &Path, caller: u32, orders: Range<u32>, calls: impl Fn(u32) -> usize) -> Vec<u32> {
    let mut answered = HashMap::new();
    for entry in journal::read(&journal_of(folder)) {
        if let Entry::Answered { order, caller: answers, answer: Ok(_) } = entry
            && answers == caller
        {
            *answered.entry(order).or_insert(0) += 1;
        }
    }
    let missing = |order| calls(order).saturating_sub(answered.get(&order).copied().unwrap_or(0));
    orders.flat_map(|order| std::iter::repeat_n(order, missing(order))).collect()
}
