//! The statements of the SQLite store, as text.
//!
//! They restate `idem_core::decision`, and the two change together: each statement names the function that it restates.
//! Longer than it would be as code, since SQL is read as a whole.

use std::sync::Arc;

use crate::row::COLUMNS;
use crate::table::Table;

/// The statements for one table, formatted once.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) find: Arc<str>,
    pub(super) insert: Arc<str>,
    pub(super) take: Arc<str>,
    pub(super) extend: Arc<str>,
    pub(super) complete: Arc<str>,
    pub(super) release: Arc<str>,
    pub(super) resolve_finish: Arc<str>,
    pub(super) resolve_rerun: Arc<str>,
    pub(super) purge: Arc<str>,
    pub(super) table_exists: Arc<str>,
}

/// The clock, in microseconds. SQLite tells milliseconds as a float, which is rounded before it is an integer. Within a
/// statement it stands still, and it is read once the statement has its locks.
const NOW: &str = "(CAST(round(unixepoch('subsec') * 1000) AS INTEGER) * 1000)";

/// `Timestamp + Duration`: the last instant there is if the sum lies beyond it, where SQLite would go on with a float.
fn later(instant: &str, micros: &str) -> String {
    format!("(min({instant}, 9223372036854775807 - {micros}) + {micros})")
}

impl Statements {
    pub(super) fn new(table: &Table) -> Self {
        let table = format!("\"{}\"", table.name());
        Self {
            find: find(&table).into(),
            insert: insert(&table).into(),
            take: take(&table).into(),
            extend: extend(&table).into(),
            complete: finish(&table, HELD, "claim_id").into(),
            release: release(&table, HELD, "claim_id").into(),
            resolve_finish: finish(&table, &resolvable(), NOBODY).into(),
            resolve_rerun: release(&table, &resolvable(), NOBODY).into(),
            purge: purge(&table).into(),
            table_exists: "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE)".into(),
        }
    }
}

/// `decision::decide_write`, where it says `Held`.
const HELD: &str = "claim_id = ?3 AND state = 'running'";

/// `decision::is_resolvable`.
fn resolvable() -> String {
    format!("{HELD} AND lease_until <= {NOW}")
}

/// `Record::resolved`: a holder that comes back must not take the operator's outcome for its own.
const NOBODY: &str = "NULL";

/// One row in any case: the clock, and the record or nulls.
fn find(table: &str) -> String {
    format!(
        "SELECT clock.now, {COLUMNS} FROM (SELECT {NOW} AS now) AS clock \
         LEFT JOIN {table} ON scope = ?1 AND key = ?2"
    )
}

/// `Record::claimed` where there is no record; no row comes back if there is one after all.
fn insert(table: &str) -> String {
    let lease_until = later(NOW, "?7");
    let expires_at = later(&lease_until, "?8");
    format!(
        "INSERT INTO {table} (scope, key, state, claim_id, fingerprint, fingerprint_version, abandoned, \
             lease_until, expires_at, attempts, fence, created_at, updated_at) \
         VALUES (?1, ?2, 'running', ?3, ?4, ?5, ?6, {lease_until}, {expires_at}, ?9, max(1, {NOW}), {NOW}, {NOW}) \
         ON CONFLICT (scope, key) DO NOTHING \
         RETURNING fence"
    )
}

/// `Record::claimed` where the decision rested on a record; no row comes back if that record has changed since.
///
/// Every write changes one of the columns that are compared: a claim its fence, an end its state, a renewal its times.
/// What the decision said of them still holds at the write: a record that had lapsed or expired by then has by now.
/// `?10` is the step of the fence, 0 for a claim that finds itself. `?11` says that the record had expired.
fn take(table: &str) -> String {
    let lease_until = later(NOW, "?7");
    let expires_at = later(&lease_until, "?8");
    format!(
        "UPDATE {table} SET state = 'running', claim_id = ?3, fingerprint = ?4, fingerprint_version = ?5, \
             abandoned = ?6, lease_until = {lease_until}, expires_at = {expires_at}, attempts = ?9, \
             fence = CASE ?10 WHEN 0 THEN fence ELSE max(fence + ?10, {NOW}) END, \
             codec = NULL, outcome_version = NULL, outcome = NULL, \
             created_at = CASE WHEN ?11 THEN {NOW} ELSE created_at END, updated_at = {NOW} \
         WHERE scope = ?1 AND key = ?2 AND state = ?12 AND claim_id IS ?13 AND fence = ?14 \
             AND lease_until IS ?15 AND expires_at = ?16 \
         RETURNING fence"
    )
}

/// `Record::extended`.
fn extend(table: &str) -> String {
    let lease_until = later(NOW, "?4");
    let expires_at = later(&lease_until, "max(0, expires_at - lease_until)");
    format!(
        "UPDATE {table} SET lease_until = {lease_until}, expires_at = {expires_at}, updated_at = {NOW} \
         WHERE scope = ?1 AND key = ?2 AND {HELD}"
    )
}

/// `Record::finished`.
fn finish(table: &str, guard: &str, claim_id: &str) -> String {
    let expires_at = later(NOW, "?8");
    format!(
        "UPDATE {table} SET state = ?4, codec = ?5, outcome_version = ?6, outcome = ?7, \
             expires_at = {expires_at}, updated_at = {NOW}, lease_until = NULL, abandoned = NULL, \
             claim_id = {claim_id} \
         WHERE scope = ?1 AND key = ?2 AND {guard}"
    )
}

/// `Record::released`.
fn release(table: &str, guard: &str, claim_id: &str) -> String {
    format!(
        "UPDATE {table} SET state = 'released', updated_at = {NOW}, lease_until = NULL, abandoned = NULL, \
             claim_id = {claim_id} \
         WHERE scope = ?1 AND key = ?2 AND {guard}"
    )
}

/// `decision::is_expired`. The first condition is that of the index, word for word.
///
/// The clock ticks in milliseconds, and a fence counts up in microseconds when a key is claimed often within one. A record
/// whose fence is not past waits for the next purge: without it, the next claim would get the same fence again.
fn purge(table: &str) -> String {
    format!(
        "DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} \
             WHERE (state <> 'running' OR abandoned = 'rerun') AND expires_at <= {NOW} \
                 AND (state <> 'running' OR lease_until <= {NOW}) AND fence < {NOW} \
             ORDER BY expires_at LIMIT ?1)"
    )
}
