//! SQLite's result codes.

use sqlx::error::DatabaseError;

use crate::error::Meaning;

/// What a result code means, see <https://sqlite.org/rescode.html>. The low byte is the primary code.
pub(super) fn meaning(error: &dyn DatabaseError) -> Meaning {
    match primary_code(error) {
        // ABORT, BUSY (with BUSY_SNAPSHOT and the like), LOCKED, NOMEM, INTERRUPT, IOERR, CANTOPEN, PROTOCOL
        Some(4..=7 | 9 | 10 | 14 | 15) => Meaning::Unavailable,
        // PERM, READONLY, AUTH
        Some(3 | 8 | 23) => Meaning::Refused("the database may not be written; open it for writing"),
        // FULL
        Some(13) => Meaning::Refused("the disk is full, or the database has reached its limit; make room"),
        // TOOBIG
        Some(18) => Meaning::Refused("the outcome is larger than SQLite can hold; return less"),
        // CORRUPT, NOTADB
        Some(11 | 26) => Meaning::Damaged,
        _ => Meaning::Refused("SQLite refused the statement; compare the table with idem's migrations"),
    }
}

/// Whether SQLite found fault with the text of a statement, as it does when a table is missing: it has no code for that.
pub(super) fn is_about_the_statement(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(primary_code) == Some(1)
}

fn primary_code(error: &dyn DatabaseError) -> Option<i32> {
    let code: i32 = error.code()?.parse().ok()?;
    Some(code & 0xff)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::error::Error;
    use std::fmt;

    use sqlx::error::{DatabaseError, ErrorKind};

    use super::meaning;
    use crate::error::Meaning;

    #[test]
    fn a_code_means_the_same_with_any_extension() {
        let busy = [5, 261, 517, 773];
        let locked_or_io = [6, 262, 10, 266, 4618, 14, 15, 9, 7, 4];
        for code in busy.into_iter().chain(locked_or_io) {
            assert_eq!(meaning(&Code(code)), Meaning::Unavailable, "{code}");
        }
        for code in [1, 3, 8, 264, 1032, 13, 18, 19, 275, 23] {
            assert!(matches!(meaning(&Code(code)), Meaning::Refused(_)), "{code}");
        }
        for code in [11, 267, 26] {
            assert_eq!(meaning(&Code(code)), Meaning::Damaged, "{code}");
        }
    }

    #[derive(Debug)]
    struct Code(i32);

    impl fmt::Display for Code {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the text tells nothing")
        }
    }

    impl Error for Code {}

    impl DatabaseError for Code {
        fn message(&self) -> &'static str {
            "the text tells nothing"
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.to_string().into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }
}
