//! The error numbers of MySQL and MariaDB.

use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use crate::error::Meaning;

/// What an error means.
pub(super) fn meaning(error: &dyn DatabaseError) -> Meaning {
    of_number(error.try_downcast_ref::<MySqlDatabaseError>().map_or(0, MySqlDatabaseError::number))
}

/// What an error number means, see <https://mariadb.com/kb/en/mariadb-error-code-reference/> and
/// <https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html>.
fn of_number(number: u16) -> Meaning {
    match number {
        // Deadlock; a record (1020) or the table (1412) has changed since the snapshot; a statement to be prepared again; rolled
        // back by a cluster.
        1213 | 1020 | 1412 | 1615 | 3101 => Meaning::Conflict,
        // Connections: too many, of this user too many, killed, idle for too long, gone, lost.
        1040 | 1203 | 1226 | 1927 | 4031 | 2006 | 2013 | 1158..=1161
        // Shutdown, a node of a cluster that is not ready, an error at COMMIT.
        | 1053 | 1047 | 1180
        // No lock in time or at once, no room for locks or transactions, interrupted, out of time, out of memory.
        | 1205 | 3572 | 1206 | 1637 | 1317 | 1969 | 3024 | 1037 | 1038 | 1041 => Meaning::Unavailable,
        1146 | 1049 => Meaning::Refused("the table is missing; call `migrate()`"),
        1044 | 1045 | 1142 | 1143 => {
            Meaning::Refused("the database user may not read and write idem's table; grant it")
        }
        1290 | 1792 | 1836 => Meaning::Refused("the database is read-only here; connect to the primary"),
        1021 | 1114 => Meaning::Refused("the disk is full, or the table has reached its limit; make room"),
        1153 | 1301 => Meaning::Refused("the outcome is larger than `max_allowed_packet`; return less, or raise it"),
        1034 | 1194 | 1195 | 1712 | 1877 => Meaning::Damaged,
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

/// Whether somebody else held a lock, and the statement was not to wait.
pub(super) fn is_not_waited_for(error: &sqlx::Error) -> bool {
    has_number(error, &[3572])
}

#[cfg(test)]
mod tests {
    use super::of_number;
    use crate::error::Meaning;

    const CONFLICTS: &[u16] = &[1213, 1020, 1412, 1615, 3101];
    const UNAVAILABLE: &[u16] =
        &[1205, 3572, 1040, 1203, 1226, 1053, 1047, 1317, 1969, 3024, 1927, 4031, 2006, 2013, 1159, 1180, 1206];
    /// A duplicate (1062) never gets here: it is a race that was lost, see `is_duplicate`.
    const REFUSED: &[u16] =
        &[0, 1062, 1064, 1054, 1146, 1049, 1142, 1044, 1045, 1290, 1792, 1836, 1021, 1114, 1153, 1406, 3819, 4025];
    const DAMAGED: &[u16] = &[1034, 1194, 1712];

    #[test]
    fn mysql_errno_1062_1205_1213() {
        let meanings = |numbers: &[u16]| numbers.iter().copied().map(of_number).collect::<Vec<_>>();
        assert_eq!(meanings(CONFLICTS), [Meaning::Conflict; CONFLICTS.len()]);
        assert_eq!(meanings(UNAVAILABLE), [Meaning::Unavailable; UNAVAILABLE.len()]);
        assert_eq!(meanings(DAMAGED), [Meaning::Damaged; DAMAGED.len()]);
        for (number, meaning) in REFUSED.iter().zip(meanings(REFUSED)) {
            assert!(matches!(meaning, Meaning::Refused(_)), "{number}: {meaning:?}");
        }
    }
}
