//! How long a call waits behind a transaction of the application's that holds its key, and what becomes of `lock_timeout`.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use std::time::{Duration, Instant};

use common::postgres::Schema;
use common::{TestDatabase, acquire, key, outcome, request};
use idem_core::{ClaimDecision, ClaimRequest, Error, InFlight, Join as _, Key, Operation, Store as _};
use idem_sqlx::PgStore;
use postgres_common::{patient_pool, pool};
use sqlx::{PgConnection, PgTransaction};

/// Long enough to open a connection on a machine that is busy.
const SHORT: Duration = Duration::from_millis(700);

/// An open transaction that has claimed a key.
async fn holding(store: &PgStore, key: &Key) -> PgTransaction<'static> {
    let mut tx = store.pool().begin().await.expect("a transaction");
    let decision = PgStore::join(store, &mut tx).claim(&request(key), None).await;
    assert!(matches!(decision, Ok(ClaimDecision::Acquired(_))), "{decision:?}");
    tx
}

async fn lock_timeout(on: &mut PgConnection) -> String {
    sqlx::query_scalar("SHOW lock_timeout").fetch_one(on).await.expect("a setting")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_claim_behind_an_open_transaction_fails_within_the_pools_patience_and_may_be_tried_again() {
    let schema = Schema::migrated().await;
    let application = schema.store().await;
    let lapsed = request(&key("lapsed"));
    acquire(&application, &ClaimRequest { lease: Duration::ZERO, ..lapsed.clone() }).await;
    for capacity in [100, 0] {
        let options = schema.connect_options().statement_cache_capacity(capacity);
        let store = PgStore::new(patient_pool(options, 1, SHORT).await);
        // One has no record yet, and one has a record that is to be taken over.
        for request in [request(&key("free")), lapsed.clone()] {
            let open = holding(&application, &request.key).await;
            let began = Instant::now();
            let answer = tokio::time::timeout(Duration::from_secs(30), store.claim(&request)).await;
            let error = answer.expect("it waits within bounds").expect_err("the key is held");
            assert!(error.is_retryable(), "{error:?}");
            assert!(began.elapsed() >= SHORT, "it did not wait");
            open.rollback().await.expect("rolled back");
        }
        let open = holding(&application, &key("free")).await;
        let began = Instant::now();
        let answer = tokio::time::timeout(Duration::from_secs(30), store.issue(&key("free"), Duration::ZERO)).await;
        assert!(answer.expect("it waits within bounds").is_err_and(|error| error.is_retryable()));
        assert!(began.elapsed() >= SHORT, "it did not wait");
        open.rollback().await.expect("rolled back");
        // The session has the setting that it came with.
        assert_eq!(lock_timeout(&mut store.pool().acquire().await.expect("a connection")).await, "0");
        acquire(&store, &request(&key(&("free again", u64::try_from(capacity).expect("small"))))).await;
        assert_eq!(lock_timeout(&mut store.pool().acquire().await.expect("a connection")).await, "0");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_duplicate_does_not_wait_for_a_row_that_somebody_has_locked() {
    let schema = Schema::migrated().await;
    let (application, store) = (schema.store().await, PgStore::new(pool(schema.connect_options(), 1).await));
    let done = request(&key("done"));
    common::finish(&store, &done.key, "42").await;
    acquire(&store, &request(&key("running"))).await;
    let mut tx = application.pool().begin().await.expect("a transaction");
    sqlx::query("SELECT FROM idem_records FOR UPDATE").execute(&mut *tx).await.expect("locked");
    assert_eq!(store.claim(&done).await.ok(), Some(ClaimDecision::Replay(outcome("42"))));
    let in_progress = store.claim(&request(&key("running"))).await;
    assert!(matches!(in_progress, Ok(ClaimDecision::InProgress { .. })), "{in_progress:?}");
    assert_eq!(store.purge_expired(10).await.ok(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_call_in_the_callers_transaction_leaves_its_lock_timeout_as_it_was() {
    let schema = Schema::migrated().await;
    let store = schema.store().await;
    for patience in [None, Some(Duration::ZERO), Some(SHORT)] {
        for (before, is) in [("0", "0"), ("90s", "90s"), ("1234ms", "1234ms")] {
            let mut tx = store.pool().begin().await.expect("a transaction");
            let set = format!("SET LOCAL lock_timeout = '{before}'");
            Schema::execute_on(&mut tx, &set).await.expect("a setting");
            let free = request(&key(&idem_core::ClaimId::random().to_string()));
            let claimed = PgStore::join(&store, &mut tx).claim(&free, patience).await;
            assert!(matches!(claimed, Ok(ClaimDecision::Acquired(_))), "{claimed:?}");
            assert_eq!(lock_timeout(&mut tx).await, is, "after a claim with {patience:?}");

            let taken = request(&key(&idem_core::ClaimId::random().to_string()));
            acquire(&store, &taken).await;
            let duplicate = PgStore::join(&store, &mut tx).claim(&request(&taken.key), patience).await;
            assert!(matches!(duplicate, Ok(ClaimDecision::InProgress { .. })), "{duplicate:?}");
            assert_eq!(lock_timeout(&mut tx).await, is, "after in progress with {patience:?}");

            if patience.is_some() {
                let open = holding(&store, &key("held")).await;
                let waited = PgStore::join(&store, &mut tx).claim(&request(&key("held")), patience).await;
                assert_eq!(waited.ok(), Some(ClaimDecision::InProgress { lease_left: Duration::ZERO }));
                assert_eq!(lock_timeout(&mut tx).await, is, "after waiting {patience:?}");
                open.rollback().await.expect("rolled back");
            }
            // The transaction goes on, and what it did before is still there.
            Schema::execute_on(&mut tx, "SELECT 1").await.expect("it goes on");
            tx.commit().await.expect("committed");
            assert!(store.lookup(&free.key).await.expect("an answer").is_some());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_duplicate_that_does_not_wait_goes_on_with_its_transaction_and_can_claim_later() {
    let schema = Schema::migrated().await;
    let store = schema.store().await;
    schema.execute("CREATE TABLE entries (amount int NOT NULL)").await;
    let open = holding(&store, &key("order")).await;
    let mut tx = store.pool().begin().await.expect("a transaction");
    Schema::execute_on(&mut tx, "INSERT INTO entries VALUES (1)").await.expect("inserted");
    let operation = || Operation::new("payments.charge", "order").in_flight(InFlight::Reject);
    let refused = operation().run_in(&store, &mut tx, async |_tx, _| Ok::<_, Error>(1)).await;
    assert!(refused.as_ref().is_err_and(Error::is_in_progress), "{refused:?}");
    open.rollback().await.expect("rolled back");
    let executed = operation().run_in(&store, &mut tx, async |_tx, _| Ok::<_, Error>(2)).await;
    assert!(executed.as_ref().is_ok_and(|answer| !answer.is_replayed()), "{executed:?}");
    tx.commit().await.expect("committed");
    assert_eq!(schema.number("SELECT count(*) FROM entries").await, 1);
    assert_eq!(schema.texts("SELECT outcome FROM idem_records").await, ["2"]);
}
