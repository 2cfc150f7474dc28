//! The statements that only MySQL and MariaDB have, as text.

use std::time::Duration;

use crate::backend::Backend as _;
use crate::statement::Statement;
use crate::statements::Statements;
use crate::table::Table;
use crate::transaction::inside::ended;

use super::backend::MySqlBackend;

/// How long a statement waits for a lock at most. Locks on a record are short, but for a transaction of the application's
/// that claimed the key, or took it over, and is still open.
const LONGEST_PATIENCE: Duration = Duration::from_secs(5);

/// How long a statement of the store's own waits for locks: no longer than the pool would wait for a connection.
pub(super) fn own_patience(acquire_timeout: Duration) -> String {
    patience(acquire_timeout.min(LONGEST_PATIENCE).max(Duration::from_secs(1)))
}

/// What stands before a statement that waits no longer than this for locks, in seconds, zero for not at all. It is the
/// statement's own, so that nothing is left of it in the session, whatever becomes of the call. To MySQL it is a comment.
fn patience(patience: Duration) -> String {
    set_for_statement(&lock_wait(patience))
}

fn lock_wait(patience: Duration) -> String {
    const MOST: u64 = 100_000_000;

    let seconds = patience.as_secs() + u64::from(patience.subsec_nanos() > 0);
    format!("innodb_lock_wait_timeout={}", seconds.min(MOST))
}

fn set_for_statement(variables: &str) -> String {
    format!("/*M! SET STATEMENT {variables} FOR */ ")
}

/// What stands before a statement in a transaction of the caller's, so that it fails where there is none any more: MariaDB has no
/// such value of a variable. To MySQL it is a comment.
pub(crate) fn inside() -> String {
    set_for_statement(IS_INSIDE)
}

/// The same, with a patience.
pub(super) fn inside_with_patience(patience: Duration) -> String {
    set_for_statement(&format!("{}, {IS_INSIDE}", lock_wait(patience)))
}

/// What the error of a statement says that was for a transaction which has ended, in whatever language the rest of it is.
pub(super) const ENDED: &str = ended!();

/// A variable that means nothing to a statement inside a transaction, and keeps its value.
const IS_INSIDE: &str = concat!("completion_type=IF(@@in_transaction = 1, @@completion_type, '", ended!(), "')");

/// What a look also tells of its session.
pub(super) const IN_A_TRANSACTION: i64 = 1;
pub(super) const WITHOUT_AUTOCOMMIT: i64 = 2;
pub(super) const READS_UNCOMMITTED: i64 = 4;

/// What a write of the store's own asks for in addition: that it is committed with its acknowledgement. MySQL does not say
/// whether a transaction is open.
const COMMITS: &str = " AND @@autocommit = 1 /*M! AND @@in_transaction = 0 */";

/// The statements in transactions of their own. They see to it that those are: the look tells what the session does with a
/// transaction, and what is written into one that nobody commits is nothing.
pub(super) fn own(patience: &str, table: &Table) -> Statements {
    let syntax = &MySqlBackend::SYNTAX;
    let find = syntax.find(table).replacen(" FROM ", &format!(" , {} FROM ", session()), 1);
    let others = Statements::wrapped(patience, COMMITS, syntax, table);
    Statements { find: Statement::new(&find, syntax.placeholders), ..others }
}

/// What a look tells of its session, as a number.
fn session() -> String {
    format!(
        "CAST({WITHOUT_AUTOCOMMIT} * (@@autocommit = 0) \
             /*M! + {IN_A_TRANSACTION} * (@@in_transaction <> 0) + {READS_UNCOMMITTED} * (@@tx_isolation LIKE 'READ-U%') */ \
             /*!80000 + {READS_UNCOMMITTED} * (@@transaction_isolation LIKE 'READ-U%') */ AS SIGNED)"
    )
}

/// The same of a statement that may find no row to tell it in.
pub(super) fn ask_of_session() -> String {
    format!("SELECT {}", session())
}

