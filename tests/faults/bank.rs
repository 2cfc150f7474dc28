//! An application that keeps accounts: each transfer is one transaction, with a side effect that shows if it happens twice.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};

use idem::{Answer, Operation};
use idem_sqlx::{MySqlStore, PgStore, in_transaction};
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Executor as _};

use crate::database::{Database, Isolation, Kind, run};
use crate::fault::{Point, Trap};
use crate::journal::{Failure, Receipt};

pub(crate) type AnyError = Box<dyn Error + Send + Sync>;

/// Few enough that transfers meet on them.
pub(crate) const ACCOUNTS: u32 = 64;

const CONNECTIONS: u32 = 10;

/// How the application is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Variant {
    Sound,
    /// Its side effect is committed by itself.
    EffectOutside,
    /// There is no idempotent call around it.
    NoRecord,
}

/// The application, on its database.
pub(crate) enum Bank {
    Postgres(PgBank),
    MySql(MySqlBank),
}

impl Bank {
    pub(crate) fn open(database: &Database, isolation: Isolation, variant: Variant) -> Self {
        match database.kind {
            Kind::Postgres => Self::Postgres(PgBank::open(database, isolation, variant)),
            Kind::MySql => Self::MySql(MySqlBank::open(database, isolation, variant)),
        }
    }

    /// Credits an account once per order, and says which run of the body did.
    pub(crate) async fn transfer(&self, order: u32, trap: &Trap) -> Result<Receipt, AnyError> {
        match self {
            Self::Postgres(bank) => bank.transfer(order, trap).await,
            Self::MySql(bank) => bank.transfer(order, trap).await,
        }
    }

    /// All side effects that there were.
    pub(crate) async fn effects(&self) -> Vec<Receipt> {
        let rows = match self {
            Self::Postgres(bank) => bank.effects().await,
            Self::MySql(bank) => bank.effects().await,
        };
        let number = |number: i64| u32::try_from(number).expect("it was one");
        let receipt =
            |(order, fence, run, pid)| Receipt { order: number(order), fence, attempt: number(run), pid: number(pid) };
        rows.expect("the server answers").into_iter().map(receipt).collect()
    }

    /// What is on all accounts.
    pub(crate) async fn balance(&self) -> i64 {
        let balances = match self {
            Self::Postgres(bank) => bank.balances().await,
            Self::MySql(bank) => bank.balances().await,
        };
        balances.expect("the server answers").into_iter().map(|(balance,)| balance).sum()
    }
}

/// Makes the tables of the application. That of the effects has no constraint, so that duplicates show.
pub(crate) async fn found(database: &Database) {
    let accounts = (0..ACCOUNTS).map(|account| format!("({account}, 0)")).collect::<Vec<_>>().join(", ");
    let tables = format!(
        "CREATE TABLE effects (order_number bigint NOT NULL, fence bigint NOT NULL, run bigint NOT NULL, pid bigint NOT NULL); \
         CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL); \
         INSERT INTO accounts VALUES {accounts}"
    );
    run(database.kind, &database.url, &tables).await;
}

/// What an order is about.
pub(crate) fn amount(order: u32) -> i64 {
    i64::from(order % 97) + 1
}

fn effect(receipt: &Receipt) -> String {
    let Receipt { order, fence, attempt, pid } = receipt;
    format!("INSERT INTO effects VALUES ({order}, {fence}, {attempt}, {pid})")
}

fn credit(order: u32) -> String {
    // Neighbouring orders, which are under way together, meet.
    let (account, amount) = (order / 3 % ACCOUNTS, amount(order));
    format!("UPDATE accounts SET balance = balance + {amount} WHERE id = {account}")
}

/// No two runs of a body return the same.
fn receipt(order: u32, fence: i64) -> Receipt {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    Receipt { order, fence, attempt: RUNS.fetch_add(1, Ordering::Relaxed), pid: std::process::id() }
}

