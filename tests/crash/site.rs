//! A folder with one database and one journal, and the supervisor's own eyes on both.

use std::path::Path;
use std::time::Duration;

use idem::{Key, Observed, Record, Scope, SqliteStore, State, Store as _};
use tempfile::TempDir;

use crate::account::{Account, Order};
use crate::journal::{self, Journal, Receipt};
use crate::process::Worker;
use crate::worker::{self, Body, Patience, Policy, Task};

/// The lease of a worker that will be killed or paused: how long the others wait for it.
pub(crate) const SHORT: Duration = Duration::from_millis(300);
/// The lease of all others, which no slow machine outlasts: what they do does not depend on time.
pub(crate) const LONG: Duration = Duration::from_hours(1);

pub(crate) struct Site {
    folder: TempDir,
    pub(crate) store: SqliteStore,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let store = SqliteStore::open(worker::database(folder.path())).await.expect("the database can be created");
        Self { folder, store }
    }

    /// One call of `charge` for one order, by a caller whom nothing befalls.
    pub(crate) fn task(&self, order: u32) -> Task {
        Task {
            folder: self.folder.path().to_owned(),
            caller: 0,
            orders: order..order + 1,
            calls: 1,
            at_once: 1,
            lease: LONG,
            policy: Policy::Rerun,
            body: Body::Succeeds,
            patience: Patience::CallsOnce,
            fault: None,
        }
    }

    /// Calls `charge` from a process of its own, and waits for its answer.
    pub(crate) fn call(&self, order: u32) {
        Worker::start(&self.task(order)).finish();
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::open(&worker::journal_of(self.folder.path()))
    }

    /// What the journal says, with all that holds always checked.
    pub(crate) fn account(&self) -> Account {
        let account = Account::of(journal::read(&worker::journal_of(self.folder.path())));
        account.check();
        account
    }

    /// What the journal says of one order, with all that holds always checked.
    pub(crate) fn order(&self, order: u32) -> Order {
        self.account().orders.remove(&order).expect("the order is in the journal")
    }

    /// Whether nobody holds the database's one write lock. Nothing here ever expires, so nothing is removed.
    pub(crate) async fn is_writable(&self) -> bool {
        self.store.purge_expired(1).await.is_ok()
    }

    /// The record of an order, and the store's clock.
    pub(crate) async fn observe(&self, scope: &'static str, order: u32) -> Observed {
        let key = Key::new(Scope::from_static(scope), &order).expect("a number is a key");
        let found = self.store.lookup(&key).await.expect("the store answers");
        found.expect("the order has a record")
    }

    /// The record of an order of `charge`.
    pub(crate) async fn record(&self, order: u32) -> Record {
        self.observe("crash.charge", order).await.record
    }
}

/// The receipt that a finished record holds.
pub(crate) fn stored(record: &Record) -> Receipt {
    let State::Finished(outcome) = &record.state else { panic!("the order is not finished: {record:?}") };
    serde_json::from_str(&outcome.text).expect("the outcome is a receipt")
}
