//! The SQL restates the pure functions of `idem_core::decision`: random calls, and after each the answer and the whole
//! record are what those functions make of the record before.
//!
//! Time goes on between two looks, so a call may be answered for any instant in between.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod calls;
#[path = "../common/mod.rs"]
mod common;

use std::time::Duration;

use calls::{Call, Request, calls};
use common::{TestDatabase, fingerprint, key};
use idem_core::decision::{HolderWrite, Holding, decide_claim, decide_issue, decide_write, is_expired, is_resolvable};
use idem_core::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Fence, IssueDecision, Key, Observed, Origin, Record, Resolution,
    State, Store, StoreError, Timestamp,
};
use proptest::prelude::*;
use tokio::runtime::Handle;

common::on_each_database! {
    every_answer_and_every_record_is_what_the_pure_decision_makes_of_the_record_before
}

async fn every_answer_and_every_record_is_what_the_pure_decision_makes_of_the_record_before<D: TestDatabase>(
    database: &D,
) {
    for options in database.ways_to_connect() {
        let store = D::store_on(D::pool_with(2, options).await);
        let config = ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
        tokio::task::block_in_place(|| {
            proptest!(config, |(calls in calls())| {
                Handle::current().block_on(check::<D>(&store, &calls));
            });
        });
    }
}

async fn check<D: TestDatabase>(store: &D::Store, calls: &[Call]) {
    let mut history = History::<D> { store: store.clone(), key: key("k"), last_fence: None };
    history.execute("DELETE FROM idem_records").await;
    // A fence of the case before may lie ahead of the clock, since it counted up within this millisecond.
    tokio::time::sleep(Duration::from_millis(1)).await;
    for call in calls {
        history.apply(call).await;
    }
}

struct History<D: TestDatabase> {
    store: D::Store,
    key: Key,
    last_fence: Option<Fence>,
}

/// The record before and after a call, and the instants that it may have been answered for.
struct Change {
    before: Option<Record>,
    after: Option<Record>,
    instants: Vec<Timestamp>,
}

impl<D: TestDatabase> History<D> {
    async fn apply(&mut self, call: &Call) {
        let before = self.look().await;
        match call {
            Call::Pause(millis) => tokio::time::sleep(Duration::from_millis(*millis)).await,
            Call::Issue(lifetime) => {
                let answer = self.store.issue(&self.key, *lifetime).await.expect("an answer");
                check_issue(&self.change(before).await, *lifetime, answer);
            }
            Call::Purge => {
                let removed = self.store.purge_expired(10).await.expect("a number");
                check_purge(&self.change(before).await, removed);
            }
            Call::Claim(request) => {
                let request = self.request(request);
                let answer = self.store.claim(&request).await.expect("an answer");
                let change = self.change(before).await;
                self.check_claim(&change, &request, &answer);
            }
            Call::Extend(who, lease) => {
                let answer = self.store.extend(&self.claim(*who), *lease).await;
                let change = self.change(before).await;
                check_write(&change, *who, HolderWrite::Extend, &answer, |record, now| record.extended(*lease, now));
            }
            Call::Complete(who, outcome, retention) => {
                let answer = self.store.complete(&self.claim(*who), outcome, *retention).await;
                let change = self.change(before).await;
                check_write(&change, *who, HolderWrite::Complete, &answer, |record, now| {
                    record.finished(outcome.clone(), *retention, now)
                });
            }
            Call::Release(who) => {
                let answer = self.store.release(&self.claim(*who)).await;
                let change = self.change(before).await;
                check_write(&change, *who, HolderWrite::Release, &answer, Record::released);
            }
            Call::Abandon(who) => {
                let answer = self.store.abandon(&self.claim(*who)).await;
                let change = self.change(before).await;
                check_write(&change, *who, HolderWrite::Abandon, &answer, Record::abandoned);
            }
            Call::Resolve(who, resolution) => {
                let answer = self.store.resolve(&self.key, claim_id(*who), resolution).await;
                check_resolve(&self.change(before).await, *who, resolution, &answer);
            }
        }
    }

