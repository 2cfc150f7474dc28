//! The parameters of the statements, by their numbers in `statements.rs`.

use std::sync::Arc;
use std::time::Duration;

use idem_core::decision::is_expired;
use idem_core::{Claim, ClaimId, ClaimRequest, Key, Origin, Outcome, Record, State, Timestamp};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite};

use crate::row;

pub(super) type SqliteQuery<'q> = Query<'q, Sqlite, SqliteArguments>;

/// `?1` and `?2`.
pub(super) fn on_key<'q>(statement: &Arc<str>, key: &Key) -> SqliteQuery<'q> {
    sqlx::query(AssertSqlSafe(statement.clone())).bind(key.scope().as_str().to_owned()).bind(key.text().to_owned())
}

/// `?1` to `?3`.
pub(super) fn on_claim<'q>(statement: &Arc<str>, key: &Key, claim_id: ClaimId) -> SqliteQuery<'q> {
    on_key(statement, key).bind(claim_id.to_string())
}

/// `?4` to `?8`.
pub(super) fn with_outcome<'q>(query: SqliteQuery<'q>, outcome: &Outcome, retention: Duration) -> SqliteQuery<'q> {
    query
        .bind(outcome.kind.state_name())
        .bind(outcome.codec.name())
        .bind(i64::from(outcome.version))
        .bind(outcome.text.clone())
        .bind(row::micros(retention))
}

/// `?1` to `?9`. The fence and the times come from the database's clock.
pub(super) fn claimed<'q>(statement: &Arc<str>, request: &ClaimRequest, claim: &Claim) -> SqliteQuery<'q> {
    on_claim(statement, &claim.key, claim.claim_id)
        .bind(row::digest(request.fingerprint.as_ref()))
        .bind(request.fingerprint.map(|fingerprint| i64::from(fingerprint.version())))
        .bind(request.abandoned.name())
        .bind(row::micros(request.lease))
        .bind(row::micros(request.retention))
        .bind(i64::from(claim.attempt))
}

/// `?10` to `?16`: what the decision makes of the record, and the record as it was found.
pub(super) fn as_found<'q>(query: SqliteQuery<'q>, claim: &Claim, record: &Record, now: Timestamp) -> SqliteQuery<'q> {
    let lease_until = match record.state {
        State::Running { lease_until, .. } => Some(lease_until.as_micros()),
        State::Issued | State::Released | State::Finished(_) => None,
    };
    query
        .bind(i64::from(claim.origin != Origin::Repeated))
        .bind(is_expired(record, now))
        .bind(record.state.name())
        .bind(record.claim_id.map(|claim_id| claim_id.to_string()))
        .bind(record.fence.number())
        .bind(lease_until)
        .bind(record.expires_at.as_micros())
}