/// The first look of a call in the caller's transaction, which also tells whether it sees what others have not committed.
pub(super) fn tell(find: &str) -> String {
    const TOLD: &str = " /*M! , CAST(@@tx_isolation = 'READ-UNCOMMITTED' AS SIGNED) */ \
        /*!80001 , CAST(@@transaction_isolation = 'READ-UNCOMMITTED' AS SIGNED) */ FROM ";

    find.replacen(" FROM ", TOLD, 1)
}

/// `extend` for many claims, in the JSON of `values::extended`. Those that somebody has locked are skipped. Columns are set
/// from left to right, or all of them from what was there; both give the same.
pub(super) fn extend_all(table: &Table) -> String {
    let syntax = &MySqlBackend::SYNTAX;
    let (key, extension, table, (from, to)) =
        (syntax.key(), syntax.extension("?1", ""), syntax.table(table), syntax.text);
    format!(
        "UPDATE (SELECT record.scope, record.{key} FROM JSON_TABLE({from}?2{to}, '$[*]' COLUMNS (\
                 scope VARCHAR(400) CHARACTER SET ascii PATH '$[0]', {key} VARCHAR(510) CHARACTER SET ascii PATH '$[1]', \
                 claim_id VARCHAR(64) CHARACTER SET ascii PATH '$[2]')) AS held \
             STRAIGHT_JOIN {table} AS record FORCE INDEX (PRIMARY) \
             ON record.scope = UNHEX(held.scope) AND record.{key} = UNHEX(held.{key}) \
             WHERE CAST(record.claim_id AS BINARY) = UNHEX(held.claim_id) AND record.state = 'running' \
             FOR UPDATE SKIP LOCKED) AS held \
         STRAIGHT_JOIN {table} AS record FORCE INDEX (PRIMARY) \
         ON record.scope = held.scope AND record.{key} = held.{key} \
         SET {extension} WHERE 1 = 1{COMMITS}"
    )
}

/// The fence of a claim, for a session that does not tell it.
pub(super) fn fence(table: &Table) -> String {
    let syntax = &MySqlBackend::SYNTAX;
    format!("SELECT fence FROM {} WHERE scope = ?1 AND {} = ?2 AND claim_id = ?3", syntax.table(table), syntax.key())
}

/// `find`, as it is now and not as it was when the transaction took its snapshot.
pub(super) fn find_current(table: &Table) -> String {
    format!("{} LOCK IN SHARE MODE", MySqlBackend::SYNTAX.find(table))
}

/// `find` for a caller with little patience. MySQL, which has no patience of a statement's own, has one look that does not
/// wait; MariaDB looks without a lock.
pub(super) fn find_impatiently(table: &Table) -> String {
    format!("{} /*!80001 FOR SHARE NOWAIT */", MySqlBackend::SYNTAX.find(table))
}

/// `find_current` for a caller with little patience.
pub(super) fn find_current_impatiently(table: &Table) -> String {
    format!("{} /*M! LOCK IN SHARE MODE */ /*!80001 FOR SHARE NOWAIT */", MySqlBackend::SYNTAX.find(table))
}

/// Those that somebody else is at are skipped. Which indexes are used is not left to the optimizer: it would read a table
/// with few records through, and lock or wait for all of them.
pub(super) fn purge(table: &Table) -> String {
    let syntax = &MySqlBackend::SYNTAX;
    let (key, expired, index) = (syntax.key(), syntax.expired(), table.index("purge_from", syntax.quote));
    let table = syntax.table(table);
    format!(
        "DELETE record FROM (SELECT scope, {key} FROM {table} FORCE INDEX ({index}) \
             WHERE {expired} ORDER BY purge_from LIMIT ?1 FOR UPDATE SKIP LOCKED) AS expired \
         STRAIGHT_JOIN {table} AS record FORCE INDEX (PRIMARY) \
         ON record.scope = expired.scope AND record.{key} = expired.{key}"
    )
}
