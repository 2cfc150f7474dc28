//! Beginning a transaction, so that the caller may go away meanwhile.
//!
//! sqlx counts a transaction when the server has acknowledged its `BEGIN`. Where it is dropped before, it gives the
//! connection back to the pool with a transaction that nobody ends, and what is written there next is acknowledged and
//! lost. So a `BEGIN` that was sent is never dropped: it outlives its caller, and then is rolled back.

use idem_core::to_the_end;
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Pool, SqlSafeStr, Transaction};

use super::TransactionDatabase;
use super::held::{acquire, check_writer};

/// Begins a transaction on a connection of a pool.
///
/// Others may have left a transaction open there. One that sqlx knows of cannot be begun again, so that connection is
/// closed; one that has failed is ended first.
pub(super) async fn begin<DB: TransactionDatabase>(pool: &Pool<DB>) -> Result<Transaction<'static, DB>, sqlx::Error> {
    check_writer(pool)?;
    let mut has_failed_before = false;
    loop {
        let connection = connection_without_transaction(pool).await?;
        let begun = to_the_end(begin_on(connection, has_failed_before)).await;
        match begun {
            Err(error) if DB::is_in_failed_transaction(&error) && !has_failed_before => has_failed_before = true,
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
