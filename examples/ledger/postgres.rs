//! The ledger in PostgreSQL.

use std::collections::BTreeMap;

use idem::{PgStore, idempotent, in_transaction};
use sqlx::{PgPool, PgTransaction};

use crate::Failure;
use crate::queue::{Books, Fate};
use crate::transfer::Transfer;

#[derive(Clone)]
pub struct Ledger {
    pool: PgPool,
    idem: PgStore,
}

impl Ledger {
    /// A ledger in the database at `url`, begun anew.
    pub async fn open(url: &str) -> Result<Self, Failure> {
        let pool = PgPool::connect(url).await?;
        let ledger = Self { idem: PgStore::with_table(pool.clone(), "idem_example_records")?, pool };
        ledger.idem.migrate().await?;
        sqlx::raw_sql("DROP TABLE IF EXISTS idem_example_accounts; DELETE FROM idem_example_records")
            .execute(&ledger.pool)
            .await?;
        sqlx::raw_sql(
            "CREATE TABLE IF NOT EXISTS idem_example_accounts (name VARCHAR(100) PRIMARY KEY, balance BIGINT NOT NULL)",
        )
        .execute(&ledger.pool)
        .await?;
        Ok(ledger)
    }

    /// Applies a transfer once, in the transaction of whoever calls: a delivery that comes again changes nothing.
    #[idempotent(store = self.idem, scope = "ledger.apply", key = transfer.id, fingerprint = transfer, tx = tx)]
    async fn apply(&self, tx: &mut PgTransaction<'_>, transfer: &Transfer) -> Result<(), Failure> {
        for (account, amount) in transfer.entries() {
            sqlx::query(ADD).bind(account).bind(amount).execute(&mut **tx).await?;
        }
        Ok(())
    }
}

const ADD: &str = "INSERT INTO idem_example_accounts AS known VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET balance = known.balance + $2";

impl Books for Ledger {
    async fn handle(&self, transfer: &Transfer, fate: Fate) -> Result<(), Failure> {
        if fate == Fate::DiesBeforeCommit {
            let mut tx = self.pool.begin().await?;
            // Dropped without a commit, as when the process dies here.
            return self.apply(&mut tx, transfer).await;
        }
        in_transaction(&self.pool, async |mut tx| self.apply(&mut tx, transfer).await).await
    }

    async fn balances(&self) -> Result<BTreeMap<String, i64>, Failure> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT name, balance FROM idem_example_accounts").fetch_all(&self.pool).await?;
        Ok(rows.into_iter().collect())
    }
}
