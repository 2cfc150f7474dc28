//! Random interleavings of callers that load, write, meet conflicts and try again, in transactions and outside: whatever was
//! applied and committed is in the row, and nothing else is.

use idem_sqlx::entity::{Database, EntityError, Retry, StoredIn, Versioned as _, Write};
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use sqlx::{Pool, Transaction};
use tokio::task::JoinSet;

use crate::common::TestDatabase as _;
use crate::common::sqlite::Folder;
use crate::samples::Order;
use crate::{EntityTest, common, inserted, tables};

const CALLERS: usize = 3;

/// What a caller does next.
#[derive(Debug, Clone, Copy)]
enum Step {
    Load,
    /// Adds to what was loaded, however long ago.
    Add(i32),
    /// Adds to what is there, in one go.
    Modify(i32),
    Begin,
    Commit,
    Rollback,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Load),
        6 => (1..100).prop_map(Step::Add),
        2 => (1..100).prop_map(Step::Modify),
        2 => Just(Step::Begin),
        3 => Just(Step::Commit),
        1 => Just(Step::Rollback),
    ]
}

/// What was written: a sum, in so many writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Written {
    sum: i32,
    writes: i64,
}

impl Written {
    fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.writes += other.writes;
    }
}

/// A caller, and what it may be sure of.
struct Caller<DB: Database> {
    pool: Pool<DB>,
    open: Option<Transaction<'static, DB>>,
    seen: Order,
    /// In the open transaction.
    pending: Written,
    committed: Written,
}

impl<DB: Database> Caller<DB>
where
    Order: StoredIn<DB>,
{
    fn new(pool: &Pool<DB>, order: &Order) -> Self {
        let (pending, committed) = (Written::default(), Written::default());
        Self { pool: pool.clone(), open: None, seen: order.clone(), pending, committed }
    }

    /// Whether a row was written, or not; `None` if the database gave up, or nothing was asked for.
    async fn take(&mut self, step: Step) -> Option<bool> {
        match step {
            Step::Load => {
                let loaded = match &mut self.open {
                    Some(tx) => Order::load(self.seen.address(), tx).await,
                    None => Order::load(self.seen.address(), &self.pool).await,
                };
                self.seen = self.answered(loaded).await??;
                None
            }
            Step::Add(amount) => {
                let draft = self.seen.of(self.seen.quantity + amount);
                let write = match &mut self.open {
                    Some(tx) => self.seen.update_to(&draft, tx).await,
                    None => self.seen.update_to(&draft, &self.pool).await,
                };
                self.written(amount, write).await
            }
            Step::Modify(_) if self.open.is_some() => None,
            Step::Modify(amount) => {
                let write = Order::modify(&self.pool, self.seen.address(), Retry::times(2), |order| {
                    order.quantity += amount;
                    Ok::<_, EntityError>(())
                });
                let write = write.await;
                self.written(amount, write).await
            }
            Step::Begin => {
                if self.open.is_none() {
                    self.open = Some(self.pool.begin().await.expect("a transaction"));
                }
                None
            }
            Step::Commit => {
                if let Some(tx) = self.open.take() {
                    tx.commit().await.expect("it was not given up before");
                    self.committed.add(std::mem::take(&mut self.pending));
                }
                None
            }
            Step::Rollback => {
                self.rolled_back().await;
                None
            }
        }
    }

    async fn written(&mut self, amount: i32, write: Result<Write<Order>, EntityError>) -> Option<bool> {
        match self.answered(write).await? {
            Write::Applied(new) => {
                let written = if self.open.is_some() { &mut self.pending } else { &mut self.committed };
                written.add(Written { sum: amount, writes: 1 });
                self.seen = new;
                Some(true)
            }
            Write::Conflict { expected, found } => {
                assert!(expected < found.version(), "{expected:?} {found:?}");
                // Every other caller goes on with what it knows, and so meets the conflict again.
                if amount % 2 == 0 {
                    self.seen = found;
                }
                Some(false)
            }
            other => panic!("{other:?}"),
        }
    }

    /// After an error, which can only be that the database gave up, the transaction is over.
    async fn answered<T>(&mut self, answer: Result<T, EntityError>) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                assert!(error.is_retryable(), "{error:?}");
                self.rolled_back().await;
                None
            }
        }
    }

    /// What was seen in the transaction may never have been.
    async fn rolled_back(&mut self) {
        if let Some(tx) = self.open.take() {
            tx.rollback().await.expect("rolled back");
            self.pending = Written::default();
            self.seen = Order::load(self.seen.address(), &self.pool).await.expect("an answer").expect("a row");
        }
    }
}

