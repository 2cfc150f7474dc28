//! PostgreSQL's SQLSTATEs.

use idem_core::StoreError;
use sqlx::error::DatabaseError;

use crate::error::{Meaning, store_error};

/// What an error means.
pub(super) fn meaning(error: &dyn DatabaseError) -> Meaning {
    error.code().map_or(Meaning::Unavailable, |code| meaning_of(&code))
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

/// What a SQLSTATE means, see <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn meaning_of(code: &str) -> Meaning {
    match code {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Meaning::Conflict,
        // lock_not_available, idle_in_transaction_session_timeout, transaction_timeout, statement_completion_unknown,
        // snapshot_too_old
        "55P03" | "25P03" | "25P04" | "40003" | "72000" => Meaning::Unavailable,
        "42P01" | "3F000" => Meaning::Refused("the table is missing; call `migrate()`"),
        "42501" => Meaning::Refused("the database user may not read and write idem's table; grant it"),
        "25006" => Meaning::Refused("the database is read-only here; connect to the primary"),
        "25P02" => Meaning::Refused("an error has ended the transaction; roll it back"),
        "26000" | "42P05" => Meaning::Refused(
            "a pooler stands between that mixes up prepared statements; set `statement_cache_capacity(0)`",
        ),
        "22021" | "22P05" => Meaning::Refused("the encoding of the database lacks a character; use UTF8"),
        "54000" => Meaning::Refused("the outcome is larger than PostgreSQL can hold; return less"),
        // data_corrupted, index_corrupted
        "XX001" | "XX002" => Meaning::Damaged,
        code => match code.get(..2) {
            // connection exceptions, insufficient resources, operator intervention, system errors
            Some("08" | "53" | "57" | "58") => Meaning::Unavailable,
            Some("28" | "3D") => Meaning::Refused("the server does not let the user of the pool in; see its options"),
            _ => Meaning::Refused("PostgreSQL refused the statement; compare the table with idem's migrations"),
        },
    }
}

/// Whether a table or its schema is missing.
pub(super) fn is_missing_table(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("42P01" | "3F000"))
}

/// Whether somebody else held a lock for longer than the statement would wait.
pub(super) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(DatabaseError::code).as_deref() == Some("55P03")
}

/// Whether a statement of the store's own found itself in a transaction: one that is open, or one that has failed.
pub(super) fn is_in_a_transaction(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("25001" | "25P02"))
}

#[cfg(test)]
mod tests {
    use super::{Meaning, meaning_of};

    #[test]
    fn a_code_that_may_pass_is_unavailable() {
        // By name: connection_failure, protocol_violation (which is how PgBouncer says anything), too_many_connections,
        // disk_full, admin_shutdown, crash_shutdown, cannot_connect_now, query_canceled, io_error, and those that are
        // listed one by one.
        let codes = ["08006", "08P01", "53300", "53100", "57P01", "57P02", "57P03", "57014", "58030"];
        for code in codes.into_iter().chain(["55P03", "25P03", "25P04", "40003", "72000"]) {
            assert_eq!(meaning_of(code), Meaning::Unavailable, "{code}");
        }
    }

    #[test]
    fn a_code_that_says_run_it_again_is_a_conflict() {
        for code in ["40001", "40P01"] {
            assert_eq!(meaning_of(code), Meaning::Conflict, "{code}");
        }
    }

    #[test]
    fn a_code_that_somebody_must_mend_is_refused_with_what_to_mend() {
        for (code, mend) in [
            ("42P01", "migrate()"),
            ("3F000", "migrate()"),
            ("42501", "grant"),
            ("25006", "primary"),
            ("25P02", "roll it back"),
            ("26000", "statement_cache_capacity(0)"),
            ("42P05", "statement_cache_capacity(0)"),
            ("22021", "UTF8"),
            ("22P05", "UTF8"),
            ("54000", "return less"),
            ("28P01", "options"),
            ("28000", "options"),
            ("3D000", "options"),
            // undefined_column, check_violation, raise_exception, internal_error
            ("42703", "migrations"),
            ("23514", "migrations"),
            ("P0001", "migrations"),
            ("XX000", "migrations"),
        ] {
            let Meaning::Refused(what) = meaning_of(code) else { panic!("{code}: {:?}", meaning_of(code)) };
            assert!(what.contains(mend), "{code}: {what}");
        }
    }

    #[test]
    fn a_code_of_damage_is_damage_and_one_of_no_length_is_refused() {
        assert_eq!(meaning_of("XX001"), Meaning::Damaged);
        assert_eq!(meaning_of("XX002"), Meaning::Damaged);
        for code in ["", "0", "é"] {
            assert!(matches!(meaning_of(code), Meaning::Refused(_)), "{code}");
        }
    }
}
