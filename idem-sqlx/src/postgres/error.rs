//! PostgreSQL's SQLSTATEs.

use idem_core::StoreError;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

use super::sql;
use crate::error::{Meaning, store_error};
use crate::statement::NOT_THIS_STATEMENT;

/// What an error means.
pub(crate) fn meaning(error: &dyn DatabaseError) -> Meaning {
    let ended_the_session = error
        .try_downcast_ref::<PgDatabaseError>()
        .is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic));
    match error.code() {
        // invalid_parameter_value
        Some(code) if code == "22023" && error.message().contains(sql::NO_UTF8) => Meaning::Refused(
            "a session of the pool has another `client_encoding` than UTF8, in which keys and outcomes are garbled; leave it as \
             sqlx sets it",
        ),
        // invalid_text_representation
        Some(code) if code == "22P02" && error.message().contains(NOT_THIS_STATEMENT) => Meaning::Mixed,
        Some(code) if ended_the_session => of_fatal(&code),
        Some(code) => of_code(&code),
        None => Meaning::Lost,
    }
}

/// What an error means to [`migrate`](super::PgStore::migrate).
pub(super) fn while_migrating(error: sqlx::Error) -> StoreError {
    store_error(error, |error| match error.code().as_deref() {
        Some("42501") => Meaning::Refused(
            "the database user may not make idem's tables; run `migrations/postgres/*.sql` as one who may, and grant this \
             one the use of them",
        ),
        Some("3F000") => Meaning::Refused("the schema of idem's tables is missing; create it"),
        _ => meaning(error),
    })
}

/// What an error that ended the session means: some do so before there is one.
fn of_fatal(code: &str) -> Meaning {
    match of_code(code) {
        refused @ (Meaning::Refused(_) | Meaning::Away | Meaning::Full(_)) if is_of_connecting(code) => refused,
        _ => Meaning::Lost,
    }
}

/// `cannot_connect_now`, `too_many_connections`, and those that refuse a user or a database.
fn is_of_connecting(code: &str) -> bool {
    matches!(code, "57P03" | "53300") || matches!(code.get(..2), Some("28" | "3D" | "42"))
}

/// What a SQLSTATE means, see <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_code(code: &str) -> Meaning {
    match code {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Meaning::Conflict,
        // lock_not_available
        "55P03" => Meaning::Locked,
        // query_canceled
        "57014" => Meaning::Cancelled,
        // cannot_connect_now, too_many_connections
        "57P03" | "53300" => Meaning::Away,
        // statement_completion_unknown, idle_in_transaction_session_timeout, transaction_timeout, snapshot_too_old
        "40003" | "25P03" | "25P04" | "72000" => Meaning::Lost,
        // read_only_sql_transaction
        "25006" => Meaning::Reader,
        // feature_not_supported, which is how a plan says that its table has changed
        "0A000" => Meaning::Stale,
        // invalid_sql_statement_name, duplicate_prepared_statement, protocol_violation: of a statement with other
        // parameters. (A pooler says it of anything, but then ends the session.)
        "26000" | "42P05" | "08P01" => Meaning::Mixed,
        "42P01" | "3F000" => Meaning::MissingTable,
        "42501" => Meaning::Refused(
            "the database user may not read and write idem's table; grant it, and let no row level security hide rows",
        ),
        "25P02" => Meaning::Refused("an error has ended the transaction; roll it back"),
        "22021" | "22P05" => Meaning::CannotHold(
            "the encoding of the database, or the `client_encoding` of its session, lacks a character; use UTF8",
        ),
        // data_corrupted, index_corrupted
        "XX001" | "XX002" => Meaning::Damaged,
        code => match code.get(..2) {
            // connection exceptions, operator intervention, system errors
            Some("08" | "57" | "58") => Meaning::Lost,
            // insufficient resources
            Some("53") => Meaning::Full("PostgreSQL has no room, on its disk or in its memory; make some"),
            // program limit exceeded
            Some("54") => Meaning::CannotHold("the outcome is larger than PostgreSQL can hold; return less"),
            Some("28" | "3D") => Meaning::Refused("the server does not let the user of the pool in; see its options"),
            _ => Meaning::Refused("PostgreSQL refused the statement; compare the table with idem's migrations"),
        },
    }
}

