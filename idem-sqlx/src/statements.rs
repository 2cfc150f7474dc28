//! The statements, as text, for all databases.
//!
//! They restate `idem_core::decision`, and the two change together: each statement names the function that it restates.
//! What the databases say differently is in their [`Syntax`]. Longer than it would be as code, since SQL is read as a
//! whole.

use crate::row::columns;
use crate::statement::{Placeholders, Statement};
use crate::table::Table;

/// What a database has its own words for.
#[derive(Debug)]
pub(crate) struct Syntax {
    pub(crate) placeholders: Placeholders,
    /// The quote of a name.
    pub(crate) quote: char,
    /// The clock, in microseconds since 1970, standing still within a statement.
    pub(crate) now: &'static str,
    /// The functions that pick one of their arguments.
    pub(crate) least: &'static str,
    pub(crate) greatest: &'static str,
    /// Equality under which null is equal to null.
    pub(crate) same: &'static str,
    /// How the fence of a claim is made to be told, around its value.
    pub(crate) told: (&'static str, &'static str),
    /// What follows an `INSERT`, so that it makes a row only where there is none, and tells its fence.
    pub(crate) if_absent: &'static str,
    /// What follows an `UPDATE`, so that it tells the fence.
    pub(crate) returning: &'static str,
    /// What stands around a text that is read.
    pub(crate) read: (&'static str, &'static str),
    /// What makes a text of a value that is sent as bytes, around it.
    pub(crate) text: (&'static str, &'static str),
}

/// The statements for one table, formatted once.
#[derive(Debug)]
pub(crate) struct Statements {
    pub(crate) find: Statement,
    pub(crate) insert: Statement,
    pub(crate) take: Statement,
    pub(crate) extend: Statement,
    pub(crate) complete: Statement,
    pub(crate) release: Statement,
    pub(crate) abandon: Statement,
    pub(crate) issue: Statement,
    pub(crate) issue_again: Statement,
    pub(crate) resolve_finish: Statement,
    pub(crate) resolve_rerun: Statement,
    pub(crate) abandoned: Statement,
}

impl Statements {
    /// With something before each of them, and with one more condition for those that change a row.
    pub(crate) fn wrapped(prefix: &str, condition: &str, syntax: &Syntax, table: &Table) -> Self {
        let statement = |template: String| Statement::new(&format!("{prefix}{template}"), syntax.placeholders);
        let update = |template: String| statement(template + condition);
        Self {
            find: statement(syntax.find(table)),
            insert: statement(syntax.insert(table)),
            take: update(syntax.take(table)),
            extend: update(syntax.extend(table, "?4", "")),
            complete: update(syntax.finish(table, HELD, "claim_id")),
            release: update(syntax.release(table, HELD, "claim_id")),
            abandon: update(syntax.extend(table, "0", "abandoned = 'refuse', ")),
            issue: statement(syntax.issue(table, condition)),
            issue_again: update(syntax.issue_again(table)),
            resolve_finish: update(syntax.finish(table, &syntax.resolvable(), NOBODY)),
            resolve_rerun: update(syntax.release(table, &syntax.resolvable(), NOBODY)),
            abandoned: statement(syntax.abandoned(table, "")),
        }
    }
}

/// `decision::decide_write`, where it says `Held`.
const HELD: &str = "claim_id = ?3 AND state = 'running'";

/// `Record::resolved`: a holder that comes back must not take the operator's outcome for its own.
const NOBODY: &str = "NULL";

/// The columns that a new record has, without the key.
const CLAIMED: &str = "state, claim_id, fingerprint, fingerprint_version, abandoned, lease_until, expires_at, \
                       purge_from, attempts, fence, created_at, updated_at";

/// In `UPDATE`s, a column stands to the right of `=` only before it is set itself: MySQL evaluates from left to right.
impl Syntax {
    /// The name of a table as it stands in a statement.
    pub(crate) fn table(&self, table: &Table) -> String {
        table.quoted(self.quote)
    }

    /// The column `key`, which is a word of its own in MySQL.
    pub(crate) fn key(&self) -> String {
        format!("{0}key{0}", self.quote)
    }

