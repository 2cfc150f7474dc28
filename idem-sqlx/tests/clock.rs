//! All time is the database's clock (G07): no instant of the application gets near a statement, and no setting of a session
//! moves one.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;

use std::path::Path;
use std::time::Duration;

use common::{TestDatabase, acquire, finish, key, outcome, request};
use idem_core::{ClaimDecision, ClaimRequest, State, Store, Timestamp};

common::on_each_database! {
    every_instant_of_a_record_is_the_databases_now_and_a_duration
    the_clock_is_the_one_that_the_database_tells
    a_record_written_an_hour_ago_or_ahead_is_neither_taken_over_nor_expired
    the_longest_times_do_not_overflow
    a_lease_without_end_that_is_cut_short_leaves_a_record_that_is_purged
}

#[test]
fn no_clock_of_the_application_is_read() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut read = 0;
    for_each_file(&sources, &mut |path, text| {
        read += 1;
        // What measures how long something takes is no clock that tells the time.
        let mut text = text.replace("Instant::now()", "");
        // When the transaction began says whether it is the statement's own.
        for began in ["pg_catalog.now()", "now() <> statement_timestamp()"] {
            text = text.replace(began, "");
        }
        for clock in ["SystemTime", "UNIX_EPOCH", "Utc::", "now()"] {
            assert!(!text.contains(clock), "{} reads `{clock}`", path.display());
        }
    });
    assert!(read > 5);
}

async fn every_instant_of_a_record_is_the_databases_now_and_a_duration<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let (lease, retention) = (Duration::from_secs(30), Duration::from_secs(90));
    let request = ClaimRequest { lease, retention, ..request(&key("k")) };
    let claim = acquire(&store, &request).await;
    let read = async || store.lookup(&request.key).await.expect("an answer").expect("a record");

    let running = read().await;
    let now = running.record.updated_at;
    assert_eq!(running.record.created_at, now);
    assert_eq!(running.record.expires_at, now + lease + retention);
    assert!(matches!(running.record.state, State::Running { lease_until, .. } if lease_until == now + lease));
    assert!(now <= running.now);

    store.complete(&claim, &outcome("1"), retention).await.expect("the claim is held");
    let done = read().await.record;
    assert!(now <= done.updated_at);
    assert_eq!(done.expires_at, done.updated_at + retention);
    assert_eq!(done.created_at, now);
}

async fn the_clock_is_the_one_that_the_database_tells<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let clock = async || database.number(&format!("SELECT {}", D::NOW)).await;
    let before = clock().await;
    finish(&store, &key("k"), "1").await;
    let observed = store.lookup(&key("k")).await.expect("an answer").expect("a record");
    let after = clock().await;
    let instants = [observed.record.created_at, observed.record.updated_at, observed.now].map(Timestamp::as_micros);
    assert!(before <= instants[0] && instants.is_sorted() && instants[2] <= after, "{before} {instants:?} {after}");
}

async fn a_record_written_an_hour_ago_or_ahead_is_neither_taken_over_nor_expired<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    // What an application whose clock is wrong by an hour either way would say of when it wrote.
    for shift in [-3_600_000_000_i64, 3_600_000_000] {
        let (running, done) = (key(&("running", shift)), key(&("done", shift)));
        acquire(&store, &request(&running)).await;
        finish(&store, &done, "1").await;
        let sql =
            format!("UPDATE idem_records SET created_at = created_at + {shift}, updated_at = updated_at + {shift}");
        database.execute(&sql).await;
        assert!(matches!(store.claim(&request(&running)).await, Ok(ClaimDecision::InProgress { .. })));
        assert!(matches!(store.claim(&request(&done)).await, Ok(ClaimDecision::Replay(_))));
    }
}

async fn the_longest_times_do_not_overflow<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let longest = ClaimRequest { lease: Duration::MAX, retention: Duration::MAX, ..request(&key("k")) };
    let claim = acquire(&store, &longest).await;
    store.extend(&claim, Duration::MAX).await.expect("the claim is held");
    store.complete(&claim, &outcome("1"), Duration::MAX).await.expect("the claim is held");
    let record = store.lookup(&longest.key).await.expect("an answer").expect("a record").record;
    assert_eq!(record.expires_at.as_micros(), i64::MAX);
}

/// The end of such a record is the last instant there is, and when it is cut short nothing is left of its retention.
async fn a_lease_without_end_that_is_cut_short_leaves_a_record_that_is_purged<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let endless = ClaimRequest { lease: Duration::MAX, ..request(&key("k")) };
    let claim = acquire(&store, &endless).await;
    store.extend(&claim, Duration::ZERO).await.expect("the claim is held");
    // The purge leaves a fence alone that the clock has not passed.
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(store.purge_expired(10).await.expect("a purge"), 1);
}

fn for_each_file(folder: &Path, visit: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            for_each_file(&path, visit);
        } else {
            visit(&path, &std::fs::read_to_string(&path).expect("a source file"));
        }
    }
}