/// The same for each database, whose types have nothing in common.
///
/// ```text
/// // Input:
/// bank!(PgBank, sqlx::Postgres, PgStore, postgres_pool);
/// // Output:
/// struct PgBank { … }
/// impl PgBank { fn open(…), async fn transfer(…), … }
/// ```
macro_rules! bank {
    ($bank:ident, $database:ty, $store:ident, $pool:ident) => {
        pub(crate) struct $bank {
            pool: sqlx::Pool<$database>,
            /// For what a broken application does outside its transaction.
            outside: sqlx::Pool<$database>,
            store: $store,
            variant: Variant,
        }

        impl $bank {
            fn open(database: &Database, isolation: Isolation, variant: Variant) -> Self {
                let pool = database.$pool(CONNECTIONS, isolation);
                let outside = database.$pool(CONNECTIONS, isolation);
                Self { store: $store::new(pool.clone()), pool, outside, variant }
            }

            async fn transfer(&self, order: u32, trap: &Trap) -> Result<Receipt, AnyError> {
                in_transaction(&self.pool, async |mut tx| {
                    if self.variant == Variant::NoRecord {
                        return self.post(&mut tx, order, 0, trap).await;
                    }
                    Operation::new("faults.transfer", &order)
                        .run_in(&self.store, &mut *tx, async |mut tx, execution| {
                            self.post(&mut tx, order, execution.fence().number(), trap).await
                        })
                        .await
                        .map(Answer::into_inner)
                })
                .await
            }

            async fn post(
                &self,
                tx: &mut sqlx::Transaction<'_, $database>,
                order: u32,
                fence: i64,
                trap: &Trap,
            ) -> Result<Receipt, AnyError> {
                let receipt = receipt(order, fence);
                trap.reach(Point::BodyBeforeEffect).await;
                if self.variant == Variant::EffectOutside {
                    self.outside.execute(sqlx::raw_sql(AssertSqlSafe(effect(&receipt)))).await?;
                    tx.execute(sqlx::raw_sql(AssertSqlSafe(credit(order)))).await?;
                } else {
                    let both = format!("{}; {}", effect(&receipt), credit(order));
                    tx.execute(sqlx::raw_sql(AssertSqlSafe(both))).await?;
                }
                trap.reach(Point::BodyAfterEffect).await;
                Ok(receipt)
            }

            async fn effects(&self) -> Result<Vec<(i64, i64, i64, i64)>, sqlx::Error> {
                sqlx::query_as("SELECT order_number, fence, run, pid FROM effects").fetch_all(&self.pool).await
            }

            async fn balances(&self) -> Result<Vec<(i64,)>, sqlx::Error> {
                sqlx::query_as("SELECT balance FROM accounts").fetch_all(&self.pool).await
            }
        }
    };
}

bank!(PgBank, sqlx::Postgres, PgStore, postgres_pool);
bank!(MySqlBank, sqlx::MySql, MySqlStore, mysql_pool);

/// What a caller may do about an error.
pub(crate) fn failure(error: &AnyError) -> Failure {
    let mut next: Option<&(dyn Error + 'static)> = Some(&**error);
    while let Some(error) = next {
        if error.downcast_ref::<idem::Error>().is_some_and(idem::Error::is_retryable)
            || error.downcast_ref::<sqlx::Error>().is_some_and(passes)
        {
            return Failure::Unavailable;
        }
        next = error.source();
    }
    Failure::Other(format!("{error}: {error:?}"))
}

/// Whether it is about the server or other transactions, and not about the statement.
fn passes(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return matches!(
            error,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed | sqlx::Error::BeginFailed
        );
    };
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        // Too many connections, shutdown, lock wait time-out, deadlock, changed since the snapshot, killed, gone.
        return matches!(error.number(), 1040 | 1053 | 1205 | 1213 | 1020 | 1927 | 2006 | 2013 | 4031);
    }
    let code = error.code().unwrap_or_default();
    // Serialization and deadlock, connections, resources, operator intervention, a transaction that idled for too long.
    ["40", "08", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "25P03"
}
