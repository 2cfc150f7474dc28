//! A body that asks for what its own transaction holds: it is told so at once, and does not wait for itself.

use std::time::Duration;

use idem_core::{Answer, Operation};
use idem_sqlx::{Inbox, InboxDatabase, TransactionError, in_transaction};
use sqlx::Pool;
use sqlx::pool::PoolOptions;

use crate::common::{self, HOUR, TestDatabase};
use crate::databases::Ledger;
use crate::ledger::{FOREVER, Failure, SCOPE, add, create, entries, records};

common::on_each_database! {
    a_body_that_asks_a_pool_for_the_connection_that_it_has_is_told
    a_body_may_ask_a_pool_that_has_another_connection_what_is_known
    a_transaction_on_another_database_may_be_inside
    who_is_inside_no_more_is_not_refused
}

/// A pool that would let a caller wait for longer than any test.
async fn patient<D: TestDatabase>(database: &D, connections: u32) -> Pool<D::Sqlx> {
    PoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .acquire_timeout(HOUR)
        .connect_with(database.connect_options())
        .await
        .expect("a pool")
}

async fn in_time<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(FOREVER, call).await.expect("nobody waits for himself")
}

fn assert_is_told(error: &Failure, what: &str) {
    let mut texts = Vec::new();
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(&**error);
    while let Some(error) = next {
        texts.push(error.to_string());
        next = error.source();
    }
    let texts = texts.join(": ");
    assert!(texts.contains("would wait for the transaction around it"), "{what}: {texts}");
    assert!(TransactionError::find(error).is_some_and(TransactionError::is_self_wait), "{what}: {texts}");
}

/// A call on the pool, as one that was not given the transaction.
async fn call_without_tx<D: Ledger>(pool: &Pool<D::Sqlx>, name: &str) -> Result<Answer<i64>, Failure> {
    let store = D::time_limited(D::store_on(pool.clone()), HOUR);
    Operation::new(SCOPE, name).run(&store, async |_| Ok::<_, Failure>(1)).await
}

async fn a_body_that_asks_a_pool_for_the_connection_that_it_has_is_told<D: Ledger>(database: &D)
where
    D::Sqlx: InboxDatabase,
{
    create(database).await;
    let pool = patient(database, 1).await;
    let inbox = Inbox::new("ledger").expect("a name");
    inbox.migrate(&pool).await.expect("a new table");
    let outer = in_transaction(&pool, async |mut tx| {
        add::<D>(&mut tx, "outer", 1).await?;
        let inner = in_transaction(&pool, async |_tx| Ok::<_, Failure>(())).await;
        assert_is_told(&inner.expect_err("it has no connection"), "a transaction");
        assert_is_told(&call_without_tx::<D>(&pool, "inner").await.expect_err("it has none"), "a call");
        assert_is_told(&inbox.purge(&pool, 10).await.expect_err("it has none").into(), "a purge");
        assert_is_told(&inbox.migrate(&pool).await.expect_err("it has none").into(), "a migration");
        Ok::<_, Failure>(())
    });
    in_time(outer).await.expect("the body goes on");
    assert_eq!((entries(database, "outer").await, records(database).await), (1, 0));

    // Who does not swallow it gets it at once: to run the body again would end in the same way.
    let runs = std::sync::atomic::AtomicU32::new(0);
    let outer = in_transaction(&pool, async |_tx| {
        runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        call_without_tx::<D>(&pool, "inner").await
    });
    assert_is_told(&in_time(outer).await.expect_err("the body failed"), "a call");
    assert_eq!(runs.into_inner(), 1);
}

async fn a_body_may_ask_a_pool_that_has_another_connection_what_is_known<D: Ledger>(database: &D) {
    create(database).await;
    let pool = patient(database, 2).await;
    call_without_tx::<D>(&pool, "known").await.expect("executed");
    let outer = in_transaction(&pool, async |mut tx| {
        add::<D>(&mut tx, "outer", 1).await?;
        call_without_tx::<D>(&pool, "known").await
    });
    assert!(in_time(outer).await.expect("a replay writes nothing").is_replayed());
}

