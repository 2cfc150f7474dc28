//! By hand on SQLite.

use std::sync::Arc;

use sqlx::sqlite::SqlitePool;
use sqlx::{FromRow as _, Row as _, SqliteConnection};
use tokio::sync::Mutex;

use super::{BoxError, DAY, Found, Learnt, Request, decided, replayed, written};
use crate::databases::sqlite::pay;
use crate::databases::{Contender, Mode};
use crate::orders::{Order, Receipt, charge};

/// What one writes for one function.
#[derive(Debug, Clone)]
pub struct Lean {
    pub(crate) pool: SqlitePool,
    pub(crate) writer: Writer,
}

/// One writes at a time, and the others wait for their turn without a connection; else SQLite has them sleep and try again.
pub(crate) type Writer = Arc<Mutex<()>>;

impl Lean {
    pub(crate) const TABLE: &str = "
        CREATE TABLE charge_calls (
            key TEXT PRIMARY KEY NOT NULL,
            claim_id TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            lease_until REAL,
            expires_at REAL NOT NULL,
            outcome TEXT
        ) STRICT;
        CREATE INDEX charge_calls_expire ON charge_calls (expires_at)";

    const SELECT: &str =
        "SELECT fingerprint, outcome FROM charge_calls WHERE key = ?1 AND expires_at > unixepoch('subsec')";

    const INSERT: &str = "INSERT INTO charge_calls (key, claim_id, fingerprint, lease_until, expires_at) \
        VALUES (?1, ?2, ?3, unixepoch('subsec') + ?4 / 1e6, unixepoch('subsec') + ?5 / 1e6) ON CONFLICT DO NOTHING";

    const UPDATE: &str = "UPDATE charge_calls SET outcome = ?3, lease_until = NULL \
        WHERE key = ?1 AND claim_id = ?2 AND outcome IS NULL";

    pub(crate) async fn call(&self, order: &Order) -> Result<Receipt, BoxError> {
        let request = Request::new(order, Mode::Lease)?;
        if let Some(receipt) = Self::look(&mut *self.pool.acquire().await?, &request).await? {
            return Ok(receipt);
        }
        let turn = self.writer.lock().await;
        written(Self::claim(&mut *self.pool.acquire().await?, &request).await?)?;
        drop(turn);
        let receipt = charge(order).await?;
        let _turn = self.writer.lock().await;
        Self::complete(&mut *self.pool.acquire().await?, &request, &receipt).await?;
        Ok(receipt)
    }

    pub(crate) async fn call_in_transaction(&self, order: &Order) -> Result<Receipt, BoxError> {
        let request = Request::new(order, Mode::Transaction)?;
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let receipt = if Self::claim(&mut tx, &request).await? == 1 {
            let receipt = charge(order).await?;
            pay(&mut tx, Contender::Lean, order).await?;
            Self::complete(&mut tx, &request, &receipt).await?;
            receipt
        } else {
            Self::look(&mut tx, &request).await?.ok_or("the record has expired")?
        };
        tx.commit().await?;
        Ok(receipt)
    }

    async fn look(on: &mut SqliteConnection, request: &Request<'_>) -> Result<Option<Receipt>, BoxError> {
        let found = sqlx::query(Self::SELECT).bind(request.key).fetch_optional(on).await?;
        found.map(|row| replayed(row.try_get(0)?, row.try_get(1)?, request)).transpose()
    }

    async fn claim(on: &mut SqliteConnection, request: &Request<'_>) -> Result<u64, BoxError> {
        let claim = sqlx::query(Self::INSERT).bind(request.key).bind(&request.claim_id).bind(&request.fingerprint);
        Ok(claim.bind(request.lease).bind(DAY).execute(on).await?.rows_affected())
    }

    async fn complete(on: &mut SqliteConnection, request: &Request<'_>, receipt: &Receipt) -> Result<(), BoxError> {
        let complete = sqlx::query(Self::UPDATE).bind(request.key).bind(&request.claim_id);
        written(complete.bind(serde_json::to_string(receipt)?).execute(on).await?.rows_affected())
    }
}

/// The statements of idem.
#[derive(Debug, Clone)]
pub struct Same {
    pub(crate) pool: SqlitePool,
    pub(crate) writer: Writer,
    pub(crate) lease: Learnt,
    pub(crate) transaction: Learnt,
}

impl Same {
    pub(crate) async fn call(&self, order: &Order) -> Result<Receipt, BoxError> {
        let request = Request::new(order, Mode::Lease)?;
        if let Some(receipt) = look(&mut *self.pool.acquire().await?, &self.lease, &request).await? {
            return Ok(receipt);
        }
        let turn = self.writer.lock().await;
        claim(&mut *self.pool.acquire().await?, &self.lease, &request).await?;
        drop(turn);
        let receipt = charge(order).await?;
        let _turn = self.writer.lock().await;
        complete(&mut *self.pool.acquire().await?, &self.lease, &request, &receipt).await?;
        Ok(receipt)
    }

    pub(crate) async fn call_in_transaction(&self, order: &Order) -> Result<Receipt, BoxError> {
        let request = Request::new(order, Mode::Transaction)?;
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let found = look(&mut tx, &self.transaction, &request).await?;
        let receipt = if let Some(receipt) = found {
            receipt
        } else {
            claim(&mut tx, &self.transaction, &request).await?;
            let receipt = charge(order).await?;
            pay(&mut tx, Contender::Same, order).await?;
            complete(&mut tx, &self.transaction, &request, &receipt).await?;
            receipt
        };
        tx.commit().await?;
        Ok(receipt)
    }
}

async fn look(on: &mut SqliteConnection, learnt: &Learnt, request: &Request<'_>) -> Result<Option<Receipt>, BoxError> {
    for look in &learnt.looks {
        let row = sqlx::query(*look).bind("same").bind(request.key).fetch_one(&mut *on).await?;
        let found = decided(Found::from_row(&row)?, request)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn claim(on: &mut SqliteConnection, learnt: &Learnt, request: &Request<'_>) -> Result<(), BoxError> {
    let claim = sqlx::query(learnt.claim)
        .bind("same")
        .bind(request.key)
        .bind(&request.claim_id)
        .bind(&request.fingerprint)
        .bind(1_i64)
        .bind(request.abandoned)
        .bind(request.lease)
        .bind(DAY)
        .bind(1_i64);
    let rows = claim.fetch_all(on).await?;
    let _fence: i64 = rows.first().ok_or("lost a race")?.try_get(0)?;
    Ok(())
}

async fn complete(
    on: &mut SqliteConnection,
    learnt: &Learnt,
    request: &Request<'_>,
    receipt: &Receipt,
) -> Result<(), BoxError> {
    let complete = sqlx::query(learnt.complete)
        .bind("same")
        .bind(request.key)
        .bind(&request.claim_id)
        .bind("completed")
        .bind("json")
        .bind(1_i64)
        .bind(serde_json::to_string(receipt)?)
        .bind(DAY);
    written(complete.execute(on).await?.rows_affected())
}
