//! A database, a folder with a journal, and the supervisor's own eyes on both.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use idem::{Key, Observed, Record, Scope, State, Store};
use tempfile::TempDir;

use crate::account::{Account, Order};
use crate::database::Database;
use crate::journal::{self, Journal, Receipt};
use crate::process::Worker;
use crate::worker::{self, Body, Patience, Policy, Task};

/// The lease of a worker that will be killed or paused: how long the others wait for it.
pub(crate) const SHORT: Duration = Duration::from_millis(300);
/// The lease of all others, which no slow machine outlasts: what they do does not depend on time.
pub(crate) const LONG: Duration = Duration::from_hours(1);

pub(crate) struct Site {
    folder: TempDir,
    database: Database,
    pub(crate) store: Arc<dyn Store>,
}

impl Site {
    /// With a database that may be in the folder.
    pub(crate) async fn open(database: impl FnOnce(&Path) -> Database) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let database = database(folder.path());
        let store = database.open().await;
        Self { folder, database, store }
    }

    /// One call of `charge` for one order, by a caller whom nothing befalls.
    pub(crate) fn task(&self, order: u32) -> Task {
        Task {
            folder: self.folder.path().to_owned(),
            database: self.database.clone(),
            caller: 0,
            orders: order..order + 1,
            calls: 1,
            at_once: 1,
            lease: LONG,
            policy: Policy::Rerun,
            body: Body::Succeeds,
            patience: Patience::CallsOnce,
            fault: None,
            until: None,
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

    /// How many callers were told something else than the record says now. The engine has reported each outcome that they
    /// may have been told instead, or the account would not have passed.
    pub(crate) async fn unkept(&self, account: &Account) -> usize {
        let mut unkept = 0;
        for (number, order) in &account.orders {
            let kept = stored(&self.record(*number).await);
            assert!(order.receipts.contains(&kept), "nobody was told what is kept: {kept:?} {order:#?}");
            unkept += order.receipts.iter().filter(|receipt| **receipt != kept).count();
        }
        unkept
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
