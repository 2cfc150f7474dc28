//! Workers that die of `kill -9`.

use idem::decision::is_resolvable;
use idem::{ClaimId, Codec, Outcome, OutcomeKind, Resolution, State};

use crate::fault::{Act, Fault, Point};
use crate::journal::{Entry, Failure, Receipt};
use crate::process::Worker;
use crate::site::{LONG, SHORT, Site, stored};
use crate::worker::{Body, Policy, Task};

/// A worker is killed at a point; others then call with the same key until there is an outcome.
struct Case {
    at: Point,
    body: Body,
    /// How often the side effect happens, all callers together.
    effects: usize,
    takeovers: usize,
}

const fn case(at: Point, body: Body, effects: usize, takeovers: usize) -> Case {
    Case { at, body, effects, takeovers }
}

const CASES: [Case; 11] = [
    case(Point::BeforeClaim, Body::Succeeds, 1, 0),
    case(Point::AfterClaim, Body::Succeeds, 1, 1),
    case(Point::WhileWaiting, Body::Succeeds, 1, 0),
    case(Point::BodyBeforeEffect, Body::Succeeds, 1, 1),
    case(Point::BodyAfterEffect, Body::Succeeds, 2, 1),
    case(Point::BeforeExtend, Body::Lingers, 2, 1),
    case(Point::AfterExtend, Body::Lingers, 2, 1),
    case(Point::BeforeComplete, Body::Succeeds, 2, 1),
    case(Point::AfterComplete, Body::Succeeds, 1, 0),
    case(Point::BeforeRelease, Body::Declines, 1, 1),
    case(Point::AfterRelease, Body::Declines, 1, 0),
];

pub(crate) async fn kill9_at_every_named_point(site: &Site) {
    for (order, case) in (0..).zip(&CASES) {
        kill_at(site, order, case);
        let record = site.record(order).await;
        let order = site.order(order);
        assert_eq!(order.effects.len(), case.effects, "{:?}: {order:#?}", case.at);
        assert_eq!(order.takeovers.len(), case.takeovers, "{:?}: {order:#?}", case.at);
        assert!(order.receipts.len() >= 4 && order.failures.is_empty(), "{:?}: {order:#?}", case.at);
        assert!(order.receipts.contains(&stored(&record)), "{:?}: {order:#?}", case.at);
    }
}

/// Two processes of two calls each retry. Nothing but the lease of the dead holds them up, and they end.
fn kill_at(site: &Site, order: u32, case: &Case) {
    let mut holder = None;
    if case.at == Point::WhileWaiting {
        let fault = Some(Fault { at: Point::BodyBeforeEffect, act: Act::Await });
        let mut worker = Worker::start(&Task { fault, ..site.task(order) });
        worker.wait_until_held();
        holder = Some(worker);
    }
    let fault = Some(Fault { at: case.at, act: Act::Kill });
    Worker::start(&Task { body: case.body, lease: SHORT, fault, ..site.task(order) }).finish_killed();
    if let Some(holder) = &mut holder {
        holder.go();
    }
    let retry = Task { calls: 2, at_once: 2, ..site.task(order) };
    let retries = [Worker::start(&retry), Worker::start(&retry)];
    retries.into_iter().chain(holder).for_each(Worker::finish);
}

pub(crate) async fn kill9_mid_body_then_retry(site: &Site) {
    let fault = Some(Fault { at: Point::BodyAfterEffect, act: Act::Kill });
    Worker::start(&Task { lease: SHORT, fault, ..site.task(1) }).finish_killed();

    let dead = site.record(1).await;
    let State::Running { lease_until, .. } = dead.state else { panic!("the claim stands: {dead:?}") };
    assert_eq!(dead.attempts, 1);
    site.call(1);

    let record = site.record(1).await;
    let order = site.order(1);
    assert_eq!((order.effects.len(), order.takeovers.len(), record.attempts), (2, 1, 2));
    assert_eq!(order.receipts, [stored(&record)]);
    assert_eq!(order.effects[1], stored(&record));
    // A fence is the store's clock at the claim, so it tells that nobody took over while the lease stood.
    assert!(record.fence.number() >= lease_until.as_micros(), "taken over early: {dead:?} {record:?}");
}

pub(crate) async fn refuse_leaves_abandoned_after_kill9(site: &Site) {
    for order in [1, 2] {
        let fault = Some(Fault { at: Point::BodyAfterEffect, act: Act::Kill });
        Worker::start(&Task { policy: Policy::Refuse, lease: SHORT, fault, ..site.task(order) }).finish_killed();
        Worker::start(&Task { policy: Policy::Refuse, ..site.task(order) }).finish();
        let found = site.order(order);
        assert_eq!((found.effects.len(), found.failures), (1, vec![Failure::Abandoned]));
    }

    // The operator finds that the effect of the first happened, and decides that the second may run again.
    let receipt = site.order(1).effects.remove(0);
    settle(site, 1, Resolution::Finish { outcome: outcome(&receipt), retention: LONG }).await;
    site.journal().append(&Entry::Rerun { order: 2 });
    settle(site, 2, Resolution::Rerun).await;
    for order in [1, 2] {
        Worker::start(&Task { policy: Policy::Refuse, ..site.task(order) }).finish();
    }
    let (first, second) = (site.order(1), site.order(2));
    assert_eq!((first.effects.len(), first.receipts), (1, vec![receipt]));
    assert_eq!((second.effects.len(), second.receipts.len()), (2, 1));
    assert_eq!(second.receipts[0].attempt, 2);
}

/// Settles an abandoned order, which neither a purge nor an operator who looked at another claim has changed.
async fn settle(site: &Site, order: u32, resolution: Resolution) {
    let found = site.observe("crash.pay_out", order).await;
    let claim_id = found.record.claim_id.expect("the order was claimed");
    assert!(is_resolvable(Some(&found.record), found.now, claim_id));

    site.store.purge_expired(100).await.expect("the store answers");
    let stranger = site.store.resolve(&found.record.key, ClaimId::random(), &resolution).await;
    assert!(stranger.is_err_and(|error| error.is_claim_lost()));
    assert_eq!(site.observe("crash.pay_out", order).await.record, found.record);

    site.store.resolve(&found.record.key, claim_id, &resolution).await.expect("the claim has lapsed");
}

fn outcome(receipt: &Receipt) -> Outcome {
    let text = serde_json::to_string(receipt).expect("a receipt is JSON");
    Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: text.into() }
}
