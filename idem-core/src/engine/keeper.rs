//! The one background thread of a process: it renews the leases of all running claims, and finishes what dropped calls
//! left behind.
//!
//! A thread with a runtime of its own, because a body may block the thread that it is polled on, and with it everything
//! that is queued there. And one for all claims, because a task per call would be the dearest thing in the engine.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Notify;

use crate::{Key, Listener, Store, StoreError};

use super::lease::Lease;
use super::settle::Settlement;

/// A lease is renewed when this part of it has passed, so that two renewals may fail before it runs out.
const RENEW_AFTER: u32 = 3;
/// A renewal that failed, or that has no answer, is repeated after this part of the lease.
const REPEAT_AFTER: u32 = 10;

pub(super) struct Keeper {
    book: Mutex<Book>,
    changed: Notify,
    runtime: Handle,
}

/// All running claims. A call that is shorter than a third of its lease only enters and leaves, so that is what is cheap;
/// the thread looks through all of them when one may be due.
#[derive(Default)]
struct Book {
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// When the thread wakes up of itself; absent while it sleeps until it is told.
    wakes_at: Option<Instant>,
}

#[derive(Default)]
struct Slot {
    entry: Option<Entry>,
    /// How many claims have left this slot.
    generation: u64,
}

struct Entry {
    lease: Arc<Lease>,
    due_at: Instant,
}

/// A claim in the book.
#[derive(Clone, Copy)]
struct Place {
    slot: usize,
    generation: u64,
}

impl Keeper {
    /// The keeper of this process, started at the first call.
    pub(super) fn shared() -> Result<&'static Self, StoreError> {
        static SHARED: LazyLock<Result<&'static Keeper, String>> =
            LazyLock::new(|| Keeper::start().map_err(|error| error.to_string()));

        SHARED.as_ref().copied().map_err(|error| {
            StoreError::refused(format!("the thread that renews leases could not be started: {error}"), None)
        })
    }

    fn start() -> std::io::Result<&'static Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let keeper: &'static Self = Box::leak(Box::new(Self {
            book: Mutex::default(),
            changed: Notify::new(),
            runtime: runtime.handle().clone(),
        }));
        std::thread::Builder::new().name("idem-keeper".into()).spawn(move || keeper.keep(&runtime))?;
        Ok(keeper)
    }

    /// Renews `lease` until the renewal is dropped. `since` is when the claim was asked for: its lease began after that.
    pub(super) fn renew(&'static self, lease: Arc<Lease>, since: Instant) -> Renewal {
        let due_at = since + lease.duration() / RENEW_AFTER;
        let mut book = self.book();
        let place = book.enter(Entry { lease, due_at });
        self.wake_by(&mut book, due_at);
        Renewal { keeper: self, place }
    }

    /// Settles a claim in the background, renewing its lease meanwhile if `renewal` is given.
    pub(super) fn detach(&self, settlement: Settlement, renewal: Option<Renewal>) {
        self.runtime.spawn(async move {
            settlement.run().await;
            drop(renewal);
        });
    }

    /// Lets a store begin to listen from within this runtime, so that what it spawns for that is not blocked by bodies.
    pub(super) fn listen(&self, store: &dyn Store, key: &Key) -> Option<Box<dyn Listener>> {
        let _entered = self.runtime.enter();
        store.listen(key)
    }

    fn keep(&'static self, runtime: &Runtime) {
        runtime.block_on(async {
            loop {
                let (due, wakes_at) = self.take_due(Instant::now());
                for (place, lease) in due {
                    tokio::spawn(self.renew_once(place, lease));
                }
                let alarm = async {
                    match wakes_at {
                        Some(at) => tokio::time::sleep_until(at.into()).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = alarm => {}
                    () = self.changed.notified() => {}
                }
            }
        });
    }

    /// The leases that are due, each put off so that a renewal without an answer is repeated, and when to look again.
    fn take_due(&self, now: Instant) -> (Vec<(Place, Arc<Lease>)>, Option<Instant>) {
        let mut book = self.book();
        let due = book.take_due(now);
        // An alarm that was set for a claim which has ended stays set: resetting it would wake the thread for each call.
        book.wakes_at = book.entries().map(|entry| entry.due_at).min();
        (due, book.wakes_at)
    }

    async fn renew_once(&self, place: Place, lease: Arc<Lease>) {
        let asked_at = Instant::now();
        let patience = lease.duration() / RENEW_AFTER;
        match tokio::time::timeout(patience, lease.store().extend(lease.claim(), lease.duration())).await {
            Ok(Ok(())) => self.book().put_off(place, asked_at + lease.duration() / RENEW_AFTER),
            Ok(Err(error)) if error.is_claim_lost() => {
                let _left = self.book().leave(place);
                lease.not_renewed();
            }
            Ok(Err(_)) | Err(_) => self.repeat(place, lease.duration()),
        }
    }

    fn repeat(&self, place: Place, lease: Duration) {
        let at = Instant::now() + lease / REPEAT_AFTER;
        let mut book = self.book();
        book.put_off(place, at);
        self.wake_by(&mut book, at);
    }

    /// Sees to it that the thread looks at the book at `at`; it is told only if it would sleep longer.
    fn wake_by(&self, book: &mut Book, at: Instant) {
        if book.wakes_at.is_none_or(|wakes_at| at < wakes_at) {
            book.wakes_at = Some(at);
            self.changed.notify_one();
        }
    }

    /// Nothing panics while the book is open, so a poisoned lock protects nothing.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn enter(&mut self, entry: Entry) -> Place {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() - 1
        });
        self.slots[slot].entry = Some(entry);
        Place { slot, generation: self.slots[slot].generation }
    }

    /// The entry is handed out, to be dropped when the book is closed: it may be the last handle to a store.
    #[must_use]
    fn leave(&mut self, place: Place) -> Option<Entry> {
        let slot = self.slot(place)?;
        slot.generation += 1;
        let entry = slot.entry.take();
        self.free.push(place.slot);
        entry
    }

    fn put_off(&mut self, place: Place, at: Instant) {
        if let Some(entry) = self.slot(place).and_then(|slot| slot.entry.as_mut()) {
            entry.due_at = at;
        }
    }

    /// The slot of a claim that has not left it.
    fn slot(&mut self, place: Place) -> Option<&mut Slot> {
        self.slots.get_mut(place.slot).filter(|slot| slot.generation == place.generation)
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().filter_map(|slot| slot.entry.as_ref())
    }

    fn take_due(&mut self, now: Instant) -> Vec<(Place, Arc<Lease>)> {
        let mut due = Vec::new();
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if let Some(entry) = slot.entry.as_mut().filter(|entry| entry.due_at <= now) {
                entry.due_at = now + entry.lease.duration() / RENEW_AFTER;
                due.push((Place { slot: index, generation: slot.generation }, Arc::clone(&entry.lease)));
            }
        }
        due
    }
}

/// Renews a lease for as long as it lives.
pub(super) struct Renewal {
    keeper: &'static Keeper,
    place: Place,
}

impl Drop for Renewal {
    fn drop(&mut self) {
        let _left = self.keeper.book().leave(self.place);
    }
}
