//! All running claims of a process, and when their leases are due.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::lease::Lease;

/// A lease is renewed when this part of it has passed, so that two renewals may fail before it runs out.
pub(super) const RENEW_AFTER: u32 = 3;
/// A renewal that failed, or that has no answer, is repeated after this part of the lease.
pub(super) const REPEAT_AFTER: u32 = 10;
/// A renewal that begins later than it is due by more than this part of the lease is told of.
const LATE_AFTER: u32 = 6;
/// A lease that is due within this part of it is renewed with one that is due now: one statement for many of them.
const RENEW_TOGETHER: u32 = 10;

/// All running claims. A call that is shorter than a third of its lease only enters and leaves, so that is what is cheap;
/// the thread looks through all of them when one is due.
#[derive(Default)]
pub(super) struct Book {
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// When the thread wakes up of itself; absent while it sleeps until it is told.
    pub(super) wakes_at: Option<Instant>,
}

#[derive(Default)]
struct Slot {
    entry: Option<Entry>,
    /// How many claims have left this slot.
    generation: u64,
}

pub(super) struct Entry {
    lease: Arc<Lease>,
    due_at: Instant,
    /// Its last renewal failed together with others, and one of them may have been the reason.
    alone: bool,
}

/// A claim in the book.
#[derive(Clone, Copy)]
pub(super) struct Place {
    slot: usize,
    generation: u64,
}

/// A lease that is to be renewed now.
pub(super) struct Due {
    pub(super) place: Place,
    pub(super) lease: Arc<Lease>,
    pub(super) alone: bool,
    pub(super) is_late: bool,
}

impl Book {
    pub(super) fn enter(&mut self, lease: Arc<Lease>, due_at: Instant) -> Place {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() - 1
        });
        self.slots[slot].entry = Some(Entry { lease, due_at, alone: false });
        Place { slot, generation: self.slots[slot].generation }
    }

    /// The entry is handed out, to be dropped when the book is closed: it may be the last handle to a store.
    #[must_use]
    pub(super) fn leave(&mut self, place: Place) -> Option<Entry> {
        let slot = self.slot(place)?;
        slot.generation += 1;
        let entry = slot.entry.take();
        self.free.push(place.slot);
        entry
    }

    pub(super) fn put_off(&mut self, place: Place, due_at: Instant, alone: bool) {
        if let Some(entry) = self.slot(place).and_then(|slot| slot.entry.as_mut()) {
            (entry.due_at, entry.alone) = (due_at, alone);
        }
    }

    /// The leases that are due, or nearly, if one is. Each is put off, so that a renewal without an answer is repeated.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Due> {
        if self.first_due().is_none_or(|first| now < first) {
            return Vec::new();
        }
        let mut due = Vec::new();
        for (index, slot) in self.slots.iter_mut().enumerate() {
            let Some(Entry { lease, due_at, alone }) = &mut slot.entry else { continue };
            if *due_at <= now + lease.duration() / RENEW_TOGETHER {
                let is_late = now > *due_at + lease.duration() / LATE_AFTER;
                *due_at = now + lease.duration() / RENEW_AFTER;
                let place = Place { slot: index, generation: slot.generation };
                due.push(Due { place, lease: Arc::clone(lease), alone: *alone, is_late });
            }
        }
        due
    }

    /// When the first lease is due.
    pub(super) fn first_due(&self) -> Option<Instant> {
        self.slots.iter().filter_map(|slot| slot.entry.as_ref()).map(|entry| entry.due_at).min()
    }

    /// The slot of a claim that has not left it.
    fn slot(&mut self, place: Place) -> Option<&mut Slot> {
        self.slots.get_mut(place.slot).filter(|slot| slot.generation == place.generation)
    }
}

/// How long to wait for an answer to a renewal before it is sent again.
pub(super) fn patience(lease: Duration, many: bool) -> Duration {
    // Where many wait for one statement, one of them may be the reason that it does not end; each has to be renewed by
    // itself then, before its lease is over.
    if many { lease / 4 } else { lease / RENEW_AFTER }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AsStore as _, Claim, ClaimId, Fence, Key, MemoryStore, Origin, Scope};

    #[test]
    fn a_renewal_is_late_by_a_part_of_its_lease_and_that_is_told_once() {
        const LEASE: Duration = Duration::from_mins(1);

        let key = Key::new(Scope::from_static("book"), "order").expect("a key");
        let claim_id = ClaimId::random();
        let claim = Claim { key, claim_id, fence: Fence::from_number(1), attempt: 1, origin: Origin::Free };
        let mut book = Book::default();
        let mut due_at = Instant::now();
        book.enter(Arc::new(Lease::new(MemoryStore::new().as_store(), claim, LEASE, due_at)), due_at);
        let late = LEASE / LATE_AFTER + Duration::from_millis(1);
        let told = [(late, true), (late, false), (LEASE / LATE_AFTER, false), (Duration::ZERO, false), (late, true)];
        for (after, is_told) in told {
            let now = due_at + after;
            let due = book.take_due(now).pop().expect("it is due");
            assert_eq!(due.lease.begins_late(due.is_late), is_told, "{after:?} after it was due");
            due_at = now + LEASE / RENEW_AFTER;
        }
    }
}
