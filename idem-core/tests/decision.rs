//! The one decision: each row of its table, the instants on which it turns, and who may write.
//!
//! It is long because it is a table: one test for each row of `decide_claim` and `decide_write`.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::time::Duration;

use idem_core::decision::{HolderWrite, Holding, decide_claim, decide_issue, decide_write, is_expired, is_resolvable};
use idem_core::{
    Abandoned, Admission, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Fence, Fingerprint, IssueDecision, Key,
    Origin, Outcome, OutcomeKind, Record, Resolution, Scope, State, Timestamp,
};
use proptest::prelude::*;

const LEASE: Duration = Duration::from_secs(30);
const RETENTION: Duration = Duration::from_mins(10);
const START: Timestamp = Timestamp::from_micros(1_000_000_000);

fn after(duration: Duration) -> Timestamp {
    START + duration
}

/// The instant one microsecond before.
fn before(instant: Timestamp) -> Timestamp {
    Timestamp::from_micros(instant.as_micros() - 1)
}

fn request() -> ClaimRequest {
    ClaimRequest {
        key: Key::new(Scope::from_static("tests.decision"), &1).expect("a key"),
        claim_id: ClaimId::random(),
        fingerprint: Some(payload(1)),
        lease: LEASE,
        retention: RETENTION,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    }
}

fn payload(number: u8) -> Fingerprint {
    Fingerprint::of(&number).expect("a fingerprint")
}

fn outcome(text: &str) -> Outcome {
    Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text: text.into() }
}

fn refuses() -> ClaimRequest {
    ClaimRequest { abandoned: Abandoned::Refuse, ..request() }
}

fn of_payload(number: u8) -> ClaimRequest {
    ClaimRequest { fingerprint: Some(payload(number)), ..request() }
}

fn at_most(attempts: u32) -> ClaimRequest {
    ClaimRequest { max_attempts: NonZeroU32::new(attempts), ..request() }
}

fn issued_only() -> ClaimRequest {
    ClaimRequest { admission: Admission::IssuedOnly, ..request() }
}

/// The record that `request` claimed at [`START`] on a free key.
fn running(request: &ClaimRequest) -> Record {
    Record::claimed(request, &acquired(decide_claim(None, START, request)), START, None)
}

fn released() -> Record {
    running(&request()).released(START)
}

fn finished() -> Record {
    running(&request()).finished(outcome("17"), RETENTION, START)
}

/// A token that was handed out at [`START`] and is unused.
fn issued() -> Record {
    Record::issued(request().key, RETENTION, START, None)
}

fn acquired(decision: ClaimDecision) -> Claim {
    match decision {
        ClaimDecision::Acquired(claim) => claim,
        other => panic!("acquired was expected: {other:?}"),
    }
}

mod issuing {
    use super::*;

    #[test]
    fn a_key_without_a_record_makes_one_that_is_unused() {
        assert_eq!(decide_issue(None, START), IssueDecision::Issued);
        let expected = Record {
            key: request().key,
            state: State::Issued,
            claim_id: None,
            fence: Fence::from_number(START.as_micros()),
            attempts: 0,
            fingerprint: None,
            expires_at: START + RETENTION,
            created_at: START,
            updated_at: START,
        };
        assert_eq!(issued(), expected);
    }

    #[test]
    fn a_key_with_a_record_is_refused_until_that_has_expired() {
        for record in [issued(), released(), finished(), running(&request())] {
            let just_before = Timestamp::from_micros(record.expires_at.as_micros() - 1);
            assert_eq!(decide_issue(Some(&record), just_before), IssueDecision::Taken, "{record:?}");
            assert_eq!(decide_issue(Some(&record), record.expires_at), IssueDecision::Issued, "{record:?}");
        }
    }

    #[test]
    fn an_abandoned_key_is_refused_for_ever() {
        let request = ClaimRequest { abandoned: Abandoned::Refuse, ..request() };
        let record = running(&request);
        assert_eq!(decide_issue(Some(&record), record.expires_at + RETENTION * 1000), IssueDecision::Taken);
    }

