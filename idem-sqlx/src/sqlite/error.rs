//! SQLite's result codes.

use sqlx::error::DatabaseError;

use crate::error::Meaning;

/// What a result code means, see <https://sqlite.org/rescode.html>. The low byte is the primary code.
pub(crate) fn meaning(error: &dyn DatabaseError) -> Meaning {
    match primary_code(error) {
        // BUSY (with BUSY_SNAPSHOT and the like), LOCKED, and PROTOCOL, which is a lock of the WAL
        Some(5 | 6 | 15) => Meaning::Locked,
        // ABORT, INTERRUPT
        Some(4 | 9) => Meaning::Cancelled,
        // IOERR
        Some(10) => Meaning::Lost,
        // CANTOPEN
        Some(14) => Meaning::Away,
        // READONLY, with READONLY_DBMOVED and the like: the file that the session has open, or its folder
        Some(8) => Meaning::Reader,
        // SCHEMA
        Some(17) => Meaning::Stale,
        // NOMEM
        Some(7) => Meaning::Full("the process is out of memory"),
        // FULL
        Some(13) => Meaning::Full("the disk is full, or the database has reached its limit; make room"),
        // TOOBIG
        Some(18) => Meaning::CannotHold("the outcome is larger than SQLite can hold; return less"),
        // PERM, AUTH
        Some(3 | 23) => Meaning::Refused("the database may not be written; open it for writing"),
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
        for (codes, expected) in [
            (&[5, 261, 517, 773, 6, 262, 15][..], Meaning::Locked),
            (&[4, 516, 9], Meaning::Cancelled),
            (&[10, 266, 4618], Meaning::Lost),
            (&[14, 270], Meaning::Away),
            (&[8, 264, 1032, 1544], Meaning::Reader),
            (&[17], Meaning::Stale),
            (&[11, 267, 26], Meaning::Damaged),
        ] {
            for code in codes {
                assert_eq!(meaning(&Code(*code)), expected, "{code}");
            }
        }
    }

    #[test]
    fn no_room_may_pass_and_what_cannot_be_held_may_not() {
        assert!(matches!(meaning(&Code(13)), Meaning::Full(_)));
        assert!(matches!(meaning(&Code(7)), Meaning::Full(_)));
        assert!(matches!(meaning(&Code(18)), Meaning::CannotHold(_)));
        for code in [1, 3, 19, 275, 23] {
            assert!(matches!(meaning(&Code(code)), Meaning::Refused(_)), "{code}");
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
