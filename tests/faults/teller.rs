//! A worker process of transaction mode: it asks the bank for transfers until it has an answer to each.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::bank::{Bank, Variant, failure};
use crate::calls::{end_if_it_hangs, unanswered};
use crate::database::{Database, Isolation};
use crate::fault::{Fault, Point, Trap};
use crate::journal::{Entry, Failure, Journal};
use crate::process::Work;
use crate::worker;

/// How long a caller waits before it gives up and asks again; the call is dropped wherever it stands.
const IMPATIENCE: Duration = Duration::from_secs(5);
/// What a caller does after a failure.
const PAUSE: Duration = Duration::from_millis(20);

/// What a teller is told to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Transfers {
    /// Where the journal is.
    pub(crate) folder: PathBuf,
    pub(crate) database: Database,
    /// Which of the callers it is. One that takes the place of a dead one has its number.
    pub(crate) caller: u32,
    pub(crate) callers: u32,
    pub(crate) orders: Range<u32>,
    pub(crate) at_once: usize,
    pub(crate) isolation: Isolation,
    pub(crate) variant: Variant,
    pub(crate) fault: Option<Fault>,
    /// When it begins nothing new any more.
    pub(crate) until: Option<SystemTime>,
}

impl Work for Transfers {
    const TEST: &'static str = "teller";
}

/// How often an order is asked for, by all callers together.
pub(crate) fn requests(order: u32) -> u32 {
    2 + order.wrapping_mul(2_654_435_761) / 7 % 4
}

impl Transfers {
    /// How often this caller asks for an order: the first of its requests go to changing callers, and each has its share.
    pub(crate) fn requests(&self, order: u32) -> usize {
        if self.callers == 1 {
            return 1;
        }
        (0..requests(order)).filter(|request| (request + order) % self.callers == self.caller).count()
    }

    fn is_over(&self) -> bool {
        self.until.is_some_and(|until| SystemTime::now() >= until)
    }
}

/// The whole life of a teller.
pub(crate) fn work(task: &Transfers) {
    std::thread::spawn(end_if_it_hangs);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime can be built").block_on(async {
        let calls = unanswered(&task.folder, task.caller, task.orders.clone(), |order| task.requests(order));
        let (teller, calls) = (Arc::new(Teller::new(task.clone())), Arc::new(calls));
        teller.trap.reach(Point::Start).await;
        let next = Arc::new(AtomicUsize::new(0));
        let mut running = JoinSet::new();
        for _ in 0..task.at_once {
            let (teller, calls, next) = (Arc::clone(&teller), Arc::clone(&calls), Arc::clone(&next));
            running.spawn(async move {
                while let Some(order) = calls.get(next.fetch_add(1, Ordering::Relaxed))
                    && !teller.task.is_over()
                {
                    teller.call(*order).await;
                }
            });
        }
        running.join_all().await;
    });
}

struct Teller {
    bank: Bank,
    journal: Journal,
    trap: Trap,
    task: Transfers,
}

impl Teller {
    fn new(task: Transfers) -> Self {
        let bank = Bank::open(&task.database, task.isolation, task.variant);
        let journal = Journal::open(&worker::journal_of(&task.folder));
        Self { bank, journal, trap: Trap::new(task.fault), task }
    }

    /// Asks until there is an answer, and logs that.
    async fn call(&self, order: u32) {
        loop {
            let answer = match tokio::time::timeout(IMPATIENCE, self.bank.transfer(order, &self.trap)).await {
                Ok(answer) => answer.map_err(|error| failure(&error)),
                Err(_) => Err(Failure::Unavailable),
            };
            match answer {
                Err(failure) if failure.is_retryable() => tokio::time::sleep(PAUSE).await,
                Err(failure) => panic!("order {order}: {failure:?}"),
                Ok(_) => {
                    self.journal.append(&Entry::Answered { order, caller: self.task.caller, answer });
                    return;
                }
            }
        }
    }
}