    #[test]
    fn an_expired_key_keeps_nothing_but_its_fence() {
        let before = finished();
        let anew = Record::issued(before.key.clone(), RETENTION, START, Some(&before));
        assert!(anew.fence > before.fence);
        assert_eq!(Record { fence: before.fence, ..anew }, Record { fence: before.fence, ..issued() });
    }

    #[test]
    fn what_was_claimed_in_time_ends_as_any_other_claim_does() {
        let token = issued();
        let claim = acquired(decide_claim(Some(&token), START, &issued_only()));
        assert!(claim.fence > token.fence);
        let claimed = Record::claimed(&issued_only(), &claim, START, Some(&token));
        let open = running(&request());
        assert_eq!((claimed.expires_at, claimed.created_at), (open.expires_at, token.created_at));
    }
}

mod a_claim_that_finds {
    use super::*;

    #[test]
    fn nothing_is_acquired() {
        let request = request();
        let claim = acquired(decide_claim(None, START, &request));
        let expected = Claim {
            key: request.key.clone(),
            claim_id: request.claim_id,
            fence: Fence::from_number(START.as_micros()),
            attempt: 1,
            origin: Origin::Free,
        };
        assert_eq!(claim, expected);
    }

    #[test]
    fn nothing_is_not_issued_if_it_needs_a_token() {
        assert_eq!(decide_claim(None, START, &issued_only()), ClaimDecision::NotIssued);
    }

    #[test]
    fn an_expired_record_is_acquired_as_if_there_were_none() {
        for record in [issued(), released(), finished(), running(&request())] {
            let claim = acquired(decide_claim(Some(&record), record.expires_at, &of_payload(2)));
            assert_eq!((claim.attempt, claim.origin), (1, Origin::Free), "{record:?}");
            assert!(claim.fence > record.fence);
        }
    }

    #[test]
    fn an_expired_record_is_not_issued_if_it_needs_a_token() {
        for record in [issued(), released(), finished()] {
            assert_eq!(decide_claim(Some(&record), record.expires_at, &issued_only()), ClaimDecision::NotIssued);
        }
    }

    #[test]
    fn an_unused_token_is_acquired() {
        let claim = acquired(decide_claim(Some(&issued()), START, &issued_only()));
        assert_eq!((claim.attempt, claim.origin), (1, Origin::Free));
    }

    #[test]
    fn a_used_token_replays() {
        assert_eq!(decide_claim(Some(&finished()), START, &issued_only()), ClaimDecision::Replay(outcome("17")));
    }

    #[test]
    fn a_released_record_is_acquired_as_the_next_attempt() {
        let record = released();
        let claim = acquired(decide_claim(Some(&record), START, &request()));
        assert_eq!((claim.attempt, claim.origin), (2, Origin::Free));
        assert!(claim.fence > record.fence);
    }

    #[test]
    fn a_released_record_is_acquired_with_another_payload() {
        let request = of_payload(2);
        let record = released();
        let claim = acquired(decide_claim(Some(&record), START, &request));
        assert_eq!(Record::claimed(&request, &claim, START, Some(&record)).fingerprint, Some(payload(2)));
    }

    #[test]
    fn a_released_record_is_exhausted_after_its_last_attempt() {
        assert_eq!(decide_claim(Some(&released()), START, &at_most(1)), ClaimDecision::Exhausted { attempts: 1 });
        assert_eq!(acquired(decide_claim(Some(&released()), START, &at_most(2))).attempt, 2);
    }

    #[test]
    fn what_an_operator_lets_run_again_needs_no_attempt_left() {
        let settled = running(&request()).resolved(&Resolution::Rerun, START);
        let claim = acquired(decide_claim(Some(&settled), START, &at_most(1)));
        assert_eq!((claim.attempt, claim.origin), (2, Origin::Free));
        let once_more = Record::claimed(&at_most(1), &claim, START, Some(&settled)).released(START);
        assert_eq!(decide_claim(Some(&once_more), START, &at_most(1)), ClaimDecision::Exhausted { attempts: 2 });
    }

