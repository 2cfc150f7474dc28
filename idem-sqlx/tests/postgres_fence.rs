//! The fence of a key grows strictly, also where purges remove the record again and again.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use std::sync::Arc;
use std::time::Duration;

use common::postgres::Schema;
use common::{TestDatabase, key, outcome, request};
use idem_core::{ClaimDecision, ClaimRequest, Fence, Store as _};
use idem_sqlx::PgStore;
use postgres_common::ISOLATIONS;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

const CLAIMS: usize = 150;

/// Claims and completes until there were enough claims. The lock is that of the world outside: whoever holds the claim
/// writes its fence down, and there can be one at a time.
async fn claim_and_complete(store: PgStore, retention: Duration, fences: Arc<Mutex<Vec<Fence>>>) {
    loop {
        let claim = match store.claim(&ClaimRequest { retention, ..request(&key("order")) }).await {
            Ok(ClaimDecision::Acquired(claim)) => claim,
            Ok(ClaimDecision::InProgress { .. } | ClaimDecision::Replay(_)) => {
                tokio::task::yield_now().await;
                continue;
            }
            Err(error) if error.is_retryable() => continue,
            other => panic!("{other:?}"),
        };
        let mut fences = fences.lock().await;
        fences.push(claim.fence);
        let enough = fences.len() >= CLAIMS;
        drop(fences);
        store.complete(&claim, &outcome("42"), retention).await.expect("the claim is held");
        if enough {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn fences_grow_in_the_order_of_the_claims_whatever_is_purged_between_them() {
    // The first is over before anybody can see it; the second is longer than most claims take, and shorter than some.
    let retentions = [Duration::from_micros(1), Duration::from_millis(1), Duration::ZERO];
    for (isolation, retention) in ISOLATIONS.into_iter().zip(retentions) {
        let schema = Schema::migrated().await;
        let options = postgres_common::isolated(&schema, isolation).options([("synchronous_commit", "off")]);
        let fences = Arc::new(Mutex::new(Vec::new()));
        let mut callers = JoinSet::new();
        for _ in 0..2 {
            let store = PgStore::new(postgres_common::pool(options.clone(), 6).await);
            for _ in 0..3 {
                callers.spawn(claim_and_complete(store.clone(), retention, Arc::clone(&fences)));
            }
        }
        let purging = PgStore::new(postgres_common::pool(options, 1).await);
        let purge = tokio::spawn(async move {
            loop {
                // Where it lost a race, the next one gets it.
                let _ = purging.purge_expired(10).await;
            }
        });
        callers.join_all().await;
        purge.abort();
        let fences = fences.lock().await;
        let grows = fences.windows(2).filter(|pair| pair[0] >= pair[1]).count();
        assert_eq!(grows, 0, "{isolation}, {retention:?}: so many fences were not above the one before");
    }
}
