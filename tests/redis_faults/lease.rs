//! The figure: each side effect that happens twice is a takeover that was logged.

use std::time::{Duration, Instant};

use crate::chaos::{Chaos, Length, Tally};
use crate::database::{Database, Kind};
use crate::journal::Failure;
use crate::progress::Progress;
use crate::proxy::Proxy;
use crate::random::{Random, say, seed};
use crate::server::Server;
use crate::site::Site;
use crate::slot::Slot;
use crate::worker::{self, Body, Patience, Task};

const WORKERS: u32 = 3;
const CALLS: usize = 2;
const SHORT: Length = Length { orders: 400, strikes: 16, one_in: 200, at_most: None };
const LONG: Length = Length { orders: 10_000, strikes: 120, one_in: 500, at_most: None };
/// Short, so that a strike costs little, and long enough for renewals between two busy cores.
const LEASE: Duration = Duration::from_millis(400);

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn redis_chaos_lease_mode_bounded_and_reported() {
    let (length, seed) = (Length::choose(SHORT, LONG), seed());
    say(&format!("redis lease mode: seed={seed} (set IDEM_CRASH_SEED to choose it)"));
    let mut server = Server::start(Kind::Redis);
    let proxy = Proxy::start(Kind::Redis, server.port(), seed, length.one_in).await;
    let site = Site::open(|_| Database::at(server.port())).await;
    let began = Instant::now();
    let tally = Chaos {
        server: &mut server,
        proxy: &proxy,
        length,
        answers: length.orders as usize * WORKERS as usize * CALLS,
        progress: Progress::of(worker::journal_of(site.folder())),
        pause: LEASE.mul_f64(1.2),
        random: Random(seed),
        slots: (0..WORKERS).map(|caller| Slot::start(task(&site, proxy.port(), caller, length))).collect(),
        parted_until: None,
        tally: Tally::default(),
    }
    .run()
    .await;
    check(&site, length, &tally, began).await;
}

fn task(site: &Site, port: u16, caller: u32, length: Length) -> Task {
    Task {
        database: Database::at(port),
        caller,
        orders: 0..length.orders,
        calls: CALLS,
        at_once: 8,
        lease: LEASE,
        body: Body::Works,
        patience: Patience::CallsUntilAnswered,
        until: length.until(),
        ..site.task(0)
    }
}

async fn check(site: &Site, length: Length, tally: &Tally, began: Instant) {
    // Its connection was to a server that died, and the call that finds that out fails.
    while !site.is_writable().await {
        tokio::task::yield_now().await;
    }
    let account = site.account();
    let unkept = site.unkept(&account).await;
    say(&format!(
        "redis lease mode: operations={} executions={} duplicate side effects={} logged takeovers={} outcomes not \
         stored={} answers not kept={unkept} repeated claims={} {tally} seconds={}",
        account.orders.len(),
        account.executions(),
        account.duplicates(),
        account.takeovers(),
        account.not_stored.len(),
        account.repeated,
        began.elapsed().as_secs(),
    ));
    assert_eq!(account.unlogged(), 0, "second executions without a logged takeover");
    for order in account.orders.values() {
        assert!(order.failures.iter().all(Failure::is_retryable), "{order:#?}");
    }
    if length.at_most.is_none() {
        assert_eq!(account.orders.len(), length.orders as usize);
        let answered = |receipts: usize| receipts >= WORKERS as usize * CALLS;
        assert!(account.orders.values().all(|order| answered(order.receipts.len())), "a caller has no answer");
    }
    assert!(tally.kills > 0 && tally.server_kills > 0 && tally.partitions > 0, "{tally}");
}