    #[test]
    fn its_own_running_claim_is_acquired_again_with_the_same_fence() {
        let mut request = request();
        let record = running(&request);
        request.max_attempts = NonZeroU32::new(1);
        for now in [START, before(after(LEASE)), after(LEASE), after(2 * LEASE)] {
            let claim = acquired(decide_claim(Some(&record), now, &request));
            assert_eq!((claim.fence, claim.attempt, claim.origin), (record.fence, 1, Origin::Repeated));
            let again = Record::claimed(&request, &claim, now, Some(&record));
            assert_eq!(again.state, State::Running { lease_until: now + LEASE, abandoned: Abandoned::Rerun });
            assert_eq!(again.created_at, START);
        }
    }

    #[test]
    fn a_running_claim_of_another_payload_is_a_mismatch_under_any_lease() {
        for now in [START, after(LEASE), before(after(LEASE + RETENTION))] {
            for request in [of_payload(2), ClaimRequest { abandoned: Abandoned::Refuse, ..of_payload(2) }] {
                assert_eq!(decide_claim(Some(&running(&super::request())), now, &request), ClaimDecision::Mismatch);
            }
        }
    }

    #[test]
    fn a_live_claim_is_in_progress() {
        let record = running(&request());
        let in_progress = |lease_left| ClaimDecision::InProgress { lease_left };
        assert_eq!(decide_claim(Some(&record), START, &request()), in_progress(LEASE));
        assert_eq!(decide_claim(Some(&record), START, &refuses()), in_progress(LEASE));
        assert_eq!(decide_claim(Some(&record), START, &at_most(1)), in_progress(LEASE));
        let last = before(after(LEASE));
        assert_eq!(decide_claim(Some(&record), last, &request()), in_progress(Duration::from_micros(1)));
    }

    #[test]
    fn a_lapsed_claim_is_taken_over() {
        let record = running(&request());
        let request = request();
        let claim = acquired(decide_claim(Some(&record), after(LEASE), &request));
        assert_eq!((claim.attempt, claim.origin, claim.claim_id), (2, Origin::Takeover, request.claim_id));
        assert!(claim.fence > record.fence);
    }

    #[test]
    fn a_lapsed_claim_is_exhausted_after_its_last_attempt() {
        let record = running(&request());
        assert_eq!(decide_claim(Some(&record), after(LEASE), &at_most(1)), ClaimDecision::Exhausted { attempts: 1 });
    }

    #[test]
    fn a_lapsed_claim_is_abandoned_if_its_record_or_the_request_refuses() {
        let refusing =
            [(running(&request()), refuses()), (running(&refuses()), refuses()), (running(&refuses()), request())];
        for (record, request) in refusing {
            assert_eq!(decide_claim(Some(&record), after(LEASE), &request), ClaimDecision::Abandoned);
        }
    }

    #[test]
    fn a_claim_that_was_given_up_is_abandoned_at_once_and_for_ever() {
        let record = running(&request()).abandoned(START);
        for now in [START, after(LEASE), after(LEASE + RETENTION * 1000)] {
            assert_eq!(decide_claim(Some(&record), now, &request()), ClaimDecision::Abandoned);
            assert!(is_resolvable(Some(&record), now, record.claim_id.expect("it was claimed")));
        }
    }

    #[test]
    fn a_finished_record_replays() {
        for kind in [OutcomeKind::Value, OutcomeKind::Error] {
            let outcome = Outcome { kind, ..outcome("17") };
            let record = running(&request()).finished(outcome.clone(), RETENTION, START);
            for request in [request(), refuses(), at_most(1)] {
                assert_eq!(decide_claim(Some(&record), START, &request), ClaimDecision::Replay(outcome.clone()));
            }
        }
    }

