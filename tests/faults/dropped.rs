//! Clients that hang up, on one small pool: transactions that are dropped at any of their awaits, and an application that drops
//! its own `begin`, beside claims under leases. Nobody is killed here; what goes wrong does so in silence.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use idem::{Answer, InFlight, Operation};
use idem_sqlx::{MySqlStore, PgStore, in_transaction};
use sqlx::{AssertSqlSafe, Executor as _};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::bank::{AnyError, failure};
use crate::chaos::Length;
use crate::database::{Database, Isolation, Kind, run};
use crate::random::{Random, say, seed};

const CONNECTIONS: u32 = 3;
const CLIENTS: u32 = 8;
/// Orders that nobody hangs up on. sqlx loses a connection to MySQL whose statement is dropped while it is prepared, so all
/// are prepared on all connections before it begins.
const CALM: u32 = 60;
const SHORT: Length = Length { orders: 800, strikes: 0, one_in: 0, at_most: None };
const LONG: Length = Length { orders: 20_000, strikes: 0, one_in: 0, at_most: None };

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn postgres_clients_that_hang_up_transaction_mode_zero() {
    let database = Database::fresh(Kind::Postgres).await;
    let service = Arc::new(PgService::open(&database).await);
    zero(Kind::Postgres, service).await;
    database.remove().await;
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn mysql_clients_that_hang_up_transaction_mode_zero() {
    let database = Database::fresh(Kind::MySql).await;
    let service = Arc::new(MySqlService::open(&database).await);
    zero(Kind::MySql, service).await;
    database.remove().await;
}

/// An application: orders with an even number are charged under a lease, the others are booked in a transaction.
trait Service: Send + Sync + 'static {
    /// Charges an order once, and says which run of the body did.
    fn charge(&self, order: u32) -> impl Future<Output = Result<i64, AnyError>> + Send;
    fn book(&self, order: u32) -> impl Future<Output = Result<i64, AnyError>> + Send;
    /// A `begin` of the application's own.
    fn begin(&self) -> impl Future<Output = ()> + Send;
    /// The runs of the bodies whose effect is there, by order.
    fn effects(&self) -> impl Future<Output = Vec<(i64, i64)>> + Send;
}

static RUNS: AtomicI64 = AtomicI64::new(0);

fn effect(order: u32, run: i64) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("INSERT INTO effects VALUES ({order}, {run})"))
}

/// The same for each database, whose types have nothing in common.
macro_rules! service {
    ($service:ident, $database:ty, $store:ident, $pool:ident) => {
        struct $service {
            pool: sqlx::Pool<$database>,
            /// Where the effects of charges are, as with a payment service.
            elsewhere: sqlx::Pool<$database>,
            store: $store,
        }

        impl $service {
            async fn open(database: &Database) -> Self {
                let table = "CREATE TABLE effects (order_number bigint NOT NULL, run bigint NOT NULL)";
                run(database.kind, &database.url, table).await;
                let pool = database.$pool(CONNECTIONS, Isolation::Committed);
                let elsewhere = database.$pool(CONNECTIONS, Isolation::Committed);
                let mut all = Vec::new();
                for _ in 0..CONNECTIONS {
                    all.push(pool.acquire().await.expect("a connection"));
                }
                Self { store: $store::new(pool.clone()), pool, elsewhere }
            }
        }

        impl Service for $service {
            async fn charge(&self, order: u32) -> Result<i64, AnyError> {
                let charge = Operation::new("dropped.charge", &order).in_flight(InFlight::Wait(Duration::from_secs(5)));
                let charged = charge.run(&self.store, async |_| {
                    let run = RUNS.fetch_add(1, Ordering::Relaxed);
                    self.elsewhere.execute(sqlx::raw_sql(effect(order, run))).await?;
                    Ok::<_, AnyError>(run)
                });
                charged.await.map(Answer::into_inner)
            }

            async fn book(&self, order: u32) -> Result<i64, AnyError> {
                in_transaction(&self.pool, async |mut tx| {
                    let book = Operation::new("dropped.book", &order);
                    let booked = book.run_in(&self.store, &mut *tx, async |mut tx, _| {
                        let run = RUNS.fetch_add(1, Ordering::Relaxed);
                        tx.execute(sqlx::raw_sql(effect(order, run))).await?;
                        Ok::<_, AnyError>(run)
                    });
                    booked.await.map(Answer::into_inner)
                })
                .await
            }

            async fn begin(&self) {
                drop(self.pool.begin().await);
            }

            async fn effects(&self) -> Vec<(i64, i64)> {
                let all = sqlx::query_as("SELECT order_number, run FROM effects");
                all.fetch_all(&self.elsewhere).await.expect("the server answers")
            }
        }
    };
}

