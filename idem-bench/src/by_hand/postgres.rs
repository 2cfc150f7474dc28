//! By hand on PostgreSQL.

use sqlx::postgres::{PgPool, PgRow};
use sqlx::{FromRow as _, PgConnection, Row as _};

use super::{BoxError, DAY, Found, Learnt, Request, decided, replayed, written};
use crate::databases::postgres::pay;
use crate::databases::{Contender, Mode};
use crate::orders::{Order, Receipt, charge};

/// What one writes for one function.
#[derive(Debug, Clone)]
pub struct Lean(pub PgPool);

impl Lean {
    pub(crate) const TABLE: &str = "
        CREATE TABLE charge_calls (
            key text COLLATE \"C\" PRIMARY KEY,
            claim_id text NOT NULL,
            fingerprint text NOT NULL,
            lease_until timestamptz,
            expires_at timestamptz NOT NULL,
            outcome text
        ) WITH (fillfactor = 50);
        CREATE INDEX ON charge_calls (expires_at)";

    const SELECT: &str = "SELECT fingerprint, outcome FROM charge_calls WHERE key = $1 AND expires_at > now()";

    const INSERT: &str = "INSERT INTO charge_calls (key, claim_id, fingerprint, lease_until, expires_at) \
        VALUES ($1, $2, $3, now() + $4 * interval '1 us', now() + $5 * interval '1 us') ON CONFLICT DO NOTHING";

    const UPDATE: &str = "UPDATE charge_calls SET outcome = $3, lease_until = NULL \
        WHERE key = $1 AND claim_id = $2 AND outcome IS NULL";

    pub(crate) async fn call(&self, order: &Order) -> Result<Receipt, BoxError> {
        let request = Request::new(order, Mode::Lease)?;
        let mut on = self.0.acquire().await?;
        if let Some(receipt) = Self::look(&mut on, &request).await? {
            return Ok(receipt);
        }
        written(Self::claim(&mut on, &request).await?)?;
        drop(on);
        let receipt = charge(order).await?;
        Self::complete(&mut *self.0.acquire().await?, &request, &receipt).await?;
        Ok(receipt)
    }

    pub(crate) async fn call_in_transaction(&self, order: &Order) -> Result<Receipt, BoxError> {
        let request = Request::new(order, Mode::Transaction)?;
        let mut tx = self.0.begin().await?;
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

    async fn look(on: &mut PgConnection, request: &Request<'_>) -> Result<Option<Receipt>, BoxError> {
        let found = sqlx::query(Self::SELECT).bind(request.key).fetch_optional(on).await?;
        found.map(|row| replayed(row.try_get(0)?, row.try_get(1)?, request)).transpose()
    }

    async fn claim(on: &mut PgConnection, request: &Request<'_>) -> Result<u64, BoxError> {
        let claim = sqlx::query(Self::INSERT).bind(request.key).bind(&request.claim_id).bind(&request.fingerprint);
        // Microseconds times an interval: PostgreSQL takes the number as a double.
        Ok(claim.bind(request.lease as f64).bind(DAY as f64).execute(on).await?.rows_affected())
    }

    async fn complete(on: &mut PgConnection, request: &Request<'_>, receipt: &Receipt) -> Result<(), BoxError> {
        let complete = sqlx::query(Self::UPDATE).bind(request.key).bind(&request.claim_id);
        written(complete.bind(serde_json::to_string(receipt)?).execute(on).await?.rows_affected())
    }
}

/// The statements of idem.
#[derive(Debug, Clone)]
pub struct Same {
    pub(crate) pool: PgPool,
    pub(crate) lease: Learnt,
    pub(crate) transaction: Learnt,
}

impl Same {
    pub(crate) async fn call(&self, order: &Order) -> Result<Receipt, BoxError> {
        let request = Request::new(order, Mode::Lease)?;
        let mut on = self.pool.acquire().await?;
        if let Some(receipt) = claim(&mut on, &self.lease, &request).await? {
            return Ok(receipt);
        }
        drop(on);
        let receipt = charge(order).await?;
        complete(&mut *self.pool.acquire().await?, &self.lease, &request, &receipt).await?;
        Ok(receipt)
    }

    pub(crate) async fn call_in_transaction(&self, order: &Order) -> Result<Receipt, BoxError> {
        let request = Request::new(order, Mode::Transaction)?;
        let mut tx = self.pool.begin().await?;
        let found = claim(&mut tx, &self.transaction, &request).await?;
        let receipt = if let Some(receipt) = found {
            receipt
        } else {
            let receipt = charge(order).await?;
            pay(&mut tx, Contender::Same, order).await?;
            complete(&mut tx, &self.transaction, &request, &receipt).await?;
            receipt
        };
        tx.commit().await?;
        Ok(receipt)
    }
}

/// Looks, and claims where there is nothing, in one statement.
async fn claim(on: &mut PgConnection, learnt: &Learnt, request: &Request<'_>) -> Result<Option<Receipt>, BoxError> {
    let claim = sqlx::query(learnt.claim)
        .bind("same")
        .bind(request.key)
        .bind(&request.claim_id)
        .bind(&request.fingerprint)
        .bind(1_i64)
        .bind(request.abandoned)
        .bind(request.lease)
        .bind(DAY)
        .bind(1_i64)
        .bind(true);
    let rows = claim.fetch_all(on).await?;
    let row: &PgRow = rows.first().ok_or("no row")?;
    if row.try_get::<Option<i64>, _>(15)?.is_some() {
        return Ok(None);
    }
    let replayed = decided(Found::from_row(row)?, request)?;
    Ok(Some(replayed.ok_or("lost a race, or the record has expired")?))
}

async fn complete(
    on: &mut PgConnection,
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