    #[test]
    fn a_finished_record_of_another_payload_is_a_mismatch() {
        assert_eq!(decide_claim(Some(&finished()), START, &of_payload(2)), ClaimDecision::Mismatch);
    }

    #[test]
    fn a_record_is_not_compared_where_one_side_has_no_fingerprint() {
        let without = ClaimRequest { fingerprint: None, ..request() };
        assert_eq!(decide_claim(Some(&finished()), START, &without), ClaimDecision::Replay(outcome("17")));
        let record = running(&without).finished(outcome("17"), RETENTION, START);
        assert_eq!(decide_claim(Some(&record), START, &of_payload(2)), ClaimDecision::Replay(outcome("17")));
    }
}

mod boundaries {
    use super::*;

    #[test]
    fn a_lease_that_ends_now_is_lapsed() {
        let record = running(&request());
        assert!(matches!(
            decide_claim(Some(&record), before(after(LEASE)), &request()),
            ClaimDecision::InProgress { .. }
        ));
        assert_eq!(acquired(decide_claim(Some(&record), after(LEASE), &request())).origin, Origin::Takeover);
        assert!(!is_resolvable(Some(&record), before(after(LEASE)), record.claim_id.expect("claimed")));
        assert!(is_resolvable(Some(&record), after(LEASE), record.claim_id.expect("claimed")));
    }

    #[test]
    fn a_record_that_ends_now_is_expired() {
        for record in [issued(), released(), finished(), running(&request())] {
            assert!(!is_expired(&record, before(record.expires_at)), "{record:?}");
            assert!(is_expired(&record, record.expires_at), "{record:?}");
        }
    }

    #[test]
    fn an_outcome_expires_its_retention_after_its_completion() {
        let completed = after(LEASE / 2);
        let record = running(&request()).finished(outcome("17"), RETENTION, completed);
        assert_eq!(record.expires_at, completed + RETENTION);
    }

    #[test]
    fn a_claim_does_not_expire_while_its_lease_is_live() {
        let record = Record { expires_at: START, ..running(&request()) };
        assert!(!is_expired(&record, before(after(LEASE))));
        assert!(is_expired(&record, after(LEASE)));
    }

    #[test]
    fn a_lapsed_claim_that_refuses_never_expires() {
        let record = running(&refuses());
        assert!(!is_expired(&record, Timestamp::from_micros(i64::MAX)));
        assert!(is_expired(&record.finished(outcome("17"), RETENTION, START), after(RETENTION)));
    }
}

mod fences {
    use super::*;

    #[test]
    fn the_fence_is_the_clock_where_the_clock_is_ahead() {
        assert_eq!(Fence::next(None, START).number(), START.as_micros());
        assert_eq!(Fence::next(Some(Fence::from_number(5)), START).number(), START.as_micros());
    }

    #[test]
    fn the_fence_grows_though_the_clock_stands_still_or_goes_back() {
        let last = Fence::next(None, START);
        assert_eq!(Fence::next(Some(last), START).number(), last.number() + 1);
        assert_eq!(Fence::next(Some(last), Timestamp::from_micros(0)).number(), last.number() + 1);
    }

    #[test]
    fn the_fence_is_positive_on_any_clock() {
        assert_eq!(Fence::next(None, Timestamp::from_micros(-7)).number(), 1);
    }
}

mod a_write {
    use super::*;

    const WRITES: [HolderWrite; 4] =
        [HolderWrite::Extend, HolderWrite::Complete, HolderWrite::Release, HolderWrite::Abandon];

    /// The answers to extend, complete, release and abandon.
    fn answers(found: Option<&Record>, claim_id: ClaimId) -> [Holding; 4] {
        WRITES.map(|write| decide_write(found, claim_id, write))
    }

    fn holder(record: &Record) -> ClaimId {
        record.claim_id.expect("the record was claimed")
    }

