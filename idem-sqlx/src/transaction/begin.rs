//! Beginning a transaction, so that the caller may go away meanwhile.
//!
//! sqlx counts a transaction when the server has acknowledged its `BEGIN`. Where it is dropped before, it gives the
//! connection back to the pool with a transaction that nobody ends, and what is written there next is acknowledged and
//! lost. So a `BEGIN` that was sent is never dropped: it outlives its caller, and then is rolled back.

use idem_core::to_the_end;
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Pool, SqlSafeStr, Transaction};

use super::held::{acquire, check_writer};
use super::{MOST_SESSIONS, TransactionDatabase, cause};
use crate::borrowed::CLOSING;

/// Begins a transaction on a connection of a pool.
///
/// Others may have left a transaction open there. One that sqlx knows of cannot be begun again, so that connection is
/// closed; one that has failed is ended first. SQLite says already here that a session takes no writes any more.
pub(super) async fn begin<DB: TransactionDatabase>(pool: &Pool<DB>) -> Result<Transaction<'static, DB>, sqlx::Error> {
    check_writer(pool)?;
    let mut has_failed_before = false;
    loop {
        let connection = connection_without_transaction(pool).await?;
        let begun = to_the_end(begin_on(connection, has_failed_before)).await;
        match begun {
            Err(error) if DB::is_in_failed_transaction(&error) && !has_failed_before => has_failed_before = true,
            Err(error) if cause::is_of_reader::<DB>(&error) && DB::is_shared(&pool.connect_options()) => {
                return begin_past_readers(pool, error).await;
            }
            begun => return begun,
        }
    }
}

async fn connection_without_transaction<DB: TransactionDatabase>(
    pool: &Pool<DB>,
) -> Result<PoolConnection<DB>, sqlx::Error> {
    loop {
        let connection = acquire(pool).await?;
        if !connection.is_in_transaction() {
            return Ok(connection);
        }
        // What it says as it goes is of no interest.
        let _ = connection.close().await;
    }
}

async fn begin_on<DB: TransactionDatabase>(
    mut connection: PoolConnection<DB>,
    ends_another: bool,
) -> Result<Transaction<'static, DB>, sqlx::Error> {
    if ends_another {
        DB::end_of_nobody(&mut connection).await?;
    }
    Transaction::begin(connection, DB::BEGIN.map(SqlSafeStr::into_sql_str)).await
}

/// Begins on a session that takes writes, and closes all that it meets and that do not.
///
/// sqlx gives a connection that does not begin back to the pool, and does not tell which it was. So here each is tried first while it
/// is only borrowed.
async fn begin_past_readers<DB: TransactionDatabase>(
    pool: &Pool<DB>,
    mut error: sqlx::Error,
) -> Result<Transaction<'static, DB>, sqlx::Error> {
    for _ in 0..MOST_SESSIONS {
        let connection = connection_without_transaction(pool).await?;
        match to_the_end(begin_unless_reader(connection)).await {
            Err(of_reader) if cause::is_of_reader::<DB>(&of_reader) => error = of_reader,
            begun => return begun,
        }
    }
    Err(error)
}

async fn begin_unless_reader<DB: TransactionDatabase>(
    mut connection: PoolConnection<DB>,
) -> Result<Transaction<'static, DB>, sqlx::Error> {
    match begin_and_roll_back::<DB>(&mut connection).await {
        Ok(()) => begin_on(connection, false).await,
        Err(error) => {
            if cause::is_of_reader::<DB>(&error) {
                let _ = tokio::time::timeout(CLOSING, connection.close()).await;
            }
            Err(error)
        }
    }
}

async fn begin_and_roll_back<DB: TransactionDatabase>(connection: &mut DB::Connection) -> Result<(), sqlx::Error> {
    Transaction::<DB>::begin(connection, DB::BEGIN.map(SqlSafeStr::into_sql_str)).await?.rollback().await
}