service!(PgService, sqlx::Postgres, PgStore, postgres_pool);
service!(MySqlService, sqlx::MySql, MySqlStore, mysql_pool);

async fn zero<S: Service>(kind: Kind, service: Arc<S>) {
    let length = Length::choose(SHORT, LONG);
    let (seed, began) = (seed(), Instant::now());
    let dropped = Arc::new(AtomicU32::new(0));
    let mut answers = BTreeMap::new();
    for order in 0..CALM {
        answers.insert(order, vec![answered(&*service, order).await, answered(&*service, order).await]);
    }
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (service, dropped) = (Arc::clone(&service), Arc::clone(&dropped));
        let mut random = Random(seed.wrapping_add(client.into()));
        clients.spawn(async move {
            let mut answers = Vec::new();
            for order in (CALM + client..length.orders).step_by(CLIENTS as usize) {
                if length.at_most.is_some_and(|at_most| began.elapsed() > at_most) {
                    break;
                }
                let hung_up = hang_up(&*service, order, &mut random).await;
                dropped.fetch_add(hung_up, Ordering::Relaxed);
                answers.push((order, vec![answered(&*service, order).await, answered(&*service, order).await]));
            }
            answers
        });
    }
    answers.extend(clients.join_all().await.into_iter().flatten());
    let mut effects: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    for (order, run) in service.effects().await {
        effects.entry(u32::try_from(order).expect("it was one")).or_default().push(run);
    }
    let duplicates: usize = effects.values().map(|runs| runs.len() - 1).sum();
    let missing = answers.keys().filter(|order| !effects.contains_key(order)).count();
    let wrong = |(order, answers): (&u32, &Vec<i64>)| answers.iter().any(|run| effects.get(order) != Some(&vec![*run]));
    let wrong_answers = answers.iter().filter(|answer| wrong(*answer)).count();
    let hung_up = dropped.load(Ordering::Relaxed);
    say(&format!(
        "{} clients that hang up, transactions and claims on one pool of {CONNECTIONS}: operations={} hung up={hung_up} duplicate \
         side effects={duplicates} missing={missing} wrong answers={wrong_answers} seconds={} (seed={seed})",
        kind.name(),
        answers.len(),
        began.elapsed().as_secs(),
    ));
    assert_eq!((duplicates, missing, wrong_answers), (0, 0, 0));
    assert!(hung_up > 0);
}

/// What clients do before one of them waits for the answer. A charge is not dropped: its body may have run.
async fn hang_up<S: Service>(service: &S, order: u32, random: &mut Random) -> u32 {
    let mut hung_up = 0;
    for _ in 0..random.below(3) {
        let patience = Duration::from_micros(random.below(600));
        hung_up += u32::from(timeout(patience, service.begin()).await.is_err());
        if order % 2 == 1 {
            let patience = Duration::from_micros(random.below(6_000));
            hung_up += u32::from(timeout(patience, service.book(order)).await.is_err());
        }
    }
    hung_up
}

/// Asks until there is an answer.
async fn answered<S: Service>(service: &S, order: u32) -> i64 {
    loop {
        let answer = if order % 2 == 1 { service.book(order).await } else { service.charge(order).await };
        match answer {
            Ok(run) => return run,
            Err(error) if failure(&error).is_retryable() => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(error) => panic!("order {order}: {error:?}"),
        }
    }
}
