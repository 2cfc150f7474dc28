//! PostgreSQL.

use idem::Operation;
use idem_sqlx::{PgStore, in_transaction};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{CONNECTIONS, Contender, Database, Mode, learn, sample};
use crate::by_hand::postgres::{Lean, Same};
use crate::by_hand::{BoxError, SAME_TABLE};
use crate::orders::{Order, Receipt, charge};

/// A PostgreSQL with a schema of its own.
#[derive(Debug, Clone)]
pub struct Postgres {
    lean: Lean,
    same: Same,
    idem: Idem,
}

impl Postgres {
    /// Makes a schema, and all tables in it.
    ///
    /// # Errors
    ///
    /// If the server is not there.
    pub async fn open(url: &str) -> Result<Self, BoxError> {
        let schema = format!("bench_{:016x}", rand::random::<u64>());
        let options = url.parse::<PgConnectOptions>()?.options([("search_path", &schema)]);
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
        let pool = pool.connect_with(options).await?;
        let tables = format!("CREATE SCHEMA {schema}; {}; {CHARGES}", Lean::TABLE);
        sqlx::raw_sql(AssertSqlSafe(tables)).execute(&pool).await?;
        PgStore::with_table(pool.clone(), SAME_TABLE)?.migrate().await?;
        let idem = Idem(PgStore::new(pool.clone()));
        idem.0.migrate().await?;
        let lease = learn(Box::pin(idem.call(&sample(Mode::Lease)))).await?;
        let transaction = learn(Box::pin(idem.call_in_transaction(&sample(Mode::Transaction)))).await?;
        Ok(Self { lean: Lean(pool.clone()), same: Same { pool, lease, transaction }, idem })
    }
}

impl Database for Postgres {
    const NAME: &str = "PostgreSQL";

    async fn call(&self, contender: Contender, mode: Mode, order: &Order) -> Result<Receipt, BoxError> {
        match (contender, mode) {
            (Contender::Lean, Mode::Lease) => self.lean.call(order).await,
            (Contender::Lean, Mode::Transaction) => self.lean.call_in_transaction(order).await,
            (Contender::Same, Mode::Lease) => self.same.call(order).await,
            (Contender::Same, Mode::Transaction) => self.same.call_in_transaction(order).await,
            (Contender::Idem, Mode::Lease) => self.idem.call(order).await,
            (Contender::Idem, Mode::Transaction) => self.idem.call_in_transaction(order).await,
        }
    }

    async fn log_bytes(&self) -> Result<u64, BoxError> {
        let position = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint";
        let position: i64 = sqlx::query_scalar(position).fetch_one(&self.lean.0).await?;
        Ok(position.try_into()?)
    }
}

/// What the body writes in a transaction. Each contender has a table of its own.
const CHARGES: &str = "
    CREATE TABLE charges_lean (id text PRIMARY KEY, amount bigint NOT NULL);
    CREATE TABLE charges_same (id text PRIMARY KEY, amount bigint NOT NULL);
    CREATE TABLE charges_idem (id text PRIMARY KEY, amount bigint NOT NULL);";

pub(crate) async fn pay(on: &mut PgConnection, contender: Contender, order: &Order) -> Result<(), BoxError> {
    let pay = sqlx::query(match contender {
        Contender::Lean => "INSERT INTO charges_lean (id, amount) VALUES ($1, $2)",
        Contender::Same => "INSERT INTO charges_same (id, amount) VALUES ($1, $2)",
        Contender::Idem => "INSERT INTO charges_idem (id, amount) VALUES ($1, $2)",
    });
    pay.bind(&order.id).bind(i64::try_from(order.amount)?).execute(on).await?;
    Ok(())
}

#[derive(Debug, Clone)]
struct Idem(PgStore);

impl Idem {
    async fn call(&self, order: &Order) -> Result<Receipt, BoxError> {
        let charge = async |_| Ok::<_, BoxError>(charge(order).await?);
        let operation = Operation::new("idem", &order.id).fingerprint(order);
        Ok(operation.run(&self.0, charge).await?.into_inner())
    }

    async fn call_in_transaction(&self, order: &Order) -> Result<Receipt, BoxError> {
        in_transaction(self.0.pool(), async |mut tx| {
            let operation = Operation::new("idem", &order.id).fingerprint(order);
            let charge = operation.run_in(&self.0, &mut *tx, async |mut tx, _| {
                let receipt = charge(order).await?;
                pay(&mut tx, Contender::Idem, order).await?;
                Ok::<_, BoxError>(receipt)
            });
            Ok::<_, BoxError>(charge.await?.into_inner())
        })
        .await
    }
}
