//! The ledger in SQLite.

use std::collections::BTreeMap;
use std::path::Path;

use idem::{SqliteStore, idempotent, in_transaction};
use sqlx::{SqlitePool, SqliteTransaction};

use crate::Failure;
use crate::queue::{Books, Fate};
use crate::transfer::Transfer;

#[derive(Clone)]
pub struct Ledger {
    pool: SqlitePool,
    idem: SqliteStore,
}

impl Ledger {
    /// A ledger in a file, which is made if there is none.
    pub async fn open(path: &Path) -> Result<Self, Failure> {
        let idem = SqliteStore::open(path).await?;
        let ledger = Self { pool: idem.pool().clone(), idem };
        sqlx::raw_sql("CREATE TABLE IF NOT EXISTS accounts (name VARCHAR(100) PRIMARY KEY, balance BIGINT NOT NULL)")
            .execute(&ledger.pool)
            .await?;
        Ok(ledger)
    }

    /// Applies a transfer once, in the transaction of whoever calls: a delivery that comes again changes nothing.
    #[idempotent(store = self.idem, scope = "ledger.apply", key = transfer.id, fingerprint = transfer, tx = tx)]
    async fn apply(&self, tx: &mut SqliteTransaction<'_>, transfer: &Transfer) -> Result<(), Failure> {
        for (account, amount) in transfer.entries() {
            sqlx::query(ADD).bind(account).bind(amount).execute(&mut **tx).await?;
        }
        Ok(())
    }
}

const ADD: &str = "INSERT INTO accounts VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET balance = balance + ?2";

impl Books for Ledger {
    async fn handle(&self, transfer: &Transfer, fate: Fate) -> Result<(), Failure> {
        if fate == Fate::DiesBeforeCommit {
            let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            // Dropped without a commit, as when the process dies here.
            return self.apply(&mut tx, transfer).await;
        }
        in_transaction(&self.pool, async |mut tx| self.apply(&mut tx, transfer).await).await
    }

    async fn balances(&self) -> Result<BTreeMap<String, i64>, Failure> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT name, balance FROM accounts").fetch_all(&self.pool).await?;
        Ok(rows.into_iter().collect())
    }
}
