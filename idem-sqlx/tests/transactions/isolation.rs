//! Each isolation level that a transaction can have.

use std::time::Duration;

use idem_core::Answer;

use crate::common;
use crate::databases::Ledger;
use crate::duplicates::at_once;
use crate::ledger::{begin, book, book_once, create, entries};

common::on_each_database! {
    isolation_matrix
    an_outcome_that_is_newer_than_the_snapshot_is_not_run_again
    an_outcome_that_is_rolled_back_was_told_to_nobody
}

async fn isolation_matrix<D: Ledger>(database: &D) {
    create(database).await;
    for level in D::LEVELS {
        let stores = [D::store_on(database.pool_at(level).await), D::store_on(database.pool_at(level).await)];
        for round in 0..3 {
            let name = format!("{level} {round}");
            let answers = at_once::<D>(&stores, 16, &name).await;
            assert_eq!(answers.iter().filter(|answer| !answer.is_replayed()).count(), 1, "{name}");
            assert_eq!(entries(database, &name).await, 1, "{name}");
        }
    }
}

/// A transaction that has its snapshot before another one commits the same key either sees that outcome, or is told to
/// run again, and then sees it.
async fn an_outcome_that_is_newer_than_the_snapshot_is_not_run_again<D: Ledger>(database: &D) {
    create(database).await;
    // A table that nobody writes, since under SERIALIZABLE a reader of MySQL locks what it has read.
    database.execute("CREATE TABLE unwritten (number BIGINT)").await;
    // Where there is one writer, nobody else commits in between.
    let levels = D::LEVELS.iter().filter(|_| D::LEVELS.len() > 1);
    for level in levels {
        let store = D::store_on(database.pool_at(level).await);
        let mut tx = begin::<D>(D::pool_of(&store)).await;
        D::rows_on(&mut tx, "SELECT * FROM unwritten").await.expect("a snapshot");
        book_once::<D>(&store, level, 1).await.expect("an answer");
        match book::<D>(&store, &mut tx, level, 2).await {
            Ok(answer) => assert_eq!(answer, Answer::Replayed(1), "{level}"),
            Err(error) => {
                let error: Box<idem_core::Error> = error.downcast().expect("an error of idem");
                assert!(error.is_retryable(), "{level}: {error:?}");
            }
        }
        let _ = tx.commit().await;
        assert_eq!(book_once::<D>(&store, level, 2).await.expect("an answer"), Answer::Replayed(1), "{level}");
        assert_eq!(entries(database, level).await, 1, "{level}");
    }
}

/// Whoever asks while it is not committed waits, and then runs.
async fn an_outcome_that_is_rolled_back_was_told_to_nobody<D: Ledger>(database: &D) {
    create(database).await;
    let levels = D::LEVELS.iter().filter(|_| D::LEVELS.len() > 1);
    for level in levels {
        let store = D::store_on(database.pool_at(level).await);
        let mut first = begin::<D>(D::pool_of(&store)).await;
        assert_eq!(book::<D>(&store, &mut first, level, 1).await.expect("an answer"), Answer::Executed(1), "{level}");
        let second = book_once::<D>(&store, level, 2);
        let rolled_back = async {
            // Long enough for the second to have looked; if it has not, it finds nothing, which is no less right.
            tokio::time::sleep(Duration::from_millis(100)).await;
            first.rollback().await.expect("a rollback");
        };
        let (answer, ()) = tokio::join!(second, rolled_back);
        assert_eq!(answer.expect("an answer"), Answer::Executed(2), "{level}");
        assert_eq!(entries(database, level).await, 1, "{level}");
    }
}
