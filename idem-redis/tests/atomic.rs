//! Each step is one atomic command: nothing is left half done, and of many one wins.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{
    HOUR, acquire, ask, connection, finish, key, name, outcome, own_prefix, own_store, request, say, store_at, url,
};
use idem_core::{Abandoned, Claim, ClaimDecision, ClaimRequest, Origin, Store as _};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const RACERS: usize = 32;
const LAPSES: Duration = Duration::from_millis(20);
const GRACE: i64 = 600_000;

/// A client that dies after its claim leaves a record that ends: the time to live comes with it, in the same command.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn redis_claim_is_one_atomic_command() {
    let (store, prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    let watched = key("order");
    let (lease, retention) = (Duration::from_secs(30), Duration::from_secs(90));
    // Whatever moment one looks at, there is no record, or one with all its fields and an end.
    let claims = tokio::spawn({
        let (store, request) = (store.clone(), ClaimRequest { lease, retention, ..request(&watched) });
        async move { acquire(&store, &request).await }
    });
    loop {
        let mut both = redis::pipe();
        both.atomic().cmd("PTTL").arg(name(&prefix, &watched)).cmd("HLEN").arg(name(&prefix, &watched));
        let (left, fields): (i64, u32) = both.query_async(on).await.expect("an answer");
        if fields > 0 {
            let longest = 120_000 + GRACE;
            assert_eq!(fields, 11);
            assert!((longest - 60_000..=longest + 1).contains(&left), "{left} ms are left");
            break;
        }
        assert_eq!(left, -2, "there is a name without a record");
        tokio::task::yield_now().await;
    }
    claims.await.expect("it does not panic");
}

/// Of many who find a lapsed claim one takes it over, and whoever was slow changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn redis_takeover_script_atomic() {
    let prefix = own_prefix();
    let stores = [store_at(&url(), &prefix).await, store_at(&url(), &prefix).await];
    for round in 0..10 {
        let request = ClaimRequest { lease: LAPSES, ..request(&key(&round)) };
        let zombie = acquire(&stores[0], &request).await;
        tokio::time::sleep(LAPSES).await;
        while matches!(stores[0].lookup(&request.key).await, Ok(Some(seen)) if seen.now < seen.record.updated_at + LAPSES)
        {
        }
        let start = Arc::new(Barrier::new(RACERS));
        let mut racers = JoinSet::new();
        for number in 0..RACERS {
            let (store, start) = (stores[number % 2].clone(), Arc::clone(&start));
            let request = common::request(&request.key);
            racers.spawn(async move {
                start.wait().await;
                ask(&store, &request).await
            });
        }
        let answers = racers.join_all().await;
        let winners: Vec<&Claim> = answers
            .iter()
            .filter_map(|answer| match answer {
                ClaimDecision::Acquired(claim) => Some(claim),
                ClaimDecision::InProgress { .. } => None,
                other => panic!("{other:?}"),
            })
            .collect();
        let [winner] = winners[..] else { panic!("{winners:?}") };
        assert_eq!((winner.origin, winner.attempt), (Origin::Takeover, 2));
        assert!(winner.fence > zombie.fence);
        assert!(stores[0].complete(&zombie, &outcome("1"), HOUR).await.is_err_and(|error| error.is_claim_lost()));
        assert!(stores[1].extend(&zombie, HOUR).await.is_err_and(|error| error.is_claim_lost()));
        stores[1].complete(winner, &outcome("2"), HOUR).await.expect("the claim is held");
        assert!(stores[0].release(&zombie).await.is_err_and(|error| error.is_claim_lost()));
        assert_eq!(ask(&stores[0], &request).await, ClaimDecision::Replay(outcome("2")));
    }
}

