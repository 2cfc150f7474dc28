//! Records: what each write leaves of them, how they are named, and what their parts do at the ends of their ranges.

use std::time::Duration;

use idem_core::decision::{decide_claim, is_expired};
use idem_core::{
    Abandoned, Admission, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Fence, Fingerprint, Key, MAX_SCOPE_BYTES,
    Origin, Outcome, OutcomeKind, Record, Resolution, Scope, State, Timestamp,
};

const LEASE: Duration = Duration::from_secs(30);
const RETENTION: Duration = Duration::from_mins(10);
const START: Timestamp = Timestamp::from_micros(1_000_000_000);

fn request() -> ClaimRequest {
    ClaimRequest {
        key: Key::new(Scope::from_static("tests.records"), &1).expect("a key"),
        claim_id: ClaimId::random(),
        fingerprint: Some(Fingerprint::of("tea").expect("a fingerprint")),
        lease: LEASE,
        retention: RETENTION,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    }
}

fn outcome(kind: OutcomeKind) -> Outcome {
    Outcome { kind, codec: Codec::Json, version: 1, text: "\"secret\"".into() }
}

fn claim(request: &ClaimRequest, now: Timestamp, found: Option<&Record>) -> Claim {
    match decide_claim(found, now, request) {
        ClaimDecision::Acquired(claim) => claim,
        other => panic!("acquired was expected: {other:?}"),
    }
}

fn claimed(request: &ClaimRequest, now: Timestamp, found: Option<&Record>) -> Record {
    Record::claimed(request, &claim(request, now, found), now, found)
}

#[test]
fn a_claimed_record_holds_what_the_request_said() {
    let request = ClaimRequest { abandoned: Abandoned::Refuse, ..request() };
    let expected = Record {
        key: request.key.clone(),
        state: State::Running { lease_until: START + LEASE, abandoned: Abandoned::Refuse },
        claim_id: Some(request.claim_id),
        fence: Fence::from_number(START.as_micros()),
        attempts: 1,
        fingerprint: request.fingerprint,
        expires_at: START + LEASE + RETENTION,
        created_at: START,
        updated_at: START,
    };
    assert_eq!(claimed(&request, START, None), expected);
}

#[test]
fn a_takeover_keeps_only_the_age_and_the_count_of_attempts() {
    let first = claimed(&request(), START, None);
    let other = ClaimRequest { fingerprint: None, lease: LEASE * 2, ..request() };
    let now = START + LEASE;
    let second = claimed(&other, now, Some(&first));
    let expected = Record {
        state: State::Running { lease_until: now + LEASE * 2, abandoned: Abandoned::Rerun },
        claim_id: Some(other.claim_id),
        fence: second.fence,
        attempts: 2,
        fingerprint: None,
        expires_at: now + LEASE * 2 + RETENTION,
        updated_at: now,
        ..first.clone()
    };
    assert_eq!(second, expected);
    assert!(second.fence > first.fence);
}

#[test]
fn a_claim_of_an_expired_record_begins_a_new_life() {
    let first = claimed(&request(), START, None).finished(outcome(OutcomeKind::Value), RETENTION, START);
    let now = START + RETENTION;
    let second = claimed(&request(), now, Some(&first));
    assert_eq!((second.created_at, second.attempts), (now, 1));
}

#[test]
fn an_extension_moves_the_lease_and_the_end_together() {
    let record = claimed(&request(), START, None);
    let now = START + LEASE / 2;
    let extended = record.clone().extended(LEASE, now);
    let expected = Record {
        state: State::Running { lease_until: now + LEASE, abandoned: Abandoned::Rerun },
        expires_at: now + LEASE + RETENTION,
        updated_at: now,
        ..record.clone()
    };
    assert_eq!(extended, expected);
    let shortened = extended.extended(LEASE / 4, now);
    assert_eq!(shortened.expires_at, now + LEASE / 4 + RETENTION);
}

#[test]
fn an_extension_changes_nothing_but_a_running_claim() {
    let record = claimed(&request(), START, None);
    for record in [record.clone().released(START), record.finished(outcome(OutcomeKind::Value), RETENTION, START)] {
        assert_eq!(record.clone().extended(LEASE, START + LEASE), record);
    }
}

#[test]
fn fingerprint_survives_complete_and_extend() {
    let record = claimed(&request(), START, None);
    let written = record.clone().extended(LEASE, START).finished(outcome(OutcomeKind::Value), RETENTION, START);
    assert!(record.fingerprint.is_some());
    assert_eq!(written.fingerprint, record.fingerprint);
}

#[test]
fn an_outcome_is_kept_from_its_completion() {
    let record = claimed(&request(), START, None);
    let now = START + LEASE / 2;
    let finished = record.clone().finished(outcome(OutcomeKind::Error), RETENTION, now);
    let expected = Record {
        state: State::Finished(outcome(OutcomeKind::Error)),
        expires_at: now + RETENTION,
        updated_at: now,
        ..record
    };
    assert_eq!(finished, expected);
}