    /// `Timestamp + Duration`: the last instant there is if the sum lies beyond it.
    pub(crate) fn later(&self, instant: &str, micros: &str) -> String {
        format!("({}({instant}, 9223372036854775807 - {micros}) + {micros})", self.least)
    }

    /// `decision::is_resolvable`.
    fn resolvable(&self) -> String {
        format!("{HELD} AND lease_until <= {}", self.now)
    }

    /// One row in any case: the clock, and the record or nulls.
    pub(crate) fn find(&self, table: &Table) -> String {
        let (now, columns, table, key) = (self.now, columns(self.read), self.table(table), self.key());
        format!(
            "SELECT clock.now, {columns} FROM (SELECT {now} AS now) AS clock \
             LEFT JOIN {table} ON scope = ?1 AND {key} = ?2"
        )
    }

    /// The columns and the values of a new record, where `now` is the clock.
    pub(crate) fn claimed(&self, now: &str) -> (String, String) {
        let lease_until = self.later(now, "?7");
        let expires_at = self.later(&lease_until, "?8");
        let purge_from = self.later(now, "?8");
        let fence = format!("{}{}(1, {now}){}", self.told.0, self.greatest, self.told.1);
        let columns = format!("scope, {}, {CLAIMED}", self.key());
        let values = format!(
            "?1, ?2, 'running', ?3, ?4, ?5, ?6, {lease_until}, {expires_at}, {purge_from}, ?9, {fence}, {now}, {now}"
        );
        (columns, values)
    }

    /// `Record::claimed` where there is no record; no fence is told if there is one after all.
    fn insert(&self, table: &Table) -> String {
        let (columns, values) = self.claimed(self.now);
        format!("INSERT INTO {} ({columns}) VALUES ({values}) {}", self.table(table), self.if_absent)
    }

    /// `Record::claimed` where the decision rested on a record; no fence is told if that record has changed since.
    ///
    /// Every write changes one of the columns that are compared: a claim its fence, an end its state, a renewal its
    /// times. What the decision said of them still holds at the write: a record that had lapsed or expired by then has by
    /// now. `?10` is the step of the fence, 0 for a claim that finds itself. `?11` says that the record had expired.
    pub(crate) fn take(&self, table: &Table) -> String {
        let Self { now, greatest, same, told, returning, .. } = self;
        let lease_until = self.later(now, "?7");
        let expires_at = self.later(&lease_until, "?8");
        let purge_from = self.later(now, "?8");
        let (table, key) = (self.table(table), self.key());
        let fence = format!("{}CASE ?10 WHEN 0 THEN fence ELSE {greatest}(fence + ?10, {now}) END{}", told.0, told.1);
        format!(
            "UPDATE {table} SET state = 'running', claim_id = ?3, fingerprint = ?4, fingerprint_version = ?5, \
                 abandoned = ?6, lease_until = {lease_until}, expires_at = {expires_at}, purge_from = {purge_from}, \
                 attempts = ?9, fence = {fence}, codec = NULL, outcome_version = NULL, outcome = NULL, \
                 created_at = CASE WHEN ?11 THEN {now} ELSE created_at END, updated_at = {now} \
             WHERE scope = ?1 AND {key} = ?2 AND state = ?12 AND claim_id {same} ?13 AND fence = ?14 \
                 AND lease_until {same} ?15 AND expires_at = ?16 {returning}"
        )
    }

    /// `Record::extended`, and `Record::abandoned`, which sets one column more. A lease that was longer than time itself may
    /// end sooner now, and then the purge looks sooner.
    fn extend(&self, table: &Table, lease: &str, also: &str) -> String {
        let (table, key, extension) = (self.table(table), self.key(), self.extension(lease, also));
        format!("UPDATE {table} SET {extension} WHERE scope = ?1 AND {key} = ?2 AND {HELD}")
    }

    /// What `Record::extended` sets.
    pub(crate) fn extension(&self, lease: &str, also: &str) -> String {
        let Self { now, least, greatest, .. } = self;
        let lease_until = self.later(now, lease);
        let expires_at = self.later(&lease_until, &format!("{greatest}(0, expires_at - lease_until)"));
        format!(
            "purge_from = {least}(purge_from, {expires_at}), expires_at = {expires_at}, \
                 lease_until = {lease_until}, {also}updated_at = {now}"
        )
    }

