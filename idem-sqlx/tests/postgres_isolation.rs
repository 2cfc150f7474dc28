//! The same answers whatever isolation the connections of the application begin their transactions with.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use std::sync::Arc;
use std::time::Duration;

use common::postgres::Schema;
use common::{HOUR, TestDatabase, acquire, key, outcome, request};
use idem_core::{Answer, ClaimDecision, ClaimRequest, Error, Operation, Store as _, StoreError};
use idem_sqlx::PgStore;
use postgres_common::{ISOLATIONS, isolated, patient_pool, pool};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const CALLERS: usize = 32;
const ROUNDS: u32 = 6;

async fn two(schema: &Schema, isolation: &str) -> [PgStore; 2] {
    let store = async || PgStore::new(pool(isolated(schema, isolation), 12).await);
    [store().await, store().await]
}

/// All callers claim at once.
async fn race(stores: &[PgStore; 2], claim: &ClaimRequest) -> Vec<Result<ClaimDecision, StoreError>> {
    let together = Arc::new(Barrier::new(CALLERS));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (store, together) = (stores[caller % 2].clone(), Arc::clone(&together));
        let request = ClaimRequest { claim_id: idem_core::ClaimId::random(), ..claim.clone() };
        callers.spawn(async move {
            together.wait().await;
            store.claim(&request).await
        });
    }
    callers.join_all().await
}

fn assert_one_acquired(answers: &[Result<ClaimDecision, StoreError>], isolation: &str) {
    let acquired = answers.iter().filter(|answer| matches!(answer, Ok(ClaimDecision::Acquired(_)))).count();
    let waiting = answers.iter().filter(|answer| matches!(answer, Ok(ClaimDecision::InProgress { .. }))).count();
    assert_eq!((acquired, waiting), (1, CALLERS - 1), "{isolation}: {answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn of_many_callers_one_acquires_whether_the_key_is_free_lapsed_released_or_expired() {
    let schema = Schema::migrated().await;
    for isolation in ISOLATIONS {
        let stores = two(&schema, isolation).await;
        for round in 0..ROUNDS {
            let free = request(&key(&(isolation, "free", round)));
            assert_one_acquired(&race(&stores, &free).await, isolation);

            let lapsed = request(&key(&(isolation, "lapsed", round)));
            acquire(&stores[0], &ClaimRequest { lease: Duration::ZERO, ..lapsed.clone() }).await;
            assert_one_acquired(&race(&stores, &lapsed).await, isolation);

            let released = request(&key(&(isolation, "released", round)));
            let claim = acquire(&stores[0], &released).await;
            stores[0].release(&claim).await.expect("the claim is held");
            assert_one_acquired(&race(&stores, &released).await, isolation);

            let expired = request(&key(&(isolation, "expired", round)));
            let claim = acquire(&stores[0], &expired).await;
            stores[0].complete(&claim, &outcome("1"), Duration::ZERO).await.expect("the claim is held");
            assert_one_acquired(&race(&stores, &expired).await, isolation);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_holder_and_its_successor_both_write_and_only_the_one_that_holds_succeeds() {
    let schema = Schema::migrated().await;
    for isolation in ISOLATIONS {
        let [zombie, successor] = two(&schema, isolation).await;
        for round in 0..30 {
            let lapsing = ClaimRequest { lease: Duration::ZERO, ..request(&key(&(isolation, round))) };
            let claim = acquire(&zombie, &lapsing).await;
            let (done, late) = (outcome("first"), request(&lapsing.key));
            let (completed, claimed) = tokio::join!(zombie.complete(&claim, &done, HOUR), successor.claim(&late));
            match (completed, claimed) {
                (Ok(()), Ok(ClaimDecision::Replay(replayed))) => assert_eq!(replayed, done),
                (Err(lost), Ok(ClaimDecision::Acquired(_))) => assert!(lost.is_claim_lost(), "{isolation}: {lost:?}"),
                other => panic!("{isolation}: {other:?}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_claim_behind_an_open_transaction_gets_what_that_one_commits() {
    let schema = Schema::migrated().await;
    for isolation in ISOLATIONS {
        let [joining, leasing] = two(&schema, isolation).await;
        let mut tx = joining.pool().begin().await.expect("a transaction");
        let operation = move || Operation::new("payments.charge", &("order", isolation)).fingerprint(&1);
        let first = operation().run_in(&joining, &mut tx, async |_tx, _| Ok::<_, Error>(42)).await;
        assert!(matches!(first, Ok(Answer::Executed(42))), "{first:?}");

        let duplicate = tokio::spawn(async move { operation().run(&leasing, async |_| Ok::<_, Error>(43)).await });
        blocked(&schema).await;
        tx.commit().await.expect("committed");
        let duplicate = duplicate.await.expect("no panic");
        assert!(matches!(duplicate, Ok(Answer::Replayed(42))), "{isolation}: {duplicate:?}");
    }
}

/// Waits until a backend in this schema's table waits for a transaction.
async fn blocked(schema: &Schema) {
    let waiting = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid IN \
         (SELECT pid FROM pg_locks WHERE relation = '{}.idem_records'::regclass)",
        schema.name()
    );
    while schema.number(&waiting).await == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn pg_repeatable_read_loser_sees_winner() {
    let schema = Schema::migrated().await;
    for isolation in ["repeatable read", "serializable"] {
        let store = PgStore::new(patient_pool(isolated(&schema, isolation), 4, HOUR).await);
        let operation = || Operation::new("payments.charge", &("order", isolation));
        // The loser's snapshot is older than the winner's commit.
        let mut loser = store.pool().begin().await.expect("a transaction");
        sqlx::query("SELECT 1").execute(&mut *loser).await.expect("a snapshot");
        let mut winner = store.pool().begin().await.expect("a transaction");
        let won = operation().run_in(&store, &mut winner, async |_tx, _| Ok::<_, Error>(42)).await;
        assert!(matches!(won, Ok(Answer::Executed(42))), "{won:?}");
        winner.commit().await.expect("committed");

        let lost = operation().run_in(&store, &mut loser, async |_tx, _| Ok::<_, Error>(43)).await;
        let lost = lost.expect_err("the snapshot does not show the winner, and must not hide it");
        assert!(lost.is_retryable(), "{isolation}: {lost:?}");
        drop(loser);

        let mut again = store.pool().begin().await.expect("a transaction");
        let again = operation().run_in(&store, &mut again, async |_tx, _| Ok::<_, Error>(43)).await;
        assert!(matches!(again, Ok(Answer::Replayed(42))), "{isolation}: {again:?}");
    }
}
