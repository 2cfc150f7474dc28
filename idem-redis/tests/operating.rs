//! What waits for an operator is listed, on a single node and in a Cluster; a listing does not go on at other servers.

mod common;

use common::{acquire, cluster_urls, key, own_prefix, own_store, request, url};
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

async fn cluster_store() -> RedisStore {
    let urls = cluster_urls();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    RedisStore::cluster(&urls).await.expect("the cluster answers").prefix(&own_prefix()).expect("a prefix")
}
