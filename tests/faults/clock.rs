//! An application whose clock is wrong by an hour changes nothing: no early takeover, no early expiry.

use std::time::Duration;

use idem::{Observed, State};

use crate::database::{Database, Kind};
use crate::fault::{Act, Fault, Point};
use crate::process::Worker;
use crate::site::Site;
use crate::worker::Task;

const HOUR: i32 = 3_600;
const LEASE: Duration = Duration::from_mins(1);
/// What outcomes are kept for by default.
const RETENTION: Duration = Duration::from_hours(24);

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test]
async fn postgres_app_clock_fast_and_slow_1h() {
    wrong_clocks(Kind::Postgres).await;
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test]
async fn mysql_app_clock_fast_and_slow_1h() {
    wrong_clocks(Kind::MySql).await;
}

/// Who holds a key, and who waits for it: by how much the clock of each is wrong.
async fn wrong_clocks(kind: Kind) {
    let database = Database::fresh(kind).await;
    let site = Site::open(|_| database.clone()).await;
    for (order, [holder, waiter]) in (0..).zip([[0, HOUR], [0, -HOUR], [HOUR, 0], [-HOUR, 0]]) {
        let with = |skew, at| Task {
            database: Database { skew, ..database.clone() },
            lease: LEASE,
            fault: Some(Fault { at, act: Act::Await }),
            ..site.task(order)
        };
        let mut holder = Worker::start(&with(holder, Point::BodyBeforeEffect));
        holder.wait_until_held();
        // It has asked three times and was told to wait.
        let mut waiter = Worker::start(&with(waiter, Point::WhileWaiting));
        waiter.wait_until_held();
        let Observed { record, now, .. } = site.observe("crash.charge", order).await;
        let State::Running { lease_until, .. } = record.state else { panic!("it runs: {record:?}") };
        let left = lease_until.as_micros() - now.as_micros();
        assert!((1..=micros(LEASE)).contains(&left), "the lease ends by the clock of the store: {record:?}");

        holder.go();
        holder.finish();
        waiter.go();
        waiter.finish();
        let Observed { record, now, .. } = site.observe("crash.charge", order).await;
        let left = record.expires_at.as_micros() - now.as_micros();
        assert!(
            (micros(RETENTION) - micros(LEASE)..=micros(RETENTION)).contains(&left),
            "and so does the outcome: {record:?}"
        );
        let order = site.order(order);
        assert_eq!((order.effects.len(), order.takeovers.len(), order.receipts.len()), (1, 0, 2), "{order:#?}");
    }
    database.remove().await;
}

fn micros(duration: Duration) -> i64 {
    duration.as_micros().try_into().expect("it is short")
}
