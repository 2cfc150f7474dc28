//! Sessions that take no writes any more: they are closed, and the transaction is run again on others.

use std::sync::atomic::{AtomicU32, Ordering};

use idem_core::StoreError;
use idem_sqlx::{Inbox, in_transaction};

use crate::common::{self, become_readers};
use crate::databases::Ledger;
use crate::ledger::{Failure, add, book_once, create, entries};

common::on_each_database! {
    a_transaction_on_a_session_that_takes_no_writes_any_more_is_run_again_on_another
    a_transaction_goes_through_all_the_sessions_of_a_pool
    a_call_in_a_transaction_on_such_a_session_runs_once
    an_inbox_closes_such_a_session_and_its_purge_may_be_repeated
}

async fn a_transaction_on_a_session_that_takes_no_writes_any_more_is_run_again_on_another<D: Ledger>(database: &D) {
    create(database).await;
    let pool = database.pool(1).await;
    become_readers::<D>(&pool).await;
    let runs = AtomicU32::new(0);
    let deposit = in_transaction(&pool, async |mut tx| {
        runs.fetch_add(1, Ordering::Relaxed);
        add::<D>(&mut tx, "deposit", 1).await?;
        Ok::<_, Failure>(())
    });
    deposit.await.expect("a commit");
    // SQLite says so when the transaction begins.
    let expected = if D::NAME == "sqlite" { 1 } else { 2 };
    assert_eq!((runs.into_inner(), entries(database, "deposit").await), (expected, 1));
    let mut on = pool.acquire().await.expect("a connection");
    D::execute_on(&mut on, "INSERT INTO entries VALUES ('after', 1)").await.expect("it takes writes");
}

async fn a_transaction_goes_through_all_the_sessions_of_a_pool<D: Ledger>(database: &D) {
    create(database).await;
    // With two of them, the one that is closed is easily taken for the other.
    for (deposits, connections) in (1..).zip([2, 2, 2, 2, 3, 20]) {
        let pool = database.pool(connections).await;
        become_readers::<D>(&pool).await;
        let deposit = in_transaction(&pool, async |mut tx| Ok::<_, Failure>(add::<D>(&mut tx, "deposit", 1).await?));
        deposit.await.expect("a commit");
        assert_eq!(entries(database, "deposit").await, deposits);
    }
}

async fn a_call_in_a_transaction_on_such_a_session_runs_once<D: Ledger>(database: &D) {
    create(database).await;
    let store = D::store_on(database.pool(1).await);
    become_readers::<D>(D::pool_of(&store)).await;
    assert!(!book_once::<D>(&store, "a", 1).await.expect("an outcome").is_replayed());
    become_readers::<D>(D::pool_of(&store)).await;
    assert!(book_once::<D>(&store, "a", 2).await.expect("an outcome").is_replayed());
    assert_eq!(entries(database, "a").await, 1);
}

async fn an_inbox_closes_such_a_session_and_its_purge_may_be_repeated<D: Ledger<Sqlx: idem_sqlx::InboxDatabase>>(
    database: &D,
) {
    let pool = database.pool(1).await;
    let inbox = Inbox::new("ledger").expect("a name");
    inbox.migrate(&pool).await.expect("tables");
    become_readers::<D>(&pool).await;
    let first = inbox.purge(&pool, 10).await;
    // SQLite says so when the transaction begins, and then another session is taken.
    assert!(first.as_ref().map_or_else(StoreError::is_retryable, |_| D::NAME == "sqlite"), "{first:?}");
    assert_eq!(inbox.purge(&pool, 10).await.expect("another session"), 0);
}
