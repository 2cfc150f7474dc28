//! The error numbers of MySQL and MariaDB.

use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use crate::error::Meaning;

/// What an error means.
pub(crate) fn meaning(error: &dyn DatabaseError) -> Meaning {
    of_number(error.try_downcast_ref::<MySqlDatabaseError>().map_or(0, MySqlDatabaseError::number))
}

/// What an error number means, see <https://mariadb.com/kb/en/mariadb-error-code-reference/> and
/// <https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html>.
fn of_number(number: u16) -> Meaning {
    match number {
        // Deadlock; a record (1020) or the table (1412) has changed since the snapshot; rolled back by a cluster.
        1213 | 1020 | 1412 | 3101 => Meaning::Conflict,
        // A statement to be prepared again, or gone from the session.
        1615 | 1243 => Meaning::Stale,
        // No lock in time, or at once.
        1205 | 3572 => Meaning::Locked,
        // Interrupted, or out of time.
        1317 | 1969 | 3024 => Meaning::Cancelled,
        // Connections: too many, of this user too many, hosts with too many errors; a node of a cluster that is not ready,
        // and a server that is offline.
        1040 | 1203 | 1226 | 1129 | 1047 | 3032 | 3168 => Meaning::Away,
        // Connections: killed, idle for too long, gone, lost, aborted; shutdown; an error at COMMIT.
        1927 | 4031 | 3169 | 2006 | 2013 | 1158..=1161 | 1152 | 1184 | 1053 | 1079 | 1180 => Meaning::Lost,
        // `read_only` and the like, a transaction that is, a server that is.
        1290 | 1792 | 1836 => Meaning::Reader,
        // The disk, the table, a file; an error of the storage engine, which tells why in its text alone.
        1021 | 1114 | 1026 | 1030 => Meaning::Full("the disk is full, or the table has reached its limit; make room"),
        // Memory, threads, locks, transactions, prepared statements.
        1037 | 1038 | 1041 | 1135 | 1206 | 1637 | 1461 => {
            Meaning::Full("the server is out of memory, threads, locks or prepared statements; raise its limits")
        }
        1146 | 1049 => Meaning::MissingTable,
        1044 | 1045 | 1142 | 1143 | 1227 | 1370 => {
            Meaning::Refused("the database user may not read and write idem's table; grant it")
        }
        1153 | 1162 | 1301 => {
            Meaning::CannotHold("the outcome is larger than `max_allowed_packet`; return less, or raise it")
        }
        // Data too long, an incorrect string value, an invalid character.
        1406 | 1366 | 1300 => {
            Meaning::CannotHold("a column cannot hold the value; compare the table with idem's migrations")
        }
        1034 | 1194 | 1195 | 1712 | 1877 => Meaning::Damaged,
        _ => Meaning::Refused("the database refused the statement; compare the table with idem's migrations"),
    }
}

fn is(error: &sqlx::Error, expected: Meaning) -> bool {
    error.as_database_error().is_some_and(|error| meaning(error) == expected)
}

/// Whether the error has this number.
fn has_number(error: &sqlx::Error, number: u16) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>())
        .is_some_and(|error| error.number() == number)
}

/// Whether a statement found that the transaction which it was meant for has ended.
pub(crate) fn has_ended(error: &sqlx::Error) -> bool {
    const WRONG_VALUE_FOR_VARIABLE: u16 = 1231;

    has_number(error, WRONG_VALUE_FOR_VARIABLE)
        && error.as_database_error().is_some_and(|error| error.message().contains(super::sql::ENDED))
}

/// Whether a row with the same key was there.
pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
    has_number(error, 1062)
}

/// Whether a table or its database is missing.
pub(super) fn is_missing_table(error: &sqlx::Error) -> bool {
    is(error, Meaning::MissingTable)
}

/// Whether somebody else held a lock for longer than the statement would wait.
pub(super) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    is(error, Meaning::Locked)
}

/// Whether somebody else held a lock, and the statement was not to wait.
pub(super) fn is_not_waited_for(error: &sqlx::Error) -> bool {
    has_number(error, 3572)
}

#[cfg(test)]
mod tests {
    use super::of_number;
    use crate::error::Meaning;

    #[test]
    fn mysql_errno_1062_1205_1213() {
        for (numbers, meaning) in [
            (&[1213, 1020, 1412, 3101][..], Meaning::Conflict),
            (&[1205, 3572], Meaning::Locked),
            (&[1615, 1243], Meaning::Stale),
            (&[1317, 1969, 3024], Meaning::Cancelled),
            (&[1040, 1203, 1226, 1047, 3032], Meaning::Away),
            (&[1053, 1927, 4031, 2006, 2013, 1159, 1180], Meaning::Lost),
            (&[1290, 1792, 1836], Meaning::Reader),
            (&[1146, 1049], Meaning::MissingTable),
            (&[1034, 1194, 1712], Meaning::Damaged),
        ] {
            for number in numbers {
                assert_eq!(of_number(*number), meaning, "{number}");
            }
        }
    }

    #[test]
    fn no_room_may_pass_and_what_cannot_be_held_may_not() {
        for number in [1021, 1114, 1037, 1041, 1206, 1461] {
            assert!(matches!(of_number(number), Meaning::Full(_)), "{number}");
        }
        for number in [1153, 1301, 1406, 1366] {
            assert!(matches!(of_number(number), Meaning::CannotHold(_)), "{number}");
        }
        // A duplicate (1062) never gets here: it is a race that was lost, see `is_duplicate`.
        for number in [0, 1062, 1064, 1054, 1142, 1044, 1045, 3819, 4025] {
            assert!(matches!(of_number(number), Meaning::Refused(_)), "{number}");
        }
    }
}
