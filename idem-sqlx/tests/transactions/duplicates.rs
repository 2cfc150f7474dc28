//! What a duplicate gets while another transaction with its key is open, and that its own goes on.

use std::time::Duration;

use idem_core::{Answer, InFlight, Operation};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use crate::common;
use crate::databases::Ledger;
use crate::ledger::{FOREVER, SCOPE, begin, book, book_as, book_once, create, entries, refusal};

common::on_each_database! {
    duplicate_inside_callers_txn_does_not_abort_it
    pessimistic_blocks_second_body
    a_duplicate_executes_when_the_transaction_before_it_rolls_back
    many_duplicates_in_flight_run_once
    sixty_four_duplicates_on_four_connections_all_get_the_outcome
    many_calls_in_one_transaction_are_each_their_own
}

async fn duplicate_inside_callers_txn_does_not_abort_it<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    book_once::<D>(&store, "a", 1).await.expect("an answer");
    let mut tx = begin::<D>(D::pool_of(&store)).await;
    for _ in 0..2 {
        assert_eq!(book::<D>(&store, &mut tx, "a", 2).await.expect("an answer"), Answer::Replayed(1));
        assert!(book::<D>(&store, &mut tx, "b", 3).await.is_ok());
    }
    tx.commit().await.expect("the transaction goes on");
    assert_eq!((entries(database, "a").await, entries(database, "b").await), (1, 1));
}

async fn pessimistic_blocks_second_body<D: Ledger>(database: &D) {
    let answer = second_to_one_that(database, End::Commits).await;
    assert_eq!(answer, Answer::Replayed(1));
    assert_eq!(entries(database, "a").await, 1);
}

async fn a_duplicate_executes_when_the_transaction_before_it_rolls_back<D: Ledger>(database: &D) {
    let answer = second_to_one_that(database, End::RollsBack).await;
    assert_eq!(answer, Answer::Executed(2));
    assert_eq!(database.number("SELECT number FROM entries WHERE name = 'a'").await, 2);
}

#[derive(PartialEq)]
enum End {
    Commits,
    RollsBack,
}

/// What a duplicate gets that comes while a transaction with its key is open, which then ends so.
async fn second_to_one_that<D: Ledger>(database: &D, end: End) -> Answer<i64> {
    create(database).await;
    let (first, second) = (database.store().await, database.store().await);
    let mut tx = begin::<D>(D::pool_of(&first)).await;
    book::<D>(&first, &mut tx, "a", 1).await.expect("an answer");

    let (done, mut answered) = oneshot::channel();
    let tasks = LocalSet::new();
    tasks.spawn_local(async move {
        let _ = done.send(book_once::<D>(&second, "a", 2).await);
    });
    tasks
        .run_until(async {
            // Long enough for an answer that does not wait.
            assert!(tokio::time::timeout(Duration::from_millis(300), &mut answered).await.is_err());
            match end {
                End::Commits => tx.commit().await.expect("a commit"),
                End::RollsBack => tx.rollback().await.expect("a rollback"),
            }
            let answer = tokio::time::timeout(FOREVER, answered).await.expect("it waits no more");
            answer.expect("no panic").expect("an answer")
        })
        .await
}

async fn many_duplicates_in_flight_run_once<D: Ledger>(database: &D) {
    create(database).await;
    let stores = [database.store().await, database.store().await];
    for round in 0..5 {
        let name = format!("round {round}");
        let answers = at_once::<D>(&stores, 32, &name).await;
        let executed = answers.iter().filter(|answer| !answer.is_replayed()).count();
        assert_eq!(executed, 1);
        let first = answers[0].into_inner();
        assert!(answers.iter().all(|answer| answer.into_inner() == first), "one outcome for all");
        assert_eq!(entries(database, &name).await, 1);
    }
}

async fn sixty_four_duplicates_on_four_connections_all_get_the_outcome<D: Ledger>(database: &D) {
    create(database).await;
    let store = [database.store().await];
    assert_eq!(D::pool_of(&store[0]).options().get_max_connections(), 4);
    let answers = at_once::<D>(&store, 64, "a").await;
    assert_eq!(answers.len(), 64);
    assert_eq!(entries(database, "a").await, 1);
}

