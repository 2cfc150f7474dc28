//! The purge on PostgreSQL: through its index, in batches, and beside others.
#![cfg(feature = "postgres")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::postgres::Schema;
use common::{TestDatabase, acquire, key, outcome, request};
use idem_core::{ClaimDecision, ClaimRequest, Store as _};
use idem_sqlx::PgStore;
use tokio::sync::Barrier;

/// So many records, of which one in a hundred has expired, and statistics about them.
async fn many(schema: &Schema, records: u32) {
    let fill = format!(
        "INSERT INTO idem_records (scope, key, state, fence, attempts, expires_at, purge_from, created_at, updated_at) \
         SELECT 's', n::text, 'released', n, 1, past, past, n, n \
         FROM (SELECT n, CASE WHEN n % 100 = 0 THEN n ELSE 9000000000000000 + n END AS past \
               FROM generate_series(1, {records}) AS n) AS numbered; \
         ANALYZE idem_records"
    );
    schema.execute(&fill).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_purge_of_a_big_table_goes_through_its_index_and_a_claim_through_the_key() {
    let schema = Schema::migrated().await;
    many(&schema, 100_000).await;
    let store = schema.store().await;
    let before = "SELECT seq_scan FROM pg_stat_user_tables WHERE relid = 'idem_records'::regclass";
    // Sessions tell what they did when they end.
    let scans = schema.number(before).await;
    // More often than it takes for a generic plan.
    for _ in 0..20 {
        assert_eq!(store.purge_expired(40).await.ok(), Some(40));
        common::finish(&store, &key(&idem_core::ClaimId::random().to_string()), "1").await;
        let lapsing =
            ClaimRequest { lease: Duration::ZERO, ..request(&key(&idem_core::ClaimId::random().to_string())) };
        acquire(&store, &lapsing).await;
        acquire(&store, &request(&lapsing.key)).await;
    }
    store.pool().close().await;
    let deleted = "SELECT n_tup_del FROM pg_stat_user_tables WHERE relid = 'idem_records'::regclass";
    while schema.number(deleted).await < 800 {
        tokio::task::yield_now().await;
    }
    assert_eq!(schema.number(before).await, scans, "something scanned the whole table");
    assert_eq!(schema.number("SELECT count(*) FROM idem_records WHERE scope = 's'").await, 100_000 - 800);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_purge_skips_what_another_one_is_at() {
    let schema = Schema::migrated().await;
    many(&schema, 10_000).await;
    let store = schema.store().await;
    let mut open = store.pool().begin().await.expect("a transaction");
    Schema::execute_on(
        &mut open,
        "SELECT FROM idem_records WHERE purge_from < 9000000000000000 ORDER BY purge_from LIMIT 60 FOR UPDATE",
    )
    .await
    .expect("locked");
    assert_eq!(store.purge_expired(1000).await.ok(), Some(40));
    open.rollback().await.expect("rolled back");
    assert_eq!(store.purge_expired(1000).await.ok(), Some(60));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn purge_batched_and_concurrent() {
    let schema = Schema::migrated().await;
    many(&schema, 40_000).await;
    let together = Arc::new(Barrier::new(2));
    let purge = |store: PgStore| {
        let together = Arc::clone(&together);
        tokio::spawn(async move {
            together.wait().await;
            let mut removed = 0;
            // One that was skipped because the other was at it is not left over: the other removes it.
            loop {
                match store.purge_expired(7).await.expect("a purge waits for nobody") {
                    0 => return removed,
                    some => removed += some,
                }
            }
        })
    };
    let (one, other) = (purge(schema.store().await), purge(schema.store().await));
    let removed = one.await.expect("no panic") + other.await.expect("no panic");
    assert_eq!(removed, 400);
    assert_eq!(schema.number("SELECT count(*) FROM idem_records WHERE purge_from < 9000000000000000").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn purge_races_claim() {
    let schema = Schema::migrated().await;
    let (claiming, purging) = (schema.store().await, schema.store().await);
    let purge = tokio::spawn(async move {
        loop {
            purging.purge_expired(100).await.expect("a purge");
        }
    });
    for round in 0..300 {
        // Expired as soon as it is completed, so that each purge finds it, and each claim does too.
        let key = key(&("order", round % 3));
        let claim = acquire(&claiming, &request(&key)).await;
        let duplicate = claiming.claim(&request(&key)).await;
        assert!(matches!(duplicate, Ok(ClaimDecision::InProgress { .. })), "the claim is gone: {duplicate:?}");
        claiming.complete(&claim, &outcome("42"), Duration::ZERO).await.expect("the claim is held, and was not purged");
    }
    purge.abort();
}
