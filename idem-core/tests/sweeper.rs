//! The sweeper: what it removes, when, and how it ends. The clock stands still unless everybody waits.
#![cfg(feature = "contract")]

mod expiring;

use std::collections::HashSet;
use std::time::Duration;

use expiring::{HOUR, finish, store};
use idem_core::Sweeper;
use idem_core::contract::{Fault, Method};
use tokio::time::{Instant, sleep};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(start_paused = true)]
async fn sweeping_once_goes_on_until_a_batch_is_not_full() {
    for (expired, batches) in [(0, 1), (1, 1), (2, 2), (5, 3)] {
        let (store, memory) = store(expired).await;
        let removed = Sweeper::new(&store).batch(2).sweep_once().await.expect("the store works");
        assert_eq!(removed, u64::from(expired));
        assert_eq!(store.calls(Method::PurgeExpired), batches, "{expired}");
        assert_eq!(memory.len(), 1, "what has not expired is still there");
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_zero_is_one() {
    let (store, memory) = store(2).await;
    assert_eq!(Sweeper::new(&store).batch(0).sweep_once().await.expect("the store works"), 2);
    assert_eq!(memory.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn between_batches_it_leaves_the_store_to_others_for_as_long_as_they_took() {
    let (store, _) = store(2).await;
    // There and back, so the first takes 200 ms, and the second 6 s.
    store.plan(Method::PurgeExpired, [100, 3_000, 0].map(|ms| Fault::Delays(Duration::from_millis(ms))));
    let began = Instant::now();
    Sweeper::new(&store).batch(1).sweep_once().await.expect("the store works");
    let expected = Duration::from_millis(200 + 200 + 6_000 + 1_000);
    assert!((expected..expected + Duration::from_millis(10)).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn sweeping_once_gives_the_error_of_the_store() {
    let (store, memory) = store(3).await;
    store.plan(Method::PurgeExpired, [Fault::None, Fault::Refuses]);
    let error = Sweeper::new(&store).batch(2).sweep_once().await.expect_err("the store refuses");
    assert!(!error.is_retryable());
    assert_eq!(memory.len(), 2, "the batch before is done");
}

#[tokio::test(start_paused = true)]
async fn it_sweeps_at_every_turn() {
    let (store, memory) = store(1).await;
    let began = Instant::now();
    let sweeper = Sweeper::new(&store).every(MINUTE).start();
    store.called(Method::PurgeExpired, 1).await;
    assert!(began.elapsed() <= MINUTE, "the first turn is late: {:?}", began.elapsed());
    store.called(Method::PurgeExpired, 11).await;
    let ten_turns = began.elapsed();
    assert!((MINUTE * 7..MINUTE * 14).contains(&ten_turns), "{ten_turns:?}");
    finish(&memory, 7, Duration::ZERO).await;
    store.called(Method::PurgeExpired, 12).await;
    sweeper.stop().await;
    assert_eq!(memory.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn ten_processes_do_not_sweep_in_step() {
    let mut sweepers = Vec::new();
    let (mut first, mut second) = (HashSet::new(), HashSet::new());
    let (store, _) = store(0).await;
    for _ in 0..10 {
        sweepers.push(Sweeper::new(&store).every(HOUR).start());
    }
    for turn in 1..=20 {
        store.called(Method::PurgeExpired, turn).await;
        if turn <= 10 { &mut first } else { &mut second }.insert(Instant::now());
    }
    assert!(first.len() > 5 && second.len() > 5, "{first:?} {second:?}");
}

#[tokio::test(start_paused = true)]
async fn stopping_lets_a_batch_end_that_is_under_way() {
    let (store, memory) = store(2).await;
    store.always(Method::PurgeExpired, Fault::Delays(MINUTE));
    let sweeper = Sweeper::new(&store).every(MINUTE).batch(1).start();
    store.called(Method::PurgeExpired, 1).await;
    assert_eq!(memory.len(), 3, "the batch is under way");
    sweeper.stop().await;
    assert_eq!(memory.len(), 2, "the batch has ended");
    sleep(HOUR).await;
    assert_eq!(store.calls(Method::PurgeExpired), 1, "it was the last");
}

#[tokio::test(start_paused = true)]
async fn stopping_between_turns_is_at_once() {
    let (store, _) = store(0).await;
    let sweeper = Sweeper::new(&store).every(HOUR).start();
    let began = Instant::now();
    sweeper.stop().await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(store.calls(Method::PurgeExpired), 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_handle_stops_it_too_and_a_batch_under_way_ends() {
    let (store, memory) = store(2).await;
    store.always(Method::PurgeExpired, Fault::Delays(MINUTE));
    let sweeper = Sweeper::new(&store).every(MINUTE).batch(1).start();
    store.called(Method::PurgeExpired, 1).await;
    drop(sweeper);
    sleep(HOUR).await;
    assert_eq!(memory.len(), 2);
    assert_eq!(store.calls(Method::PurgeExpired), 1);
}

#[tokio::test(start_paused = true)]
async fn any_duration_is_a_time_between_turns() {
    let (store, _) = store(0).await;
    Sweeper::new(&store).every(Duration::MAX).start().stop().await;
    let sweeper = Sweeper::new(&store).every(Duration::ZERO).start();
    sleep(MINUTE).await;
    sweeper.stop().await;
    assert!((40..=90).contains(&store.calls(Method::PurgeExpired)), "{store:?}");
}