async fn a_transaction_on_another_database_may_be_inside<D: Ledger>(database: &D) {
    let other = D::migrated().await;
    create(database).await;
    create(&other).await;
    let (pool, others) = (patient(database, 1).await, patient(&other, 1).await);
    let outer = in_transaction(&pool, async |mut tx| {
        add::<D>(&mut tx, "outer", 1).await?;
        in_transaction(&others, async |mut tx| Ok::<_, Failure>(add::<D>(&mut tx, "inner", 1).await?)).await?;
        call_without_tx::<D>(&others, "inner").await
    });
    in_time(outer).await.expect("both are committed");
    assert_eq!((entries(database, "outer").await, entries(&other, "inner").await), (1, 1));
}

/// Two transactions that one task polls side by side are not one inside the other: the second waits for the first.
async fn who_is_inside_no_more_is_not_refused<D: Ledger>(database: &D) {
    create(database).await;
    let pool = patient(database, 1).await;
    let one = async |name: &'static str| {
        in_transaction(&pool, async |mut tx| {
            add::<D>(&mut tx, name, 1).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, Failure>(add::<D>(&mut tx, name, 2).await?)
        })
        .await
    };
    let (first, second) = in_time(async { tokio::join!(one("a"), one("b")) }).await;
    first.and(second).expect("both are committed");
    call_without_tx::<D>(&pool, "after").await.expect("it is inside of nothing");
    assert_eq!((entries(database, "a").await, entries(database, "b").await), (2, 2));
}

/// Of an SQLite database, where the writer is one for all pools.
#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_writes_to_its_own_sqlite_database_by_another_connection_is_told() {
    let folder = common::Folder::migrated().await;
    create(&folder).await;
    let patient = || async {
        let options = folder.connect_options().busy_timeout(HOUR);
        common::sqlite::Folder::pool_with(4, options).await
    };
    let (pool, another) = (patient().await, patient().await);
    for pool_inside in [&pool, &another] {
        let outer = in_transaction(&pool, async |mut tx| {
            add::<common::Folder>(&mut tx, "outer", 1).await?;
            let inner = in_transaction(pool_inside, async |_tx| Ok::<_, Failure>(())).await;
            assert_is_told(&inner.expect_err("the writer is taken"), "a transaction");
            let call = call_without_tx::<common::Folder>(pool_inside, "inner").await;
            assert_is_told(&call.expect_err("the writer is taken"), "a call");
            Ok::<_, Failure>(())
        });
        in_time(outer).await.expect("the body goes on");
    }
    assert_eq!((entries(&folder, "outer").await, records(&folder).await), (2, 0));
}

/// Whichever way somebody writes the path of an SQLite database, its writer is the same one.
#[cfg(all(feature = "sqlite", unix))]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_told_also_if_the_path_of_its_sqlite_database_is_written_in_another_way() {
    let folder = common::Folder::migrated().await;
    create(&folder).await;
    let options = folder.connect_options().busy_timeout(HOUR);
    let path = options.get_filename().to_owned();
    let (parent, file) = (path.parent().expect("a folder"), path.file_name().expect("a file"));
    let link = parent.join("link.db");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    let roundabout = parent.join("..").join(parent.file_name().expect("a name")).join(file);
    let pool = common::sqlite::Folder::pool_with(4, options.clone()).await;
    for spelling in [roundabout, link] {
        let another = common::sqlite::Folder::pool_with(4, options.clone().filename(&spelling)).await;
        let outer = in_transaction(&pool, async |mut tx| {
            add::<common::Folder>(&mut tx, "outer", 1).await?;
            let inner = in_transaction(&another, async |_tx| Ok::<_, Failure>(())).await;
            assert_is_told(&inner.expect_err("the writer is taken"), "a transaction");
            let call = call_without_tx::<common::Folder>(&another, "inner").await;
            assert_is_told(&call.expect_err("the writer is taken"), "a call");
            Ok::<_, Failure>(())
        });
        in_time(outer).await.expect("the body goes on");
    }
    assert_eq!((entries(&folder, "outer").await, records(&folder).await), (2, 0));
}