#[test]
fn a_released_record_keeps_its_fence_its_attempts_and_its_end() {
    let record = claimed(&request(), START, None);
    let now = START + LEASE / 2;
    assert_eq!(record.clone().released(now), Record { state: State::Released, updated_at: now, ..record });
}

#[test]
fn an_operator_settles_a_record_for_another_run_or_for_good() {
    let record = claimed(&request(), START, None);
    let now = START + LEASE;
    assert_eq!(record.clone().resolved(&Resolution::Rerun, now).state, State::Released);
    let finish = Resolution::Finish { outcome: outcome(OutcomeKind::Value), retention: RETENTION };
    let settled = record.resolved(&finish, now);
    assert_eq!((settled.state, settled.expires_at), (State::Finished(outcome(OutcomeKind::Value)), now + RETENTION));
}

#[test]
fn every_state_has_the_name_that_stores_write() {
    let running = claimed(&request(), START, None);
    let states = [
        State::Issued,
        running.state,
        State::Released,
        State::Finished(outcome(OutcomeKind::Value)),
        State::Finished(outcome(OutcomeKind::Error)),
    ];
    assert_eq!(states.map(|state| state.name()), ["issued", "running", "released", "completed", "failed"]);
}

#[test]
fn names_that_stores_write_are_read_back() {
    for policy in [Abandoned::Rerun, Abandoned::Refuse] {
        assert_eq!(Abandoned::from_name(policy.name()), Some(policy));
    }
    for codec in [Codec::Json, Codec::Omitted] {
        assert_eq!(Codec::from_name(codec.name()), Some(codec));
    }
    assert_eq!([Abandoned::Rerun.name(), Abandoned::Refuse.name()], ["rerun", "refuse"]);
    assert_eq!([Codec::Json.name(), Codec::Omitted.name()], ["json", "omitted"]);
    for unknown in ["", "Json", "rerun "] {
        assert_eq!((Abandoned::from_name(unknown), Codec::from_name(unknown)), (None, None));
    }
}

#[test]
fn a_claim_id_is_its_bytes() {
    let bytes = std::array::from_fn(|index| u8::try_from(index).expect("sixteen are few"));
    let id = ClaimId::from_bytes(bytes);
    assert_eq!(id.to_bytes(), bytes);
    assert_eq!(id.to_string(), "000102030405060708090a0b0c0d0e0f");
    assert_eq!(ClaimId::from_bytes([0; 16]).to_string(), "0".repeat(32));
    assert_eq!(id.to_string().parse::<ClaimId>().expect("what it wrote"), id);
    for other in ["", "000102030405060708090A0B0C0D0E0F", "000102030405060708090a0b0c0d0e0", "me"] {
        assert!(other.parse::<ClaimId>().is_err_and(|error| error.is_misuse()), "{other}");
    }
}

#[test]
fn ttl_zero_and_max() {
    let forever = ClaimRequest { lease: Duration::MAX, retention: Duration::MAX, ..request() };
    let record = claimed(&forever, START, None);
    let end = Timestamp::from_micros(i64::MAX);
    assert_eq!(record.state, State::Running { lease_until: end, abandoned: Abandoned::Rerun });
    assert_eq!(record.expires_at, end);
    let extended = record.clone().extended(Duration::MAX, START);
    assert_eq!(extended.expires_at, end);
    assert!(!is_expired(&extended, START + Duration::from_secs(u64::from(u32::MAX))));
    assert_eq!(record.finished(outcome(OutcomeKind::Value), Duration::MAX, START).expires_at, end);

    let never = ClaimRequest { lease: Duration::ZERO, retention: Duration::ZERO, ..request() };
    let record = claimed(&never, START, None);
    assert!(is_expired(&record, START));
    assert_eq!(claim(&request(), START, Some(&record)).origin, Origin::Free);
}

#[test]
fn the_time_since_a_later_instant_is_zero() {
    assert_eq!((START + LEASE).since(START), LEASE);
    assert_eq!(START.since(START + LEASE), Duration::ZERO);
    let ends = [i64::MIN, i64::MAX].map(Timestamp::from_micros);
    assert_eq!(ends[1].since(ends[0]), Duration::from_micros(i64::MAX.unsigned_abs()));
    assert_eq!(ends[0].since(ends[1]), Duration::ZERO);
}

#[test]
fn an_outcome_shows_its_size_and_not_its_text() {
    let shown = format!("{:?}", outcome(OutcomeKind::Value));
    assert!(!shown.contains("secret") && shown.contains("bytes: 8"), "{shown}");
}

#[test]
fn a_scope_is_neither_empty_nor_longer_than_its_limit() {
    let name = |bytes| Scope::new("s".repeat(bytes));
    assert!(name(0).is_err_and(|error| error.is_misuse()));
    assert_eq!(name(MAX_SCOPE_BYTES).expect("the longest scope").as_str().len(), MAX_SCOPE_BYTES);
    assert!(name(MAX_SCOPE_BYTES + 1).is_err_and(|error| error.is_misuse()));
}