    async fn look(&self) -> Option<Observed> {
        self.store.lookup(&self.key).await.expect("an answer")
    }

    /// Where there was no record, no instant matters.
    async fn change(&self, before: Option<Observed>) -> Change {
        let after = self.look().await;
        let mut instants: Vec<Timestamp> =
            [&before, &after].into_iter().flatten().map(|observed| observed.now).collect();
        if let Some(Observed { record, now }) = &before {
            let last = self.clock().await;
            let lease_until = match record.state {
                State::Running { lease_until, .. } => lease_until,
                _ => record.expires_at,
            };
            // What changes with time changes at one of these.
            instants.extend([lease_until, record.expires_at].into_iter().filter(|at| now <= at && *at <= last));
            instants.push(last);
        }
        instants.extend(after.iter().map(|observed| observed.record.updated_at));
        Change {
            before: before.map(|observed| observed.record),
            after: after.map(|observed| observed.record),
            instants,
        }
    }

    async fn clock(&self) -> Timestamp {
        let mut on = D::pool_of(&self.store).acquire().await.expect("a connection");
        let rows = D::rows_on(&mut on, &format!("SELECT {}", D::NOW)).await.expect("the clock");
        let now = rows[0][0].as_ref().and_then(|now| now.parse().ok());
        Timestamp::from_micros(now.expect("microseconds"))
    }

    async fn execute(&self, sql: &str) {
        let mut on = D::pool_of(&self.store).acquire().await.expect("a connection");
        D::execute_on(&mut on, sql).await.expect("SQL of this test");
    }

    fn request(&self, request: &Request) -> ClaimRequest {
        ClaimRequest {
            key: self.key.clone(),
            claim_id: claim_id(request.who),
            fingerprint: request.payload.map(fingerprint),
            lease: request.lease,
            retention: request.retention,
            abandoned: request.abandoned,
            max_attempts: request.max_attempts,
            admission: request.admission,
        }
    }

    /// A write names its claim by the key and the claim id alone.
    fn claim(&self, who: u8) -> Claim {
        Claim {
            key: self.key.clone(),
            claim_id: claim_id(who),
            fence: Fence::from_number(1),
            attempt: 1,
            origin: Origin::Free,
        }
    }

    fn check_claim(&mut self, change: &Change, request: &ClaimRequest, answer: &ClaimDecision) {
        let Change { before, after, instants } = change;
        let may = |now: Timestamp| decide_claim(before.as_ref(), now, request);
        match answer {
            ClaimDecision::Acquired(claim) => {
                let written = after.as_ref().expect("a claim has a record").updated_at;
                let fence = |origin| match (origin, before) {
                    (Origin::Repeated, Some(record)) => record.fence,
                    _ => Fence::next(before.as_ref().map(|record| record.fence), written),
                };
                // PostgreSQL gives a claim that was late its fence by a second look at the clock.
                let last = instants.iter().max().map_or(i64::MAX, |at| at.as_micros());
                let is_late = D::NAME == "postgres" && claim.origin == Origin::Free && claim.fence.number() <= last;
                let agrees = |now: &Timestamp| match may(*now) {
                    ClaimDecision::Acquired(pure) => {
                        let fence = fence(pure.origin);
                        let fence = if is_late { fence.max(claim.fence) } else { fence };
                        Claim { fence, ..pure } == *claim
                    }
                    _ => false,
                };
                assert!(instants.iter().any(agrees), "{request:?} {answer:?} {before:?}");
                let record = Record::claimed(request, claim, written, before.as_ref());
                // The record may have expired between the look and the write.
                let created_at = before.as_ref().map_or(written, |record| record.created_at);
                let as_seen = Record { created_at, ..record.clone() };
                let lived = |now: &Timestamp| before.as_ref().is_some_and(|record| !is_expired(record, *now));
                let may_be_kept = instants.iter().any(lived);
                assert!(*after == Some(record) || may_be_kept && *after == Some(as_seen), "{after:?} {before:?}");
                if claim.origin != Origin::Repeated {
                    assert!(self.last_fence < Some(claim.fence), "a fence came again");
                }
                self.last_fence = Some(claim.fence);
            }
            ClaimDecision::InProgress { lease_left } => {
                let left: Vec<Duration> = instants
                    .iter()
                    .filter_map(|now| match may(*now) {
                        ClaimDecision::InProgress { lease_left } => Some(lease_left),
                        _ => None,
                    })
                    .collect();
                assert!(left.iter().max() >= Some(lease_left), "{answer:?} {left:?}");
                assert_eq!(after, before);
            }
            other => {
                assert!(before.is_none() || instants.iter().any(|now| may(*now) == *other), "{request:?} {other:?}");
                assert!(before.is_some() || may(Timestamp::from_micros(0)) == *other);
                assert_eq!(after, before);
            }
        }
    }
}

