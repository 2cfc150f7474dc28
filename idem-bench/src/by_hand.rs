//! The same call on SQLite, made safe to retry by hand, with sqlx alone: what a `SqliteStore` is compared with.
//!
//! Each has a scope of its own in the table that idem made. Long because SQL is read as a whole.

use std::sync::{Arc, LazyLock};

use sqlx::sqlite::{SqlitePool, SqliteQueryResult};
use sqlx::{AssertSqlSafe, FromRow, Row as _};

use crate::orders::{Order, Receipt, charge};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Whatever went wrong.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// As little as the table allows, for this one function: two columns, no fence, no renewal, no takeover, no fingerprint,
/// and a clock that is read anew in each expression.
#[derive(Debug, Clone)]
pub struct Lean(pub SqlitePool);

impl Lean {
    const SELECT: &str = "SELECT state, outcome FROM idem_records \
        WHERE scope = 'by hand' AND key = ?1 AND expires_at > unixepoch('subsec') * 1000000";

    const INSERT: &str = "INSERT INTO idem_records (scope, key, state, claim_id, abandoned, lease_until, expires_at, \
            attempts, fence, created_at, updated_at) \
        VALUES ('by hand', ?1, 'running', ?2, 'rerun', \
            CAST(unixepoch('subsec') * 1000000 AS INTEGER) + ?3, CAST(unixepoch('subsec') * 1000000 AS INTEGER) + ?4, \
            1, CAST(unixepoch('subsec') * 1000000 AS INTEGER), CAST(unixepoch('subsec') * 1000000 AS INTEGER), \
            CAST(unixepoch('subsec') * 1000000 AS INTEGER)) \
        ON CONFLICT (scope, key) DO NOTHING";

    const UPDATE: &str = "UPDATE idem_records SET state = 'completed', codec = 'json', outcome_version = 1, \
            outcome = ?3, expires_at = CAST(unixepoch('subsec') * 1000000 AS INTEGER) + ?4, \
            updated_at = CAST(unixepoch('subsec') * 1000000 AS INTEGER), lease_until = NULL, abandoned = NULL \
        WHERE scope = 'by hand' AND key = ?1 AND claim_id = ?2 AND state = 'running'";

    /// Charges, or answers what was answered before.
    ///
    /// # Errors
    ///
    /// If the database fails, or the key is held.
    pub async fn call(&self, order: &Order) -> Result<Receipt, BoxError> {
        let found = sqlx::query(Self::SELECT).bind(&order.id).fetch_optional(&self.0).await?;
        if let Some(found) = found {
            return replayed(found.try_get(0)?, found.try_get(1)?);
        }
        let claim_id = claim_id();
        let claimed = sqlx::query(Self::INSERT)
            .bind(&order.id)
            .bind(&claim_id)
            .bind(MINUTE / 2)
            .bind(DAY)
            .execute(&self.0)
            .await?;
        written(&claimed)?;
        let receipt = charge(order).await?;
        let completed = sqlx::query(Self::UPDATE)
            .bind(&order.id)
            .bind(&claim_id)
            .bind(serde_json::to_string(&receipt)?)
            .bind(DAY)
            .execute(&self.0)
            .await?;
        written(&completed)?;
        Ok(receipt)
    }
}

/// The statements of `idem-sqlx`, word for word, every column of the answer decoded and what it says obeyed, with no engine
/// and no store around them: what is left is what idem itself costs.
#[derive(Debug, Clone)]
pub struct SameStatements(pub SqlitePool);

/// The clock and the columns, by ordinal and borrowed from the row: the fastest that sqlx has.
#[rustfmt::skip]
type Found<'r> = (
    i64, Option<&'r str>, Option<&'r str>, Option<i64>, Option<i64>, Option<&'r str>, Option<i64>, Option<&'r str>,
    Option<i64>, Option<i64>, Option<&'r str>, Option<i64>, Option<&'r str>, Option<i64>, Option<i64>,
);

