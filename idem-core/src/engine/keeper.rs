//! The one background thread of a process: it renews the leases of all running claims, and finishes what dropped calls
//! left behind.
//!
//! A thread with a runtime of its own, because a body may block the thread that it is polled on, and with it everything
//! that is queued there. And one for all claims, because a task per call would be the dearest thing in the engine.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Notify;

use crate::StoreError;

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

/// All running claims, by number, and the order in which they are due.
#[derive(Default)]
struct Book {
    leases: HashMap<u64, Entry>,
    due: BTreeSet<(Instant, u64)>,
    last: u64,
    /// When the thread wakes up of itself; absent while it sleeps until it is told.
    wakes_at: Option<Instant>,
}

struct Entry {
    lease: Arc<Lease>,
    due_at: Instant,
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
        book.last += 1;
        let number = book.last;
        book.leases.insert(number, Entry { lease, due_at });
        book.due.insert((due_at, number));
        if book.wakes_at.is_none_or(|wakes_at| due_at < wakes_at) {
            book.wakes_at = Some(due_at);
            self.changed.notify_one();
        }
        Renewal { keeper: self, number }
    }

    /// Settles a claim in the background, renewing its lease meanwhile if `renewal` is given.
    pub(super) fn detach(&self, settlement: Settlement, renewal: Option<Renewal>) {
        self.runtime.spawn(async move {
            settlement.run().await;
            drop(renewal);
        });
    }

    fn keep(&'static self, runtime: &Runtime) {
        runtime.block_on(async {
            loop {
                let (due, wakes_at) = self.take_due(Instant::now());
                for (number, lease) in due {
                    tokio::spawn(self.renew_once(number, lease));
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
    fn take_due(&self, now: Instant) -> (Vec<(u64, Arc<Lease>)>, Option<Instant>) {
        let mut book = self.book();
        let later = book.due.split_off(&(now, u64::MAX));
        let numbers = std::mem::replace(&mut book.due, later);
        let due = numbers
            .into_iter()
            .filter_map(|(_, number)| {
                let lease = Arc::clone(&book.leases.get(&number)?.lease);
                book.put_off(number, now + lease.duration() / RENEW_AFTER);
                Some((number, lease))
            })
            .collect();
        // An alarm that was set for a claim which has ended stays set: resetting it would wake the thread for each call.
        book.wakes_at = book.due.first().map(|(at, _)| *at);
        (due, book.wakes_at)
    }

    async fn renew_once(&self, number: u64, lease: Arc<Lease>) {
        let asked_at = Instant::now();
        let patience = lease.duration() / RENEW_AFTER;
        match tokio::time::timeout(patience, lease.store().extend(lease.claim(), lease.duration())).await {
            Ok(Ok(())) => self.book().put_off(number, asked_at + lease.duration() / RENEW_AFTER),
            Ok(Err(error)) if error.is_claim_lost() => {
                self.book().remove(number);
                lease.lose();
            }
            Ok(Err(_)) | Err(_) => self.repeat(number, lease.duration()),
        }
    }

    fn repeat(&self, number: u64, lease: Duration) {
        let at = Instant::now() + lease / REPEAT_AFTER;
        let mut book = self.book();
        book.put_off(number, at);
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
    fn put_off(&mut self, number: u64, at: Instant) {
        if let Some(entry) = self.leases.get_mut(&number) {
            self.due.remove(&(entry.due_at, number));
            entry.due_at = at;
            self.due.insert((at, number));
        }
    }

    fn remove(&mut self, number: u64) {
        if let Some(entry) = self.leases.remove(&number) {
            self.due.remove(&(entry.due_at, number));
        }
    }
}

/// Renews a lease for as long as it lives.
pub(super) struct Renewal {
    keeper: &'static Keeper,
    number: u64,
}

impl Drop for Renewal {
    fn drop(&mut self) {
        self.keeper.book().remove(self.number);
    }
}