    /// `Record::finished`. The purge looks no later than the end; mostly that does not change when it looks.
    fn finish(&self, table: &Table, guard: &str, claim_id: &str) -> String {
        let Self { now, least, text: (from, to), .. } = self;
        let expires_at = self.later(now, "?8");
        let (table, key) = (self.table(table), self.key());
        format!(
            "UPDATE {table} SET state = ?4, codec = ?5, outcome_version = ?6, outcome = {from}?7{to}, \
                 expires_at = {expires_at}, purge_from = {least}(purge_from, {expires_at}), updated_at = {now}, \
                 lease_until = NULL, abandoned = NULL, claim_id = {claim_id} \
             WHERE scope = ?1 AND {key} = ?2 AND {guard}"
        )
    }

    /// `Record::released`.
    fn release(&self, table: &Table, guard: &str, claim_id: &str) -> String {
        let (table, key) = (self.table(table), self.key());
        format!(
            "UPDATE {table} SET state = 'released', updated_at = {}, lease_until = NULL, abandoned = NULL, \
                 claim_id = {claim_id} \
             WHERE scope = ?1 AND {key} = ?2 AND {guard}",
            self.now
        )
    }

    /// `Record::issued` where there is no record; no fence is told if there is one after all.
    pub(crate) fn issue(&self, table: &Table, condition: &str) -> String {
        let (table, key, now, if_absent) = (self.table(table), self.key(), self.now, self.if_absent);
        let expires_at = self.later("clock.now", "?3");
        format!(
            "INSERT INTO {table} (scope, {key}, state, attempts, fence, expires_at, purge_from, created_at, updated_at) \
             SELECT ?1, ?2, 'issued', 0, {}(1, clock.now), {expires_at}, {expires_at}, clock.now, clock.now \
                 FROM (SELECT {now} AS now) AS clock WHERE clock.now IS NOT NULL {condition} {if_absent}",
            self.greatest
        )
    }

    /// `Record::issued` where there was a record that had expired; no fence is told if it has changed since. What is
    /// compared is what [`take`](Self::take) compares.
    pub(crate) fn issue_again(&self, table: &Table) -> String {
        let Self { now, greatest, same, told, returning, .. } = self;
        let (table, key, expires_at) = (self.table(table), self.key(), self.later(now, "?3"));
        let fence = format!("{}{greatest}(fence + 1, {now}){}", told.0, told.1);
        format!(
            "UPDATE {table} SET state = 'issued', claim_id = NULL, fingerprint = NULL, fingerprint_version = NULL, \
                 abandoned = NULL, lease_until = NULL, expires_at = {expires_at}, purge_from = {expires_at}, \
                 attempts = 0, fence = {fence}, codec = NULL, outcome_version = NULL, outcome = NULL, \
                 created_at = {now}, updated_at = {now} \
             WHERE scope = ?1 AND {key} = ?2 AND state = ?4 AND claim_id {same} ?5 AND fence = ?6 \
                 AND lease_until {same} ?7 AND expires_at = ?8 {returning}"
        )
    }

    /// `decision::is_resolvable`, of claims under `refuse`, in the order of their keys.
    pub(crate) fn abandoned(&self, table: &Table, condition: &str) -> String {
        let (now, columns, table, key) = (self.now, columns(self.read), self.table(table), self.key());
        format!(
            "SELECT {now}, {columns}, scope, {key} FROM {table} \
             WHERE state = 'running' AND abandoned = 'refuse' AND lease_until <= {now} \
                 AND (scope > ?1 OR (scope = ?1 AND {key} > ?2)){condition} \
             ORDER BY scope, {key} LIMIT ?3"
        )
    }

    /// `decision::is_expired`, for a purge. The first condition is that of the index.
    ///
    /// A clock may tick slower than a key is claimed, and then its fence counts up ahead of it. A record whose fence is
    /// not past waits for the next purge: without it, the next claim would get the same fence again.
    pub(crate) fn expired(&self) -> String {
        let now = self.now;
        format!(
            "purge_from <= {now} AND expires_at <= {now} AND fence < {now} \
             AND (state <> 'running' OR (abandoned = 'rerun' AND lease_until <= {now}))"
        )
    }
}