async fn many_calls_in_one_transaction_are_each_their_own<D: Ledger>(database: &D) {
    create(database).await;
    let store = database.store().await;
    let mut tx = begin::<D>(D::pool_of(&store)).await;
    for number in 0..100 {
        let name = format!("n{}", number % 50);
        let answer = book::<D>(&store, &mut tx, &name, number).await.expect("an answer");
        assert_eq!(answer.is_replayed(), number >= 50);
    }
    tx.commit().await.expect("a commit");
    assert_eq!(database.number("SELECT count(*) FROM entries").await, 50);
}

/// Books one name in many transactions at once.
pub(crate) async fn at_once<D: Ledger>(stores: &[D::Store], callers: i64, name: &str) -> Vec<Answer<i64>> {
    let tasks = LocalSet::new();
    let mut running = Vec::new();
    for caller in 0..callers {
        let store = stores[usize::try_from(caller).expect("a small number") % stores.len()].clone();
        let name = name.to_owned();
        running.push(tasks.spawn_local(async move { book_once::<D>(&store, &name, caller).await }));
    }
    tasks
        .run_until(async {
            let mut answers = Vec::new();
            for task in running {
                let answer = tokio::time::timeout(FOREVER, task).await.expect("nobody starves");
                answers.push(answer.expect("no panic").expect("an answer"));
            }
            answers
        })
        .await
}

/// SQLite is left out: who writes there holds the whole database, and nobody else has a transaction that can claim.
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod at_once_or_in_time {
    use super::*;

    async fn a_duplicate_that_will_not_wait_is_answered_and_its_transaction_goes_on<D: Ledger>(database: &D) {
        create(database).await;
        let (first, second) = (database.store().await, database.store().await);
        let mut leader = begin::<D>(D::pool_of(&first)).await;
        book::<D>(&first, &mut leader, "a", 1).await.expect("an answer");
        let mut tx = begin::<D>(D::pool_of(&second)).await;
        for in_flight in [InFlight::Reject, InFlight::Wait(Duration::from_millis(50))] {
            let operation = Operation::new(SCOPE, "a").in_flight(in_flight);
            let answer = tokio::time::timeout(FOREVER, book_as::<D>(operation, &second, &mut tx, "a", 2)).await;
            let error = refusal(answer.expect("it does not wait for the leader"));
            assert!(error.is_in_progress() && error.is_retryable(), "{error}");
            assert_eq!(error.retry_after(), None);
        }
        book::<D>(&second, &mut tx, "b", 2).await.expect("the transaction goes on");
        tx.commit().await.expect("a commit");
        leader.commit().await.expect("a commit");
        assert_eq!((entries(database, "a").await, entries(database, "b").await), (1, 1));
        assert_eq!(book_once::<D>(&second, "a", 2).await.expect("an answer"), Answer::Replayed(1));
    }

    async fn a_call_that_would_not_have_waited_executes_and_replays<D: Ledger>(database: &D) {
        create(database).await;
        let store = database.store().await;
        let mut tx = begin::<D>(D::pool_of(&store)).await;
        for replayed in [false, true] {
            let operation = Operation::new(SCOPE, "a").in_flight(InFlight::Reject);
            let answer = book_as::<D>(operation, &store, &mut tx, "a", 1).await.expect("an answer");
            assert_eq!(answer.is_replayed(), replayed);
        }
        tx.commit().await.expect("a commit");
        assert_eq!(entries(database, "a").await, 1);
    }

    macro_rules! on_servers {
        ($($case:ident)*) => {$(
            mod $case {
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs a server: cargo xtask test"]
                #[cfg(feature = "postgres")]
                async fn postgres() {
                    use crate::common::TestDatabase as _;

                    super::$case(&crate::common::postgres::Schema::migrated().await).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs a server: cargo xtask test"]
                #[cfg(feature = "mysql")]
                async fn mysql() {
                    use crate::common::TestDatabase as _;

                    super::$case(&crate::common::mysql::Database::migrated().await).await;
                }
            }
        )*};
    }
    on_servers! {
        a_duplicate_that_will_not_wait_is_answered_and_its_transaction_goes_on
        a_call_that_would_not_have_waited_executes_and_replays
    }
}
