//! A server that stops answering while a transaction is to be rolled back.

use std::time::Duration;

use idem_sqlx::in_transaction;
use sqlx::pool::PoolOptions;

use crate::common::proxy::Proxy;
use crate::common::{ConnectOptions, TestDatabase};
use crate::databases::Ledger;
use crate::ledger::{FOREVER, Failure, add, create, entries};

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_rollback_that_postgresql_does_not_answer_ends_and_its_connection_is_replaced() {
    let database = crate::common::postgres::Schema::migrated().await;
    let options = database.connect_options();
    let proxy = Proxy::to(options.get_host(), options.get_port()).await;
    let options = options.host("127.0.0.1").port(proxy.port());
    ends_and_is_replaced(&database, options, &proxy).await;
}

#[cfg(feature = "mysql")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_rollback_that_mysql_does_not_answer_ends_and_its_connection_is_replaced() {
    let database = crate::common::mysql::Database::migrated().await;
    let options = database.connect_options();
    let proxy = Proxy::to(options.get_host(), options.get_port()).await;
    let options = options.host("127.0.0.1").port(proxy.port());
    ends_and_is_replaced(&database, options, &proxy).await;
}

async fn ends_and_is_replaced<D: Ledger>(database: &D, options: ConnectOptions<D>, proxy: &Proxy) {
    create(database).await;
    let pool = PoolOptions::<D::Sqlx>::new()
        .max_connections(1)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(2))
        .connect_with(options)
        .await
        .expect("a pool");
    let hangs = in_transaction(&pool, async |mut tx| {
        add::<D>(&mut tx, "lost", 1).await?;
        proxy.stop();
        Err::<(), _>(Failure::from("the body fails"))
    });
    let error = tokio::time::timeout(FOREVER, hangs).await.expect("it ends").expect_err("the body failed");
    assert_eq!(error.to_string(), "the body fails");

    proxy.go_on();
    let again = async {
        while let Err(error) =
            in_transaction(&pool, async |mut tx| Ok::<_, Failure>(add::<D>(&mut tx, "kept", 1).await?)).await
        {
            assert!(
                idem_sqlx::TransactionError::find(&error).is_some_and(idem_sqlx::TransactionError::is_away),
                "{error}"
            );
        }
    };
    tokio::time::timeout(FOREVER, again).await.expect("there is another connection");
    assert_eq!((entries(database, "lost").await, entries(database, "kept").await), (0, 1));
}
