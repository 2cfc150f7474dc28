//! The error numbers of MySQL and MariaDB.

use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use crate::error::Meaning;

/// What an error number means, see <https://mariadb.com/kb/en/mariadb-error-code-reference/>.
pub(super) fn meaning(error: &dyn DatabaseError) -> Meaning {
    match error.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number) {
        // deadlock; a record that has changed since the snapshot (MariaDB, innodb_snapshot_isolation)
        Some(1213 | 1020) => Meaning::Conflict,
        // Too many connections, shutdown, lock wait time-out, no lock without waiting, interrupted, max_statement_time,
        // out of memory, gone away
        Some(1040 | 1203 | 1053 | 1205 | 3572 | 1317 | 3024 | 1969 | 1927 | 1037 | 1038 | 1041 | 2006 | 2013) => {
            Meaning::Unavailable
        }
        Some(1146) => Meaning::Refused("the table is missing; call `migrate()`"),
        Some(1044 | 1045 | 1142 | 1143) => {
            Meaning::Refused("the database user may not read and write idem's table; grant it")
        }
        Some(1290 | 1792 | 1836) => Meaning::Refused("the database is read-only here; connect to the primary"),
        Some(1021 | 1114) => Meaning::Refused("the disk is full, or the table has reached its limit; make room"),
        Some(1153 | 1301) => {
            Meaning::Refused("the outcome is larger than `max_allowed_packet`; return less, or raise it")
        }
        Some(1034 | 1194 | 1195 | 1712 | 1877) => Meaning::Damaged,
        _ => Meaning::Refused("the database refused the statement; compare the table with idem's migrations"),
    }
}

/// Whether the error has this number.
fn has_number(error: &sqlx::Error, numbers: &[u16]) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>())
        .is_some_and(|error| numbers.contains(&error.number()))
}

/// Whether a row with the same key was there.
pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
    has_number(error, &[1062])
}

/// Whether a table or its database is missing.
pub(super) fn is_missing_table(error: &sqlx::Error) -> bool {
    has_number(error, &[1146, 1049])
}

/// Whether somebody else held a lock for longer than the statement would wait.
pub(super) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    has_number(error, &[1205, 3572])
}
