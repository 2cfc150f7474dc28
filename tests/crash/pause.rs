//! Workers that are stopped past their lease and wake up as zombies.

use idem::{Record, State};

use crate::fault::{Act, Fault, Point};
use crate::journal::Failure;
use crate::process::Worker;
use crate::site::{SHORT, Site, stored};
use crate::worker::{Body, Task};

/// A worker is stopped where it stands, and resumed when somebody has taken over.
struct Case {
    at: Point,
    act: Act,
    body: Body,
    /// How often the side effect happens: a body that is awaiting is dropped, one that blocks its thread runs on.
    effects: usize,
}

const fn case(at: Point, act: Act, body: Body, effects: usize) -> Case {
    Case { at, act, body, effects }
}

const CASES: [Case; 7] = [
    case(Point::BodyBeforeEffect, Act::Await, Body::Succeeds, 1),
    case(Point::BodyBeforeEffect, Act::Block, Body::Succeeds, 2),
    case(Point::BodyAfterEffect, Act::Await, Body::Succeeds, 2),
    case(Point::BodyAfterEffect, Act::Block, Body::Succeeds, 2),
    case(Point::BeforeExtend, Act::Block, Body::Lingers, 2),
    case(Point::BeforeComplete, Act::Await, Body::Succeeds, 2),
    case(Point::BeforeComplete, Act::Block, Body::Succeeds, 2),
];

pub(crate) async fn paused_process_resumes_after_takeover(site: &Site) {
    for (number, case) in (0..).zip(&CASES) {
        let zombie = pause_at(site, number, case).await;
        site.call(number);
        let successor = site.record(number).await;
        resume(zombie, case);
        assert_unchanged(&successor, &site.record(number).await);

        site.call(number);
        let order = site.order(number);
        assert_eq!(order.receipts, vec![stored(&successor); 3], "{:?} {:?}: {order:#?}", case.at, case.act);
        assert_eq!(order.effects.len(), case.effects, "{:?} {:?}: {order:#?}", case.at, case.act);
        assert_eq!(order.takeovers.len(), 1);
    }
}

pub(crate) async fn paused_process_resumes_while_the_successor_runs(site: &Site) {
    for (number, case) in (0..).zip(&CASES) {
        let zombie = pause_at(site, number, case).await;
        let fault = Some(Fault { at: Point::BodyBeforeEffect, act: Act::Await });
        let mut successor = Worker::start(&Task { fault, ..site.task(number) });
        successor.wait_until_held();
        let running = site.record(number).await;
        assert!(matches!(running.state, State::Running { .. }));
        resume(zombie, case);
        assert_unchanged(&running, &site.record(number).await);

        successor.go();
        successor.finish();
        let record = site.record(number).await;
        let order = site.order(number);
        assert_eq!(order.failures, [Failure::ClaimLost], "{:?} {:?}: {order:#?}", case.at, case.act);
        assert_eq!(order.receipts, [stored(&record)]);
        assert_eq!((order.effects.len(), order.takeovers.len()), (case.effects, 1));
    }
}

/// Pauses a process, lets a successor finish, and wakes the process again: the successor's record, which it left as it was.
async fn overtaken(site: &Site, case: &Case) -> Record {
    let zombie = pause_at(site, 0, case).await;
    site.call(0);
    let successor = site.record(0).await;
    resume(zombie, case);
    assert_unchanged(&successor, &site.record(0).await);
    successor
}

/// Whether its body still runs is left open here: the effect would be the duplicate that the takeover stands for.
pub(crate) async fn paused_process_whose_claim_is_stale_gets_the_outcome_of_its_successor(site: &Site) {
    let case = case(Point::AfterClaim, Act::Await, Body::Succeeds, 2);
    let successor = overtaken(site, &case).await;
    let order = site.order(0);
    assert_eq!((order.receipts, order.takeovers.len()), (vec![stored(&successor); 2], 1));
    assert!(order.effects.len() <= case.effects);
}

pub(crate) async fn paused_process_that_releases_leaves_its_successor_alone(site: &Site) {
    let case = case(Point::BeforeRelease, Act::Block, Body::Declines, 1);
    let successor = overtaken(site, &case).await;
    let order = site.order(0);
    // The error of a body whose claim was taken over is not how its key ended.
    assert_eq!((order.receipts, order.failures), (vec![stored(&successor); 2], Vec::new()));
    assert_eq!((order.effects.len(), order.takeovers.len()), (case.effects, 1));
}

/// The worker has been told to stop at its point, and then all of its threads are: also the one that renews its lease. If
/// that one was just writing, `SQLite` is locked for everybody and nobody can take over, so it must get to the end of it.
async fn pause_at(site: &Site, order: u32, case: &Case) -> Worker {
    let fault = Some(Fault { at: case.at, act: case.act });
    let mut zombie = Worker::start(&Task { body: case.body, lease: SHORT, fault, ..site.task(order) });
    zombie.wait_until_held();
    assert!(zombie.pause(), "a held worker does not end");
    while !site.is_writable().await {
        zombie.resume();
        assert!(zombie.pause(), "a held worker does not end");
    }
    zombie
}

/// A body that awaits learns that its claim is lost where it stands. Everything else must be told to go on.
fn resume(mut zombie: Worker, case: &Case) {
    zombie.resume();
    let in_body = matches!(case.at, Point::BodyBeforeEffect | Point::BodyAfterEffect);
    if case.act == Act::Block || !in_body {
        zombie.go();
    }
    zombie.finish();
}

fn assert_unchanged(before: &Record, after: &Record) {
    assert_eq!(before, after, "the zombie changed its successor's record");
}