    #[test]
    fn is_held_by_the_holder_of_a_running_claim_even_if_it_lapsed() {
        for record in [running(&request()), running(&refuses())] {
            // The decision takes no clock: until somebody takes over, the claim is the holder's.
            assert_eq!(answers(Some(&record), holder(&record)), [Holding::Held; 4]);
        }
    }

    #[test]
    fn finds_the_outcome_that_it_wrote_before() {
        let record = finished();
        assert_eq!(
            answers(Some(&record), holder(&record)),
            [Holding::Lost, Holding::Repeated, Holding::Lost, Holding::Lost]
        );
    }

    #[test]
    fn finds_the_release_that_it_wrote_before() {
        let record = released();
        assert_eq!(
            answers(Some(&record), holder(&record)),
            [Holding::Lost, Holding::Lost, Holding::Repeated, Holding::Lost]
        );
    }

    #[test]
    fn is_lost_where_there_is_no_record() {
        assert_eq!(answers(None, ClaimId::random()), [Holding::Lost; 4]);
    }

    #[test]
    fn is_lost_for_anybody_but_the_holder() {
        for record in [issued(), running(&request()), released(), finished()] {
            assert_eq!(answers(Some(&record), ClaimId::random()), [Holding::Lost; 4], "{record:?}");
        }
    }

    #[test]
    fn is_lost_after_a_takeover() {
        let zombie = running(&request());
        let successor = request();
        let claim = acquired(decide_claim(Some(&zombie), after(LEASE), &successor));
        let record = Record::claimed(&successor, &claim, after(LEASE), Some(&zombie));
        assert_eq!(answers(Some(&record), holder(&zombie)), [Holding::Lost; 4]);
        let record = record.finished(outcome("18"), RETENTION, after(LEASE));
        assert_eq!(answers(Some(&record), holder(&zombie)), [Holding::Lost; 4]);
    }

    #[test]
    fn is_lost_after_an_operator_settled_the_claim() {
        let zombie = running(&refuses());
        let finish = Resolution::Finish { outcome: outcome("18"), retention: RETENTION };
        for resolution in [Resolution::Rerun, finish] {
            let record = zombie.clone().resolved(&resolution, after(LEASE));
            // Also a completion: were it told that it is kept, its caller would get another outcome than every retry.
            assert_eq!(answers(Some(&record), holder(&zombie)), [Holding::Lost; 4], "{resolution:?}");
        }
    }
}

#[test]
fn only_the_lapsed_claim_that_was_looked_at_can_be_resolved() {
    let record = running(&refuses());
    let claim_id = record.claim_id.expect("claimed");
    assert!(is_resolvable(Some(&record), after(LEASE), claim_id));
    assert!(!is_resolvable(Some(&record), START, claim_id));
    assert!(!is_resolvable(Some(&record), after(LEASE), ClaimId::random()));
    assert!(!is_resolvable(None, after(LEASE), claim_id));
    for record in [record.clone().released(START), record.finished(outcome("17"), RETENTION, START)] {
        assert!(!is_resolvable(Some(&record), after(LEASE), claim_id), "{record:?}");
    }
}

#[test]
fn owner_identity_unique_after_pid_reuse() {
    // One process mints all of these, so neither its id nor its start time can be what tells them apart.
    let ids: HashSet<_> = (0..10_000).map(|_| ClaimId::random()).collect();
    assert_eq!(ids.len(), 10_000);
    // Every bit of the 128 varies: none is spent on a host, a process or a clock.
    let bits = ids.iter().map(|id| u128::from_be_bytes(id.to_bytes()));
    let (ever, always) = bits.fold((0, u128::MAX), |(ever, always), id| (ever | id, always & id));
    assert_eq!((ever, always), (u128::MAX, 0));
}

