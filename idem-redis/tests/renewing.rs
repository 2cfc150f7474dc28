//! The writes of those who hold claims: thousands of renewals in few pieces, and none behind somebody's claim.

mod common;

use std::time::Duration;

use common::{
    HOUR, Server, acquire, cluster_urls, connection, finish, info, key, outcome, own_prefix, own_store, request,
};
use futures_util::future::join_all;
use idem_core::{Claim, Extension, Store as _};
use idem_redis::RedisStore;

const CLAIMS: usize = 10_000;
const LEASE: Duration = Duration::from_secs(3);

async fn claims(store: &RedisStore, count: usize) -> Vec<Claim> {
    let mut claims = Vec::new();
    for numbers in (0..count).collect::<Vec<_>>().chunks(500) {
        let some = numbers.iter().map(|number| async move { acquire(store, &request(&key(number))).await });
        claims.extend(join_all(some).await);
    }
    claims
}

fn extensions(claims: &[Claim]) -> Vec<Extension> {
    claims.iter().map(|claim| Extension { claim: claim.clone(), lease: LEASE }).collect()
}

/// Each is answered for itself, and in the order of the question.
async fn renews_all_but_the_lost(store: &RedisStore, claims: &[Claim]) {
    let lost: Vec<_> = (0..claims.len()).step_by(97).collect();
    for index in &lost {
        store.release(&claims[*index]).await.expect("it is held");
    }
    let answers = store.extend_all(&extensions(claims)).await;
    assert_eq!(answers.len(), claims.len());
    for (index, answer) in answers.into_iter().enumerate() {
        match answer {
            Ok(()) => assert!(!lost.contains(&index), "{index} was released"),
            Err(error) => assert!(error.is_claim_lost() && lost.contains(&index), "{index}: {error:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask test"]
async fn many_leases_are_renewed_in_few_pieces() {
    let server = Server::start(&[]);
    let store = own_store(&server.url()).await.0.time_limit(Duration::from_mins(1));
    let claims = claims(&store, CLAIMS).await;
    let on = &mut connection(&server.url()).await;
    store.extend(&claims[0], HOUR).await.expect("the server knows the script");
    let mut reads = async || info(on, "stats", "total_reads_processed").await.and_then(|reads| reads.parse().ok());
    let before: usize = reads().await.expect("the server counts them");
    for answer in store.extend_all(&extensions(&claims)).await {
        answer.expect("it is held");
    }
    let sent = reads().await.expect("the server counts them") - before;
    assert!(sent < CLAIMS / 4, "{CLAIMS} renewals were read in {sent} pieces");
    renews_all_but_the_lost(&store, &claims).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask test"]
async fn many_leases_are_renewed_in_a_cluster() {
    let urls = cluster_urls();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    let store = RedisStore::cluster(&urls).await.expect("the cluster answers").prefix(&own_prefix()).expect("a prefix");
    let store = store.time_limit(Duration::from_mins(1));
    let claims = claims(&store, CLAIMS / 10).await;
    renews_all_but_the_lost(&store, &claims).await;
}

/// Claims that wait for a replica hold up their connection for as long as they wait.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn renewals_and_outcomes_do_not_wait_behind_claims() {
    let server = Server::start(&[]);
    let (store, _) = own_store(&server.url()).await;
    let store = store.time_limit(Duration::from_secs(1));
    finish(&store, &key("warm"), "1").await;
    let held = [acquire(&store, &request(&key(&0))).await, acquire(&store, &request(&key(&1))).await];
    // There is no replica.
    let slow = store.clone().wait_for_replicas(1, Duration::from_secs(3));
    let waiting = tokio::spawn(async move { slow.claim(&request(&key("slow"))).await });
    let on = &mut connection(&server.url()).await;
    while info(on, "clients", "blocked_clients").await.as_deref() != Some("1") {}
    store.extend(&held[0], HOUR).await.expect("it waits for nobody");
    store.complete(&held[0], &outcome("1"), HOUR).await.expect("it waits for nobody");
    store.release(&held[1]).await.expect("it waits for nobody");
    assert_eq!(info(on, "clients", "blocked_clients").await.as_deref(), Some("1"), "the claim still waits");
    let error = waiting.await.expect("it does not panic").expect_err("there is no replica");
    assert!(error.is_ambiguous(), "{error:?}");
}
