//! A worker process: what it is told to do, and the operations that it runs.

use std::fmt::Debug;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use idem::{Abandoned, Execution, InFlight, Operation, Store, idempotent};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::calls::{end_if_it_hangs, unanswered};
use crate::database::Database;
use crate::fault::{Fault, Point, Trap};
use crate::faulty::FaultyStore;
use crate::journal::{Entry, Failure, Journal, Receipt};
use crate::process::Work;

/// What a worker is told to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    /// Where the journal is.
    pub(crate) folder: PathBuf,
    pub(crate) database: Database,
    /// Who calls. A worker that takes the place of a dead one has its number.
    pub(crate) caller: u32,
    pub(crate) orders: Range<u32>,
    /// How many calls there are for each order.
    pub(crate) calls: usize,
    /// How many calls are under way at once.
    pub(crate) at_once: usize,
    pub(crate) lease: Duration,
    pub(crate) policy: Policy,
    pub(crate) body: Body,
    pub(crate) patience: Patience,
    pub(crate) fault: Option<Fault>,
    /// When it begins nothing new any more.
    pub(crate) until: Option<SystemTime>,
}

/// Which of the two operations is called.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Policy {
    Rerun,
    Refuse,
}

/// What the body does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Body {
    Succeeds,
    /// Returns an error before it has had its effect.
    Declines,
    /// Has its effect and does not return.
    Lingers,
    /// Takes a moment before and after its effect, so that a strike finds it at work.
    Works,
    /// The same, and for some orders blocks its thread for longer than the lease.
    Blocks,
}

/// What a caller does with an error that says to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Patience {
    CallsOnce,
    CallsUntilAnswered,
    /// Goes away now and then, wherever the call stands, and calls again; also after an error of a store that is in trouble.
    HangsUp,
}

impl Work for Task {
    const TEST: &'static str = "worker";

    fn environment(&self) -> Vec<(&'static str, String)> {
        self.database.environment()
    }
}

pub(crate) fn journal_of(folder: &Path) -> PathBuf {
    folder.join("journal")
}

impl Task {
    /// All calls, or those that a patient caller has no answer to.
    fn calls(&self) -> Vec<u32> {
        match self.patience {
            Patience::CallsOnce => {
                self.orders.clone().flat_map(|order| std::iter::repeat_n(order, self.calls)).collect()
            }
            Patience::CallsUntilAnswered | Patience::HangsUp => {
                unanswered(&self.folder, self.caller, self.orders.clone(), |_| self.calls)
            }
        }
    }
}

/// The whole life of a worker.
pub(crate) fn work(task: &Task) {
    std::thread::spawn(end_if_it_hangs);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime can be built");
    runtime.block_on(async {
        let service = Arc::new(Service::open(task.clone()).await);
        service.trap.reach(Point::Start).await;
        let calls = Arc::new(task.calls());
        let next = Arc::new(AtomicUsize::new(0));
        let mut running = JoinSet::new();
        for _ in 0..task.at_once {
            let (service, calls, next) = (Arc::clone(&service), Arc::clone(&calls), Arc::clone(&next));
            running.spawn(async move {
                while let Some(order) = calls.get(next.fetch_add(1, Ordering::Relaxed))
                    && service.task.until.is_none_or(|until| SystemTime::now() < until)
                {
                    service.call(*order).await;
                }
            });
        }
        running.join_all().await;
    });
    // A body that was dropped may have left a thread behind that waits for a line.
    runtime.shutdown_background();
}

/// An application.
struct Service {
    store: Arc<dyn Store>,
    calls: AtomicU64,
    journal: Arc<Journal>,
    trap: Arc<Trap>,
    task: Task,
}

impl Service {
    async fn open(task: Task) -> Self {
        let journal = Arc::new(Journal::open(&journal_of(&task.folder)));
        let subscriber = tracing_subscriber::registry().with(Listener(Arc::clone(&journal)));
        tracing::subscriber::set_global_default(subscriber).expect("a worker listens once");
        let trap = Arc::new(Trap::new(task.fault));
        let store = FaultyStore::new(task.database.open().await, Arc::clone(&journal), Arc::clone(&trap));
        Self { store: Arc::new(store), calls: AtomicU64::new(0), journal, trap, task }
    }

