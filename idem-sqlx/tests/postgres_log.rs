//! What a duplicate leaves behind on PostgreSQL: no byte in the write-ahead log, and no transaction number.
//!
//! One test, so that nobody else writes meanwhile.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use common::postgres::Schema;
use common::{TestDatabase, acquire, fingerprint, finish, key, request};
use idem_core::{ClaimDecision, ClaimRequest, Store as _};
use idem_sqlx::PgStore;
use sqlx::Row as _;

/// The server may write something of its own now and then, but not in each of these rounds.
const ROUNDS: u32 = 5;

/// Where the log ends, and the number that the next transaction gets which writes.
async fn position(store: &PgStore) -> (i64, i64) {
    let query = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint, \
                        pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    let row = sqlx::query(query).fetch_one(store.pool()).await.expect("a position");
    (row.get(0), row.get(1))
}

async fn duplicates(store: &PgStore, request: &ClaimRequest, expected: impl Fn(&ClaimDecision) -> bool) {
    let mut least = (i64::MAX, i64::MAX);
    for _ in 0..ROUNDS {
        let before = position(store).await;
        for _ in 0..100 {
            let answer = store.claim(request).await.expect("an answer");
            assert!(expected(&answer), "{answer:?}");
        }
        let after = position(store).await;
        least = (least.0.min(after.0 - before.0), least.1.min(after.1 - before.1));
    }
    assert_eq!(least, (0, 0), "bytes of the log and transactions for {request:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_duplicate_writes_no_log_and_takes_no_transaction_number() {
    let schema = Schema::migrated().await;
    let prepared = PgStore::new(schema.pool(1).await);
    finish(&prepared, &key("done"), "42").await;
    acquire(&prepared, &request(&key("running"))).await;
    // From here on nobody but the duplicates writes: what is behind has been vacuumed and is on disk.
    for statement in ["VACUUM idem_records", "CHECKPOINT"] {
        sqlx::raw_sql(statement).execute(prepared.pool()).await.expect("the user is a superuser");
    }
    let another = |name: &str| ClaimRequest { fingerprint: Some(fingerprint(2)), ..request(&key(name)) };
    for store in [prepared, postgres_common::unprepared(&schema).await] {
        duplicates(&store, &request(&key("done")), |answer| matches!(answer, ClaimDecision::Replay(_))).await;
        duplicates(&store, &request(&key("running")), |answer| matches!(answer, ClaimDecision::InProgress { .. }))
            .await;
        duplicates(&store, &another("done"), |answer| *answer == ClaimDecision::Mismatch).await;
        duplicates(&store, &another("running"), |answer| *answer == ClaimDecision::Mismatch).await;
    }
}
