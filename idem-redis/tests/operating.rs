//! What waits for an operator is listed, on a single node and in a Cluster; a listing does not go on at other servers.

mod common;

use common::{Warnings, acquire, cluster_urls, connection, key, name, own_prefix, own_store, request, say, url};
use idem_core::contract::what_waits_for_an_operator_is_listed;
use idem_core::{Abandoned, ClaimRequest, Cursor, Operator as _, Store as _};
use idem_redis::RedisStore;

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn what_waits_for_an_operator_is_listed_on_a_node() {
    what_waits_for_an_operator_is_listed(&own_store(&url()).await.0).await;
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn what_waits_for_an_operator_is_listed_in_a_cluster() {
    what_waits_for_an_operator_is_listed(&cluster_store().await).await;
}

/// After a failover another server may be in that place, and the scan would leave out claims that wait there.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_cursor_of_other_primaries_is_refused() {
    let store = cluster_store().await;
    for number in 0..20 {
        let request = ClaimRequest { abandoned: Abandoned::Refuse, ..request(&key(&number)) };
        store.abandon(&acquire(&store, &request).await).await.expect("it is held");
    }
    let page = store.abandoned(None, 1).await.expect("an answer");
    let next = page.next.expect("there are more primaries");
    let moved = Cursor::from_stored(next.as_str().replacen("127.0.0.1:", "127.0.0.2:", 1));
    assert_ne!(moved, next);
    let error = store.abandoned(Some(&moved), 1).await.expect_err("that server does not lead");
    assert!(error.is_refused() && error.to_string().contains("primaries"), "{error}");
    let (mut waiting, mut next) = (page.claims.len(), Some(next));
    while let Some(from) = next {
        let page = store.abandoned(Some(&from), 100).await.expect("an answer");
        waiting += page.claims.len();
        next = page.next;
    }
    assert_eq!(waiting, 20, "the cursor itself goes on");
}

/// A record that somebody damaged is left out, and the others are listed all the same.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_damaged_record_does_not_hide_what_waits_for_an_operator() {
    let (store, prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    let damages: [&[&str]; 8] = [
        &["HDEL", "lease_until"],
        &["HDEL", "abandoned"],
        &["HDEL", "state"],
        &["HDEL", "fence"],
        &["HSET", "abandoned", "maybe"],
        &["HSET", "state", "paused"],
        &["HSET", "attempts", "-1"],
        &["HSET", "claim_id", "somebody"],
    ];
    for damage in damages {
        let request = ClaimRequest { abandoned: Abandoned::Refuse, ..request(&key(&damage.join(" "))) };
        store.abandon(&acquire(&store, &request).await).await.expect("it is held");
        let name = name(&prefix, &request.key);
        let words: Vec<_> = damage[..1].iter().copied().chain([&*name]).chain(damage[1..].iter().copied()).collect();
        let _: i64 = say(on, &words).await;
    }
    let _: i64 = say(on, &["HSET", &format!("{prefix}{{no record"), "state", "running"]).await;
    let request = ClaimRequest { abandoned: Abandoned::Refuse, ..request(&key("order")) };
    store.abandon(&acquire(&store, &request).await).await.expect("it is held");

    let warnings = Warnings::default();
    let guard = tracing::subscriber::set_default(warnings.clone());
    let (mut waiting, mut next) = (Vec::new(), None);
    loop {
        let page = store.abandoned(next.as_ref(), 100).await.expect("an answer");
        waiting.extend(page.claims.into_iter().map(|claim| claim.key));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    drop(guard);
    assert_eq!(waiting, [request.key]);
    let warnings = warnings.said();
    let unreadable = warnings.iter().filter(|line| line.contains("cannot be read")).count();
    // A scan may come by a name twice.
    assert!(unreadable > damages.len(), "{warnings:#?}");
}

async fn cluster_store() -> RedisStore {
    let urls = cluster_urls();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    RedisStore::cluster(&urls).await.expect("the cluster answers").prefix(&own_prefix()).expect("a prefix")
}
