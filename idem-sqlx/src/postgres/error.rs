//! PostgreSQL's SQLSTATEs.

use sqlx::error::DatabaseError;

use crate::error::Meaning;

/// What a SQLSTATE means, see <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn meaning(error: &dyn DatabaseError) -> Meaning {
    let Some(code) = error.code() else { return Meaning::Unavailable };
    match &*code {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Meaning::Conflict,
        // lock_not_available, query_canceled, idle_in_transaction_session_timeout, statement_completion_unknown
        "55P03" | "57014" | "25P03" | "40003" => Meaning::Unavailable,
        "42P01" | "3F000" => Meaning::Refused("the table is missing; call `migrate()`"),
        "42501" => Meaning::Refused("the database user may not read and write idem's table; grant it"),
        "25006" => Meaning::Refused("the database is read-only here; connect to the primary"),
        "25P02" => Meaning::Refused("an error has ended the transaction; roll it back"),
        "54000" => Meaning::Refused("the outcome is larger than PostgreSQL can hold; return less"),
        // data_corrupted, index_corrupted
        "XX001" | "XX002" => Meaning::Damaged,
        code => match &code[..2.min(code.len())] {
            // connection exceptions, insufficient resources, operator intervention, system errors
            "08" | "53" | "57" | "58" => Meaning::Unavailable,
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
