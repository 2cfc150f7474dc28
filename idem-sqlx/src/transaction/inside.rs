//! A transaction of somebody else's that has ended, while its body goes on.
//!
//! An error of the database that a body swallowed may have rolled it back, or a statement of the body has ended it. What is
//! written then is a transaction of its own: it stays, while all that it belongs to is gone. So whatever idem writes into a
//! transaction that it was lent fails where that is not open any more.

use sqlx::Connection as _;

use super::error::Reason;
use super::{TransactionDatabase, TransactionError};

/// The words by which a statement says that its transaction has ended, in whatever language the rest of the error is.
#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! ended {
    () => {
        "the transaction has ended"
    };
}
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use ended;

/// Fails if the transaction is known to have ended before a statement is sent. Where the statements find it out themselves, this
/// asks nothing. Where sqlx has been told so before, it counts no transaction any more, and to ask it again would begin one.
pub(crate) async fn check<DB: TransactionDatabase>(on: &mut DB::Connection) -> Result<(), sqlx::Error> {
    if on.is_in_transaction() && DB::is_open_for_write(on).await? { Ok(()) } else { Err(has_ended_inside()) }
}

/// The same error, unless it is what a statement says where its transaction has ended.
pub(crate) fn explained(error: sqlx::Error) -> sqlx::Error {
    if has_ended(&error) { has_ended_inside() } else { error }
}

/// Each database knows its own errors.
fn has_ended(error: &sqlx::Error) -> bool {
    #[cfg(feature = "postgres")]
    if crate::postgres::has_ended(error) {
        return true;
    }
    #[cfg(feature = "mysql")]
    if crate::mysql::has_ended(error) {
        return true;
    }
    let _ = error;
    false
}

fn has_ended_inside() -> sqlx::Error {
    TransactionError::new(Reason::EndedInside, None).into_sqlx()
}
