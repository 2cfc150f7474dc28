//! The statements that only PostgreSQL has, as text.

use std::time::Duration;

use crate::backend::Backend as _;
use crate::row;
use crate::table::Table;
use crate::transaction::inside::ended;

use super::backend::PgBackend;

/// How long a claim waits for a lock at most. Locks on a record are short, but for a transaction of the application's that
/// claimed the key, or took it over, and is still open.
const LONGEST_PATIENCE: Duration = Duration::from_secs(5);

/// The clock, which goes on within a statement.
const CLOCK: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// An insert that took longer than this gets another fence, however long records live.
const LONGEST_INSERT_MICROS: u32 = 100_000;

/// An encoding that does not exist.
macro_rules! no_utf8 {
    () => {
        "no UTF8"
    };
}

/// A choice that begins with what comes where this statement began the transaction that it is in.
macro_rules! when_alone {
    ($then:expr) => {
        concat!(
            "CASE WHEN pg_catalog.now() = coalesce((SELECT creation_time FROM pg_catalog.pg_cursors WHERE name = ''), \
                pg_catalog.statement_timestamp()) THEN ",
            $then,
            " WHEN EXISTS (SELECT FROM pg_catalog.pg_cursors AS portal \
                JOIN pg_catalog.pg_prepared_statements AS prepared ON prepared.statement = portal.statement \
                WHERE portal.name = '' AND prepared.prepare_time = pg_catalog.now()) THEN ",
            $then
        )
    };
}

/// [`own`], and a condition that is always true, and sets how long the rest of the transaction waits for locks: no longer
/// than the pool would wait for a connection. The setting ends with the transaction.
pub(super) fn patience(acquire_timeout: Duration) -> String {
    // Zero would mean for ever.
    let millis = acquire_timeout.min(LONGEST_PATIENCE).as_millis().max(1);
    format!("AND {} AND set_config('lock_timeout', '{millis}', true) IS NOT NULL", own())
}

/// A condition that is true in a transaction that this statement began, and an error (25001) in any other: one that somebody
/// left open on a connection of the pool, in which whatever is written is acknowledged and never committed.
///
/// Such a transaction began before this statement. When the statement began is when its portal was made; one that came as
/// plain text has none that is shown, and then is the time of the message. A pooler may have the server prepare the statement
/// on the way: then that is when the transaction began. What makes the error is an attempt to change the isolation level.
pub(super) const ALONE: &str = concat!(
    when_alone!("true"),
    " ELSE pg_catalog.set_config('transaction_isolation', CASE pg_catalog.current_setting('transaction_isolation') \
        WHEN 'serializable' THEN 'repeatable read' ELSE 'serializable' END, true) IS NULL END"
);

/// The opposite: a condition that is true in a transaction that began before this statement, and an error that says [`ENDED`]
/// where there is none. What makes the error is an isolation level that there is not; it is not looked at before it is set.
pub(crate) const INSIDE: &str = concat!(
    when_alone!(concat!("pg_catalog.set_config('transaction_isolation', '", ended!(), "', true) IS NULL")),
    " ELSE true END"
);

/// What the error of [`INSIDE`] says, in whatever language the rest of it is.
pub(super) const ENDED: &str = ended!();

/// A condition that is true where texts come and go as UTF-8, as sqlx writes and reads them, and an error (22023) in a session
/// that has set another `client_encoding`: keys would be others than those of other sessions, and outcomes be garbled. What makes
/// the error is an attempt to set an encoding that does not exist.
pub(crate) const UTF8: &str = concat!(
    "CASE pg_catalog.pg_client_encoding() WHEN 'UTF8' THEN true ELSE pg_catalog.set_config('client_encoding', '",
    no_utf8!(),
    "', true) IS NULL END"
);

/// What the error of [`UTF8`] says, in whatever language the rest of it is. A trigger of the table may raise the same code.
pub(super) const NO_UTF8: &str = no_utf8!();

/// The condition of a statement that is a transaction of its own. `?0` is that it runs, and no other in its place.
pub(super) fn own() -> String {
    format!("?0 AND {ALONE} AND {UTF8}")
}

/// The condition of a statement in a transaction of the caller's.
pub(crate) fn joined() -> String {
    format!("?0 AND {INSIDE} AND {UTF8}")
}

