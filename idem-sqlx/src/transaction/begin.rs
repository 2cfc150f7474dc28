//! Beginning a transaction, so that the caller may go away meanwhile.
//!
//! sqlx counts a transaction when the server has acknowledged its `BEGIN`. Where it is dropped before, it gives the
//! connection back to the pool with a transaction that nobody ends, and what is written there next is acknowledged and
//! lost. So a `BEGIN` that was sent is never dropped: it outlives its caller, and then is rolled back.

use std::pin::Pin;
use std::task::{Context, Poll};

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Pool, SqlSafeStr, Transaction};
use tokio::runtime::Handle;

use super::TransactionDatabase;

/// Begins a transaction on a connection of a pool.
///
/// Others may have left a transaction open there. One that sqlx knows of cannot be begun again, so that connection is
/// closed; one that has failed is ended first.
pub(super) async fn begin<DB: TransactionDatabase>(pool: &Pool<DB>) -> Result<Transaction<'static, DB>, sqlx::Error> {
    let mut has_failed_before = false;
    loop {
        let connection = connection_without_transaction(pool).await?;
        let begun = Outliving::new(begin_on(connection, has_failed_before)).await;
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
        let connection = pool.acquire().await?;
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

/// A future that goes on in the runtime where it is dropped before its end. Otherwise it costs what it costs alone.
struct Outliving<T: Send + 'static> {
    future: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    runtime: Handle,
}

impl<T: Send + 'static> Outliving<T> {
    fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self { future: Some(Box::pin(future)), runtime: Handle::current() }
    }
}

impl<T: Send + 'static> Future for Outliving<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(future) = &mut self.future else { return Poll::Pending };
        let polled = future.as_mut().poll(context);
        if polled.is_ready() {
            self.future = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Outliving<T> {
    fn drop(&mut self) {
        if let Some(future) = self.future.take() {
            self.runtime.spawn(future);
        }
    }
}