/// How long Redis keeps a record: for ten minutes after its end, and a claim under `refuse` for good.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn redis_removes_a_record_a_while_after_its_end_and_a_refusing_claim_never() {
    let (store, prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    let mut left = async |record| say::<i64>(on, &["PTTL", &name(&prefix, &key(record))]).await - GRACE;
    let about = |left: i64, expected: i64| {
        assert!((expected - 60_000..=expected + 1).contains(&left), "{left} is not {expected}");
    };
    let terms = |name| ClaimRequest { lease: HOUR, retention: HOUR, ..request(&key(name)) };

    let running = acquire(&store, &terms("order")).await;
    about(left("order").await, 7_200_000);
    store.extend(&running, 2 * HOUR).await.expect("the claim is held");
    about(left("order").await, 10_800_000);
    store.complete(&running, &outcome("1"), HOUR / 2).await.expect("the claim is held");
    about(left("order").await, 1_800_000);

    let refusing = ClaimRequest { abandoned: Abandoned::Refuse, ..terms("money") };
    let running = acquire(&store, &refusing).await;
    assert_eq!(left("money").await, -1 - GRACE);
    store.extend(&running, HOUR).await.expect("the claim is held");
    assert_eq!(left("money").await, -1 - GRACE);
    store.release(&running).await.expect("the claim is held");
    about(left("money").await, 7_200_000);
    acquire(&store, &terms("money")).await;
    about(left("money").await, 7_200_000);
    store.issue(&key("token"), HOUR).await.expect("an answer");
    about(left("token").await, 3_600_000);
}

/// A purge touches what is its own: not what has not expired, not another store's records, and no key of somebody else's.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_purge_removes_nothing_of_anybody_elses() {
    let (store, prefix) = own_store(&url()).await;
    let (other, other_prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    for store in [&store, &other] {
        let claim = acquire(store, &request(&key("gone"))).await;
        store.complete(&claim, &outcome("1"), Duration::from_millis(1)).await.expect("the claim is held");
        finish(store, &key("kept"), "1").await;
    }
    let _: () = say(on, &["SET", &format!("{prefix}{{text|1}}"), "1"]).await;
    let _: () = say(on, &["HSET", &format!("{prefix}{{hash|1}}"), "price", "1"]).await;
    let mut removed = 0;
    while removed == 0 {
        removed = store.purge_expired(10).await.expect("an answer");
    }
    assert_eq!(removed, 1);
    let left = async |on: &mut _, prefix: &str| {
        let mut left: Vec<String> = say(on, &["KEYS", &format!("{prefix}*")]).await;
        left.sort();
        left
    };
    let kept = [name(&prefix, &key("kept")), format!("{prefix}{{hash|1}}"), format!("{prefix}{{text|1}}")];
    assert_eq!(left(on, &prefix).await.len(), kept.len());
    for name in kept {
        assert!(left(on, &prefix).await.contains(&name), "{name}");
    }
    assert_eq!(left(on, &other_prefix).await.len(), 2);
}

/// The scripts have a quick way and a whole one, which times of more digits take. Both write the same record.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_long_time_is_written_as_a_short_one_is() {
    let (store, prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    let fields = async |on: &mut _, record: &str| {
        let mut fields: Vec<String> = say(on, &["HKEYS", &name(&prefix, &key(record))]).await;
        fields.sort();
        fields
    };
    let long = Duration::from_secs(1_000_000_000);
    for abandoned in [Abandoned::Rerun, Abandoned::Refuse] {
        for fingerprint in [None, Some(common::fingerprint(1))] {
            let terms = |name, retention| ClaimRequest { retention, abandoned, fingerprint, ..request(&key(name)) };
            let short = acquire(&store, &terms("short", HOUR)).await;
            let whole = acquire(&store, &terms("long", long)).await;
            assert_eq!((short.attempt, short.origin), (whole.attempt, whole.origin));
            assert_eq!(fields(on, "short").await, fields(on, "long").await, "{abandoned:?} {fingerprint:?}");
            store.complete(&short, &outcome("1"), Duration::from_micros(999)).await.expect("the claim is held");
            store.complete(&whole, &outcome("1"), long).await.expect("the claim is held");
            assert_eq!(fields(on, "short").await, fields(on, "long").await, "{abandoned:?} {fingerprint:?}");
            let gone: u32 = say(on, &["DEL", &name(&prefix, &key("short")), &name(&prefix, &key("long"))]).await;
            assert_eq!(gone, 2);
        }
    }
}