/// The look of a statement of its own.
pub(super) fn find(table: &Table) -> String {
    format!("{} WHERE {}", PgBackend::SYNTAX.find(table), own())
}

/// The look in a transaction of the caller's, which may have ended: whoever writes next is told so.
pub(super) fn find_joined(table: &Table) -> String {
    format!("{} WHERE ?0", PgBackend::SYNTAX.find(table))
}

/// `find` and `insert` in one round trip. Both halves share a snapshot: a row that somebody committed after it shows in
/// neither, and then the answer is to ask again. The clock is read once, and after the snapshot was taken, so that no
/// record that was purged before it had a greater fence. Only the insert waits for locks, so only it is told how long.
///
/// A session may be stopped between reading the clock and inserting, or wait for a lock there, while others claim the key,
/// finish, and are purged: then their fences were greater. The last column says that there was time for it; no other
/// record of this operation lives shorter than its retention.
pub(super) fn ask(table: &Table, condition: &str) -> String {
    let syntax = &PgBackend::SYNTAX;
    let (columns, values) = syntax.claimed("found.now");
    let (looked_up, table, key) = (row::columns(syntax.read), syntax.table(table), syntax.key());
    format!(
        "WITH found AS MATERIALIZED (SELECT clock.now, {looked_up} FROM (SELECT {CLOCK} AS now) AS clock \
             LEFT JOIN {table} ON scope = ?1 AND {key} = ?2), \
         made AS (INSERT INTO {table} ({columns}) SELECT {values} FROM found \
             WHERE ?10 AND found.state IS NULL {condition} \
             ON CONFLICT (scope, {key}) DO NOTHING RETURNING fence AS made_fence) \
         SELECT found.*, made.made_fence, \
             CASE WHEN made.made_fence IS NOT NULL THEN {CLOCK} - found.now >= least(?8, {LONGEST_INSERT_MICROS}) END \
         FROM found LEFT JOIN made ON true WHERE ?0 AND {UTF8}"
    )
}

/// Gives a claim that was late a fence of now.
pub(super) fn renumber(table: &Table) -> String {
    let syntax = &PgBackend::SYNTAX;
    let (table, key, now) = (syntax.table(table), syntax.key(), syntax.now);
    format!(
        "UPDATE {table} SET fence = greatest(fence + 1, {now}) \
         WHERE scope = ?1 AND {key} = ?2 AND claim_id = ?3 AND state = 'running' AND ?0 RETURNING fence"
    )
}

/// As for all databases, with a patience that is set when the row was found and before it is locked.
pub(super) fn take(table: &Table, condition: &str) -> String {
    patiently(&PgBackend::SYNTAX.take(table), condition)
}

/// As for all databases, with the same patience.
pub(super) fn issue_again(table: &Table, condition: &str) -> String {
    patiently(&PgBackend::SYNTAX.issue_again(table), condition)
}

fn patiently(statement: &str, condition: &str) -> String {
    let returning = PgBackend::SYNTAX.returning;
    format!("{} {condition} {returning}", statement.trim_end_matches(returning))
}

/// `extend` for many claims, in the JSON of `values::extended`. Those that somebody has locked are skipped.
pub(super) fn extend_all(table: &Table) -> String {
    let syntax = &PgBackend::SYNTAX;
    let (table, extension) = (syntax.table(table), syntax.extension("?1", ""));
    format!(
        "UPDATE {table} SET {extension} WHERE ctid = ANY (ARRAY(\
             SELECT record.ctid FROM json_array_elements(?2::text::json) AS held(claim) JOIN {table} AS record \
             ON record.scope = (claim ->> 0) COLLATE \"C\" AND record.key = (claim ->> 1) COLLATE \"C\" \
             WHERE record.claim_id = claim ->> 2 AND record.state = 'running' FOR UPDATE OF record SKIP LOCKED)) \
         AND {}",
        own()
    )
}

/// Those that another purge is at are skipped.
pub(super) fn purge(table: &Table) -> String {
    let (table, expired) = (PgBackend::SYNTAX.table(table), PgBackend::SYNTAX.expired());
    format!(
        "DELETE FROM {table} WHERE ctid = ANY (ARRAY(\
             SELECT ctid FROM {table} WHERE {expired} ORDER BY purge_from LIMIT ?1 FOR UPDATE SKIP LOCKED)) AND {}",
        own()
    )
}
