//! SQLite.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use idem::Operation;
use idem_sqlx::{SqliteStore, in_transaction};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::{CONNECTIONS, Contender, Database, Mode, learn, sample};
use crate::by_hand::sqlite::{Lean, Same, Writer};
use crate::by_hand::{BoxError, SAME_TABLE};
use crate::orders::{Order, Receipt, charge};

/// A file of its own.
#[derive(Debug, Clone)]
pub struct Sqlite {
    lean: Lean,
    same: Same,
    idem: Idem,
    log: Arc<Log>,
}

/// The file that is the log, and how much was in it before it was last emptied.
#[derive(Debug)]
struct Log {
    path: PathBuf,
    before: AtomicU64,
}

impl Sqlite {
    /// Makes a file, in WAL mode and as durable as the servers, and all tables in it.
    ///
    /// # Errors
    ///
    /// If the file cannot be made.
    pub async fn open(path: &Path) -> Result<Self, BoxError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // With 64 writers SQLite is not fair, and an error would say nothing about speed.
            .busy_timeout(Duration::from_mins(2));
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
        let pool = pool.connect_with(options).await?;
        let tables = format!("{}; {CHARGES}", Lean::TABLE);
        sqlx::raw_sql(AssertSqlSafe(tables)).execute(&pool).await?;
        SqliteStore::with_table(pool.clone(), SAME_TABLE)?.migrate().await?;
        let idem = Idem(SqliteStore::new(pool.clone()));
        idem.0.migrate().await?;
        let lease = learn(Box::pin(idem.call(&sample(Mode::Lease)))).await?;
        let transaction = learn(Box::pin(idem.call_in_transaction(&sample(Mode::Transaction)))).await?;
        let (writer, log) = (Writer::default(), path.with_extension("db-wal"));
        let lean = Lean { pool: pool.clone(), writer: Writer::clone(&writer) };
        Ok(Self {
            lean,
            same: Same { pool, writer, lease, transaction },
            idem,
            log: Log { path: log, before: AtomicU64::new(0) }.into(),
        })
    }
}

impl Database for Sqlite {
    const NAME: &str = "SQLite";

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
        let written = std::fs::metadata(&self.log.path)?.len();
        // Else it is written from its beginning again sooner or later, and does not grow.
        sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.lean.pool).await?;
        Ok(self.log.before.fetch_add(written, Ordering::Relaxed) + written)
    }
}

/// What the body writes in a transaction. Each contender has a table of its own.
const CHARGES: &str = "
    CREATE TABLE charges_lean (id TEXT PRIMARY KEY, amount INTEGER NOT NULL) STRICT;
    CREATE TABLE charges_same (id TEXT PRIMARY KEY, amount INTEGER NOT NULL) STRICT;
    CREATE TABLE charges_idem (id TEXT PRIMARY KEY, amount INTEGER NOT NULL) STRICT;";

pub(crate) async fn pay(on: &mut SqliteConnection, contender: Contender, order: &Order) -> Result<(), BoxError> {
    let pay = sqlx::query(match contender {
        Contender::Lean => "INSERT INTO charges_lean (id, amount) VALUES (?1, ?2)",
        Contender::Same => "INSERT INTO charges_same (id, amount) VALUES (?1, ?2)",
        Contender::Idem => "INSERT INTO charges_idem (id, amount) VALUES (?1, ?2)",
    });
    pay.bind(&order.id).bind(i64::try_from(order.amount)?).execute(on).await?;
    Ok(())
}

#[derive(Debug, Clone)]
struct Idem(SqliteStore);

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
