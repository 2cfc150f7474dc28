//! By hand on MariaDB.

use sqlx::mysql::{MySqlDatabaseError, MySqlPool};
use sqlx::{FromRow as _, MySqlConnection, Row as _};

use super::{BoxError, DAY, Found, Learnt, Request, decided, replayed, written};
use crate::databases::mysql::pay;
use crate::databases::{Contender, Mode};
use crate::orders::{Order, Receipt, charge};

/// What one writes for one function.
#[derive(Debug, Clone)]
pub struct Lean(pub MySqlPool);

impl Lean {
    pub(crate) const TABLE: &str = "
        CREATE TABLE charge_calls (
            `key` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
            claim_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
            fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
            lease_until DATETIME(6),
            expires_at DATETIME(6) NOT NULL,
            outcome LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
            KEY (expires_at)
        ) ENGINE = InnoDB";

    const SELECT: &str =
        "SELECT fingerprint, outcome FROM charge_calls WHERE `key` = ? AND expires_at > UTC_TIMESTAMP(6)";

    const INSERT: &str = "INSERT INTO charge_calls (`key`, claim_id, fingerprint, lease_until, expires_at) \
        VALUES (?, ?, ?, UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND)";

    const UPDATE: &str = "UPDATE charge_calls SET outcome = ?, lease_until = NULL \
        WHERE `key` = ? AND claim_id = ? AND outcome IS NULL";

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

    async fn look(on: &mut MySqlConnection, request: &Request<'_>) -> Result<Option<Receipt>, BoxError> {
        let found = sqlx::query(Self::SELECT).bind(request.key).fetch_optional(on).await?;
        found.map(|row| replayed(row.try_get(0)?, row.try_get(1)?, request)).transpose()
    }

    async fn claim(on: &mut MySqlConnection, request: &Request<'_>) -> Result<u64, BoxError> {
        let claim = sqlx::query(Self::INSERT).bind(request.key).bind(&request.claim_id).bind(&request.fingerprint);
        match claim.bind(request.lease).bind(DAY).execute(on).await {
            Ok(claimed) => Ok(claimed.rows_affected()),
            Err(error) if is_duplicate(&error) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    async fn complete(on: &mut MySqlConnection, request: &Request<'_>, receipt: &Receipt) -> Result<(), BoxError> {
        let complete = sqlx::query(Self::UPDATE).bind(serde_json::to_string(receipt)?);
        written(complete.bind(request.key).bind(&request.claim_id).execute(on).await?.rows_affected())
    }
}

/// The statements of idem.
#[derive(Debug, Clone)]
pub struct Same {
    pub(crate) pool: MySqlPool,
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

/// Looks as often as idem does, and claims where there is nothing.
async fn claim(on: &mut MySqlConnection, learnt: &Learnt, request: &Request<'_>) -> Result<Option<Receipt>, BoxError> {
    for look in &learnt.looks {
        let rows = sqlx::query(*look).bind("same").bind(request.key).fetch_all(&mut *on).await?;
        let found = decided(Found::from_row(rows.first().ok_or("no row")?)?, request)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let mut claim = sqlx::query(learnt.claim)
        .bind("same")
        .bind(request.key)
        .bind(&request.claim_id)
        .bind(&request.fingerprint)
        .bind(1_i64)
        .bind(request.abandoned);
    // Parameters have no numbers here: each time that a value stands in the statement, it is sent.
    for duration in [request.lease, request.lease, request.lease, request.lease, DAY, DAY, DAY, DAY] {
        claim = claim.bind(duration);
    }
    written(claim.bind(1_i64).execute(on).await?.rows_affected())?;
    Ok(None)
}

async fn complete(
    on: &mut MySqlConnection,
    learnt: &Learnt,
    request: &Request<'_>,
    receipt: &Receipt,
) -> Result<(), BoxError> {
    let complete = sqlx::query(learnt.complete)
        .bind("completed")
        .bind("json")
        .bind(1_i64)
        .bind(serde_json::to_string(receipt)?)
        .bind(DAY)
        .bind(DAY)
        .bind(DAY)
        .bind(DAY)
        .bind("same")
        .bind(request.key)
        .bind(&request.claim_id);
    written(complete.execute(on).await?.rows_affected())
}

fn is_duplicate(error: &sqlx::Error) -> bool {
    let error = error.as_database_error().and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>());
    error.is_some_and(|error| error.number() == 1062)
}