fn check_issue(change: &Change, lifetime: Duration, answer: IssueDecision) {
    let Change { before, after, instants } = change;
    let may = |now: &Timestamp| decide_issue(before.as_ref(), *now) == answer;
    assert!(instants.iter().any(may) || before.is_none() && answer == IssueDecision::Issued, "{answer:?} {before:?}");
    let issued = after
        .as_ref()
        .filter(|_| answer == IssueDecision::Issued)
        .map(|after| Record::issued(after.key.clone(), lifetime, after.updated_at, before.as_ref()));
    assert_eq!(*after, issued.or_else(|| before.clone()));
}

fn check_write(
    change: &Change,
    who: u8,
    write: HolderWrite,
    answer: &Result<(), StoreError>,
    pure: impl Fn(Record, Timestamp) -> Record,
) {
    let Change { before, after, .. } = change;
    match (decide_write(before.as_ref(), claim_id(who), write), answer) {
        (Holding::Held, Ok(())) => {
            let written = after.as_ref().expect("the record").updated_at;
            assert_eq!(*after, before.clone().map(|record| pure(record, written)));
        }
        (Holding::Repeated, Ok(())) => assert_eq!(after, before),
        (Holding::Lost, Err(error)) if error.is_claim_lost() => assert_eq!(after, before),
        (holding, answer) => panic!("{holding:?} {answer:?} {before:?}"),
    }
}

fn check_resolve(change: &Change, who: u8, resolution: &Resolution, answer: &Result<(), StoreError>) {
    let Change { before, after, instants } = change;
    let mut may = instants.iter().map(|now| is_resolvable(before.as_ref(), *now, claim_id(who)));
    match answer {
        Ok(()) => {
            assert!(may.any(|resolvable| resolvable), "{before:?}");
            let written = after.as_ref().expect("the record").updated_at;
            assert_eq!(*after, before.clone().map(|record| record.resolved(resolution, written)));
        }
        Err(error) => {
            assert!(error.is_claim_lost(), "{error:?}");
            assert!(before.is_none() || may.any(|resolvable| !resolvable), "{before:?}");
            assert_eq!(after, before);
        }
    }
}

fn check_purge(change: &Change, removed: u64) {
    let Change { before, after, instants } = change;
    let Some(record) = before else { return assert_eq!(removed, 0) };
    let mut may = instants.iter().map(|now| is_expired(record, *now));
    if removed > 0 {
        assert!(may.any(|expired| expired) && after.is_none(), "{record:?}");
    } else {
        // A fence that is ahead of the clock keeps its record, or the next claim could get it again.
        let ahead = instants.iter().any(|now| record.fence.number() >= now.as_micros());
        assert!(may.any(|expired| !expired) || ahead, "{record:?}");
        assert_eq!(after, before);
    }
}

fn claim_id(who: u8) -> ClaimId {
    ClaimId::from_bytes([who; 16])
}
