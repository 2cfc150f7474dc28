//! A caller that goes away at any await of a transaction: its connection is in nobody's transaction afterwards.

use idem_core::{Answer, Operation};
use idem_sqlx::in_transaction;

use crate::common::{self, dropped_after};
use crate::databases::Ledger;
use crate::ledger::{Failure, add, create, entries};

common::on_each_database! {
    a_transaction_that_is_dropped_at_any_await_leaves_none_open
    a_call_after_a_dropped_transaction_runs_once
}

/// More awaits than a transaction has.
const MANY: u32 = 1_000;

async fn a_transaction_that_is_dropped_at_any_await_leaves_none_open<D: Ledger>(database: &D) {
    create(database).await;
    let pool = database.pool(1).await;
    for pending in 0..MANY {
        let transaction = in_transaction(&pool, async |mut tx| {
            add::<D>(&mut tx, "dropped", 1).await?;
            Ok::<_, Failure>(())
        });
        let is_finished = dropped_after(pending, transaction).await;
        let mut on = pool.acquire().await.expect("a connection");
        D::execute_on(&mut on, "INSERT INTO entries VALUES ('after', 1)").await.expect("a row");
        assert_eq!(entries(database, "after").await, i64::from(pending) + 1, "dropped after {pending}");
        if is_finished {
            return;
        }
    }
    panic!("it never finished");
}

async fn a_call_after_a_dropped_transaction_runs_once<D: Ledger>(database: &D) {
    create(database).await;
    for pending in 0..MANY {
        let store = D::store_on(database.pool(1).await);
        let transaction = in_transaction(D::pool_of(&store), async |mut tx| {
            D::execute_on(&mut tx, "SELECT 1").await?;
            Ok::<_, Failure>(())
        });
        let is_finished = dropped_after(pending, transaction).await;
        let charge = Operation::new("charge", &pending);
        let answer: Result<Answer<u32>, Failure> = charge.run(&store, async |_| Ok(pending)).await;
        assert_eq!(answer.expect("an outcome"), Answer::Executed(pending));
        D::pool_of(&store).close().await;

        let store = D::store_on(database.pool(1).await);
        let charge = Operation::new("charge", &pending);
        let answer: Result<Answer<u32>, Failure> = charge.run(&store, async |_| Ok(MANY)).await;
        assert_eq!(answer.expect("an outcome"), Answer::Replayed(pending));
        if is_finished {
            return;
        }
    }
    panic!("it never finished");
}