/// Whether a statement found that the transaction which it was meant for has ended. That there is none for a savepoint has a code
/// of its own.
pub(crate) fn has_ended(error: &sqlx::Error) -> bool {
    let of_postgres = error.as_database_error().and_then(<dyn DatabaseError>::try_downcast_ref::<PgDatabaseError>);
    of_postgres.is_some_and(|error| match error.code() {
        "25P01" => true,
        "22023" => error.message().contains(sql::ENDED),
        _ => false,
    })
}

/// Whether a table or its schema is missing.
pub(super) fn is_missing_table(error: &sqlx::Error) -> bool {
    is(error, Meaning::MissingTable)
}

/// Whether somebody else held a lock for longer than the statement would wait.
pub(super) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    is(error, Meaning::Locked)
}

fn is(error: &sqlx::Error, expected: Meaning) -> bool {
    error.as_database_error().is_some_and(|error| meaning(error) == expected)
}

/// Whether a statement of the store's own found itself in a transaction: one that is open, or one that has failed.
pub(super) fn is_in_a_transaction(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("25001" | "25P02"))
}

#[cfg(test)]
mod tests {
    use super::{Meaning, of_code, of_fatal};

    #[test]
    fn every_code_means_one_thing() {
        for (codes, meaning) in [
            (&["40001", "40P01"][..], Meaning::Conflict),
            (&["55P03"], Meaning::Locked),
            (&["57014"], Meaning::Cancelled),
            (&["57P03", "53300"], Meaning::Away),
            (&["25006"], Meaning::Reader),
            (&["0A000"], Meaning::Stale),
            (&["26000", "42P05", "08P01"], Meaning::Mixed),
            (&["42P01", "3F000"], Meaning::MissingTable),
            (&["XX001", "XX002"], Meaning::Damaged),
            // connection_failure, admin_shutdown, crash_shutdown, io_error, and those that are listed one by one
            (&["08006", "57P01", "57P02", "58030", "25P03", "25P04", "40003", "72000"], Meaning::Lost),
        ] {
            for code in codes {
                assert_eq!(of_code(code), meaning, "{code}");
            }
        }
    }

    #[test]
    fn no_room_may_pass_and_what_cannot_be_held_may_not() {
        for code in ["53000", "53100", "53200", "53400"] {
            assert!(matches!(of_code(code), Meaning::Full(_)), "{code}");
        }
        for code in ["22021", "22P05", "54000", "54001"] {
            assert!(matches!(of_code(code), Meaning::CannotHold(_)), "{code}");
        }
    }

    #[test]
    fn a_code_that_somebody_must_mend_is_refused_with_what_to_mend() {
        for (code, mend) in [
            ("42501", "grant"),
            ("25P02", "roll it back"),
            ("28P01", "options"),
            ("28000", "options"),
            ("3D000", "options"),
            // undefined_column, check_violation, raise_exception, internal_error
            ("42703", "migrations"),
            ("23514", "migrations"),
            ("P0001", "migrations"),
            // invalid_parameter_value, of a trigger
            ("22023", "migrations"),
            ("XX000", "migrations"),
            ("", "migrations"),
            ("0", "migrations"),
            ("é", "migrations"),
        ] {
            let Meaning::Refused(what) = of_code(code) else { panic!("{code}: {:?}", of_code(code)) };
            assert!(what.contains(mend), "{code}: {what}");
        }
    }

    #[test]
    fn what_ends_a_session_is_a_lost_answer_unless_the_session_never_began() {
        // admin_shutdown, a pooler's protocol_violation, query_canceled, disk_full
        for code in ["57P01", "08P01", "57014", "53100", "XX000"] {
            assert_eq!(of_fatal(code), Meaning::Lost, "{code}");
        }
        assert_eq!(of_fatal("57P03"), Meaning::Away);
        assert_eq!(of_fatal("53300"), Meaning::Away);
        assert!(matches!(of_fatal("28P01"), Meaning::Refused(_)));
        assert!(matches!(of_fatal("3D000"), Meaning::Refused(_)));
    }
}