    /// Calls as a client does, and logs each answer.
    async fn call(&self, order: u32) {
        loop {
            if let Ok(answer) = tokio::time::timeout(self.until_it_hangs_up(), self.ask(order)).await {
                let again = answer.as_ref().is_err_and(|failure| self.tries_again(failure));
                self.journal.append(&Entry::Answered { order, caller: self.task.caller, answer });
                if !again {
                    return;
                }
            }
            // A server that is away stays so for a while.
            a_moment().await;
        }
    }

    async fn ask(&self, order: u32) -> Result<Receipt, Failure> {
        match self.task.policy {
            Policy::Rerun => self.charge(order).await,
            Policy::Refuse => self.pay_out(order).await,
        }
    }

    /// Mostly it does not.
    fn until_it_hangs_up(&self) -> Duration {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        if self.task.patience == Patience::HangsUp && number.is_multiple_of(5) {
            Duration::from_micros(number * 700 % 9_000)
        } else {
            Duration::MAX
        }
    }

    fn tries_again(&self, failure: &Failure) -> bool {
        match self.task.patience {
            Patience::CallsOnce => false,
            Patience::CallsUntilAnswered => failure.is_retryable(),
            Patience::HangsUp => !failure.is_final(),
        }
    }

    #[idempotent(
        store = self.store,
        scope = "crash.charge",
        key = order,
        lease = self.task.lease,
        in_flight = wait("1m"),
        context = execution
    )]
    async fn charge(&self, order: u32) -> Result<Receipt, Failure> {
        self.run(order, &execution).await
    }

    /// The same without the attribute, and with the other policy.
    async fn pay_out(&self, order: u32) -> Result<Receipt, Failure> {
        Operation::new("crash.pay_out", &order)
            .lease(self.task.lease)
            .in_flight(InFlight::Wait(Duration::from_mins(1)))
            .abandoned(Abandoned::Refuse)
            .run(&self.store, async |execution| self.run(order, &execution).await)
            .await
            .map(idem::Answer::into_inner)
    }

    async fn run(&self, order: u32, execution: &Execution) -> Result<Receipt, Failure> {
        if self.task.body == Body::Declines {
            return Err(Failure::Declined);
        }
        self.trap.reach(Point::BodyBeforeEffect).await;
        self.take_a_moment(order).await;
        let (fence, attempt) = (execution.fence().number(), execution.attempt());
        let receipt = Receipt { order, fence, attempt, pid: std::process::id() };
        self.journal.append(&Entry::Effect(receipt.clone()));
        self.trap.reach(Point::BodyAfterEffect).await;
        match self.task.body {
            Body::Works | Body::Blocks => self.take_a_moment(order).await,
            Body::Lingers => std::future::pending().await,
            Body::Succeeds | Body::Declines => {}
        }
        Ok(receipt)
    }

    async fn take_a_moment(&self, order: u32) {
        if self.task.body == Body::Blocks && order % 40 == 17 {
            std::thread::sleep(self.task.lease.mul_f64(1.2));
        } else if matches!(self.task.body, Body::Works | Body::Blocks) {
            a_moment().await;
        }
    }
}

async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(2)).await;
}

/// Writes down when the engine reports an outcome that it returned and could not store.
struct Listener(Arc<Journal>);

impl<S: tracing::Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut report = Report::default();
        event.record(&mut report);
        if let (Some(fence), true) = (report.fence, report.not_stored) {
            self.0.append(&Entry::NotStored { fence });
        }
    }
}

#[derive(Default)]
struct Report {
    fence: Option<i64>,
    not_stored: bool,
}

impl Visit for Report {
    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "fence" {
            self.fence = Some(value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.not_stored |= field.name() == "message" && format!("{value:?}").contains("not stored");
    }
}