/// The row holds what the callers were told.
async fn holds<DB: Database>(pool: &Pool<DB>, order: &Order, written: impl Iterator<Item = Written>, steps: &str)
where
    Order: StoredIn<DB>,
{
    let mut all = Written { sum: order.quantity, writes: order.version };
    written.for_each(|written| all.add(written));
    let row = Order::load(order.address(), pool).await.expect("an answer").expect("a row");
    assert_eq!(Written { sum: row.quantity, writes: row.version }, all, "{steps}");
    assert_eq!(row.total, row.quantity * 10);
}

/// In an order that is chosen, step by step. Where no transaction is open, the model says what each write must answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_is_lost_in_any_order_of_steps() {
    let database = Folder::empty().await;
    tables(&database).await;
    let pool = database.busy_pool(8, std::time::Duration::ZERO).await;
    let mut runner = TestRunner::new(Config::default());
    let steps = proptest::collection::vec((0..CALLERS, step()), 1..60);
    let (mut applied, mut refused) = (0, 0);
    for id in 0..200 {
        let steps = steps.new_tree(&mut runner).expect("steps").current();
        let order = inserted(Order::new(id).insert_once(&pool).await.expect("an answer"));
        let mut callers: Vec<_> = (0..CALLERS).map(|_| Caller::new(&pool, &order)).collect();
        for (caller, step) in &steps {
            let is_alone = callers.iter().all(|caller| caller.open.is_none());
            let row = Order::load(order.address(), &pool).await.expect("an answer").expect("a row");
            let fits = matches!(step, Step::Modify(_)) || callers[*caller].seen.version == row.version;
            let answer = callers[*caller].take(*step).await;
            if is_alone && matches!(step, Step::Add(_) | Step::Modify(_)) {
                assert_eq!(answer, Some(fits), "{step:?} of {caller} in {steps:?}");
            }
            applied += u32::from(answer == Some(true));
            refused += u32::from(answer == Some(false));
        }
        for caller in &mut callers {
            caller.take(Step::Commit).await;
        }
        holds(&pool, &order, callers.iter().map(|caller| caller.committed), &format!("{steps:?}")).await;
    }
    assert!(applied > 200 && refused > 200, "{applied} applied, {refused} refused");
}

common::on_each_database! {
    no_update_is_lost_by_callers_at_once
}

async fn no_update_is_lost_by_callers_at_once<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let mut runner = TestRunner::new(Config::default());
    let script = proptest::collection::vec(proptest::collection::vec(step(), 1..25), CALLERS);
    for id in 0..25 {
        let scripts = script.new_tree(&mut runner).expect("steps").current();
        let order = inserted(Order::new(id).insert_once(&pool).await.expect("an answer"));
        let mut tasks = JoinSet::new();
        for steps in scripts.clone() {
            let mut caller = Caller::new(&pool, &order);
            tasks.spawn(async move {
                for step in steps.into_iter().chain([Step::Commit]) {
                    caller.take(step).await;
                }
                caller.committed
            });
        }
        let written = tasks.join_all().await;
        holds(&pool, &order, written.into_iter(), &format!("{scripts:?}")).await;
    }
}