impl SameStatements {
    const SELECT: &str = "SELECT clock.now, state, claim_id, fence, attempts, fingerprint, fingerprint_version, \
            abandoned, lease_until, expires_at, codec, outcome_version, outcome, created_at, updated_at \
        FROM (SELECT (CAST(round(unixepoch('subsec') * 1000) AS INTEGER) * 1000) AS now) AS clock \
        LEFT JOIN \"idem_records\" ON scope = ?1 AND key = ?2";

    /// Charges, or answers what was answered before.
    ///
    /// # Errors
    ///
    /// If the database fails, or the key is held.
    pub async fn call(&self, order: &Order) -> Result<Receipt, BoxError> {
        let row = sqlx::query(Self::SELECT).bind("same").bind(&order.id).fetch_one(&self.0).await?;
        let (now, state, _, _, _, fingerprint, _, _, _, expires_at, codec, version, outcome, _, _) =
            Found::from_row(&row)?;
        if let Some(state) = state
            && expires_at > Some(now)
        {
            if (fingerprint, codec, version) != (None, Some("json"), Some(1)) {
                return Err("the record is of another payload, or of another release".into());
            }
            return replayed(state, outcome);
        }
        let claim_id = claim_id();
        let claimed = sqlx::query(AssertSqlSafe(same_insert()))
            .bind("same")
            .bind(&order.id)
            .bind(&claim_id)
            .bind(None::<String>)
            .bind(None::<i64>)
            .bind("rerun")
            .bind(MINUTE / 2)
            .bind(DAY)
            .bind(1)
            .fetch_all(&self.0)
            .await?;
        let _fence: i64 = claimed.first().ok_or("lost a race")?.try_get(0)?;
        let receipt = charge(order).await?;
        let completed = sqlx::query(AssertSqlSafe(same_update()))
            .bind("same")
            .bind(&order.id)
            .bind(&claim_id)
            .bind("completed")
            .bind("json")
            .bind(1)
            .bind(serde_json::to_string(&receipt)?)
            .bind(DAY)
            .execute(&self.0)
            .await?;
        written(&completed)?;
        Ok(receipt)
    }
}

const NOW: &str = "(CAST(round(unixepoch('subsec') * 1000) AS INTEGER) * 1000)";

fn later(instant: &str, micros: &str) -> String {
    format!("(min({instant}, 9223372036854775807 - {micros}) + {micros})")
}

fn same_insert() -> Arc<str> {
    static INSERT: LazyLock<Arc<str>> = LazyLock::new(|| {
        let lease_until = later(NOW, "?7");
        let expires_at = later(&lease_until, "?8");
        let insert = format!(
            "INSERT INTO \"idem_records\" (scope, key, state, claim_id, fingerprint, fingerprint_version, abandoned, \
                 lease_until, expires_at, attempts, fence, created_at, updated_at) \
             VALUES (?1, ?2, 'running', ?3, ?4, ?5, ?6, {lease_until}, {expires_at}, ?9, max(1, {NOW}), {NOW}, {NOW}) \
             ON CONFLICT (scope, key) DO NOTHING \
             RETURNING fence"
        );
        insert.into()
    });
    INSERT.clone()
}

fn same_update() -> Arc<str> {
    static UPDATE: LazyLock<Arc<str>> = LazyLock::new(|| {
        let expires_at = later(NOW, "?8");
        let update = format!(
            "UPDATE \"idem_records\" SET state = ?4, codec = ?5, outcome_version = ?6, outcome = ?7, \
                 expires_at = {expires_at}, updated_at = {NOW}, lease_until = NULL, abandoned = NULL \
             WHERE scope = ?1 AND key = ?2 AND claim_id = ?3 AND state = 'running'"
        );
        update.into()
    });
    UPDATE.clone()
}

fn replayed(state: &str, outcome: Option<&str>) -> Result<Receipt, BoxError> {
    match (state, outcome) {
        ("completed", Some(outcome)) => Ok(serde_json::from_str(outcome)?),
        _ => Err(format!("the key is {state}").into()),
    }
}

fn claim_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

fn written(done: &SqliteQueryResult) -> Result<(), BoxError> {
    if done.rows_affected() == 1 { Ok(()) } else { Err("somebody else holds the claim".into()) }
}