/// There is no way to a running record without a lease: [`State::Running`] holds `lease_until` by value, a claim's lease
/// is a `Duration` and no `Option` of one, and a claim of no lease at all is lapsed at once.
#[test]
fn lease_is_mandatory() {
    let at_once = ClaimRequest { lease: Duration::ZERO, ..request() };
    let record = running(&at_once);
    assert_eq!(record.state, State::Running { lease_until: START, abandoned: Abandoned::Rerun });
    assert_eq!(acquired(decide_claim(Some(&record), START, &request())).origin, Origin::Takeover);
}

/// What happens to a key in [`generation_is_monotonic_across_takeovers_and_expiry`].
#[derive(Debug, Clone, Copy)]
enum Event {
    Claim { lease: u32, retention: u32, refuse: bool },
    Repeat,
    Extend { lease: u32 },
    Complete { retention: u32 },
    Release,
    Purge,
    Jump { millis: u32 },
}

fn event() -> impl Strategy<Value = Event> {
    // No retention is zero: that a purge cannot take a fence back rests on the clock, which must have moved on.
    prop_oneof![
        4 => (0..40_u32, 1..40_u32, any::<bool>())
            .prop_map(|(lease, retention, refuse)| Event::Claim { lease, retention, refuse }),
        1 => Just(Event::Repeat),
        1 => (0..40_u32).prop_map(|lease| Event::Extend { lease }),
        1 => (1..40_u32).prop_map(|retention| Event::Complete { retention }),
        2 => Just(Event::Release),
        1 => Just(Event::Purge),
        2 => prop_oneof![0..60_u32, 0..100_000_u32].prop_map(|millis| Event::Jump { millis }),
    ]
}

fn millis(number: u32) -> Duration {
    Duration::from_millis(number.into())
}

/// A key, its clock, and the fences that its claims were given.
struct History {
    record: Option<Record>,
    now: Timestamp,
    last: Option<(ClaimRequest, Claim)>,
    fences: Vec<Fence>,
}

impl History {
    fn apply(&mut self, event: Event) {
        match event {
            Event::Claim { lease, retention, refuse } => {
                let abandoned = if refuse { Abandoned::Refuse } else { Abandoned::Rerun };
                let durations = ClaimRequest { lease: millis(lease), retention: millis(retention), ..request() };
                self.claim(ClaimRequest { abandoned, ..durations });
            }
            Event::Repeat => {
                if let Some((request, _)) = self.last.clone() {
                    self.claim(request);
                }
            }
            Event::Extend { lease } => {
                self.write(HolderWrite::Extend, |record, now| record.extended(millis(lease), now));
            }
            Event::Complete { retention } => {
                self.write(HolderWrite::Complete, |record, now| record.finished(outcome("17"), millis(retention), now));
            }
            Event::Release => self.write(HolderWrite::Release, Record::released),
            Event::Purge => self.record = self.record.take().filter(|record| !is_expired(record, self.now)),
            Event::Jump { millis: number } => self.now = self.now + millis(number),
        }
    }

    fn claim(&mut self, request: ClaimRequest) {
        if let ClaimDecision::Acquired(claim) = decide_claim(self.record.as_ref(), self.now, &request) {
            self.record = Some(Record::claimed(&request, &claim, self.now, self.record.as_ref()));
            if claim.origin == Origin::Repeated {
                assert_eq!(self.fences.last(), Some(&claim.fence), "a repeated claim is the same claim");
            } else {
                self.fences.push(claim.fence);
            }
            self.last = Some((request, claim));
        }
    }

    fn write(&mut self, write: HolderWrite, change: impl FnOnce(Record, Timestamp) -> Record) {
        let Some((_, claim)) = &self.last else { return };
        if decide_write(self.record.as_ref(), claim.claim_id, write) == Holding::Held {
            self.record = self.record.take().map(|record| change(record, self.now));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generation_is_monotonic_across_takeovers_and_expiry(events in prop::collection::vec(event(), 1..60)) {
        let mut history = History { record: None, now: START, last: None, fences: Vec::new() };
        for event in events {
            history.apply(event);
        }
        prop_assert!(history.fences.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", history.fences);
    }
}
