//! Random calls on one key, by three callers, with leases and retentions that run out and some that do not.

use std::num::NonZeroU32;
use std::time::Duration;

use idem_core::{Abandoned, Admission, Codec, Outcome, OutcomeKind, Resolution};
use proptest::prelude::*;

use crate::common::HOUR;

#[derive(Debug, Clone)]
pub(crate) enum Call {
    Claim(Request),
    Extend(u8, Duration),
    Complete(u8, Outcome, Duration),
    Release(u8),
    Abandon(u8),
    Resolve(u8, Resolution),
    Issue(Duration),
    Purge,
    Pause(u64),
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) who: u8,
    pub(crate) payload: Option<u8>,
    pub(crate) lease: Duration,
    pub(crate) retention: Duration,
    pub(crate) abandoned: Abandoned,
    pub(crate) max_attempts: Option<NonZeroU32>,
    pub(crate) admission: Admission,
}

pub(crate) fn calls() -> impl Strategy<Value = Vec<Call>> {
    let call = prop_oneof![
        10 => requests().prop_map(Call::Claim),
        2 => (who(), time()).prop_map(|(who, lease)| Call::Extend(who, lease)),
        4 => (who(), outcomes(), time()).prop_map(|(who, outcome, time)| Call::Complete(who, outcome, time)),
        3 => who().prop_map(Call::Release),
        1 => who().prop_map(Call::Abandon),
        2 => (who(), resolutions()).prop_map(|(who, resolution)| Call::Resolve(who, resolution)),
        2 => time().prop_map(Call::Issue),
        2 => Just(Call::Purge),
        4 => (1..6_u64).prop_map(Call::Pause),
    ];
    prop::collection::vec(call, 1..40)
}

fn requests() -> impl Strategy<Value = Request> {
    let abandoned = prop_oneof![3 => Just(Abandoned::Rerun), 1 => Just(Abandoned::Refuse)];
    let admission = prop_oneof![5 => Just(Admission::Open), 1 => Just(Admission::IssuedOnly)];
    let attempts = prop_oneof![3 => Just(None), 1 => (1..4_u32).prop_map(NonZeroU32::new)];
    let payload = prop_oneof![1 => Just(None), 4 => Just(Some(1)), 1 => Just(Some(2))];
    (who(), payload, time(), time(), abandoned, attempts, admission).prop_map(
        |(who, payload, lease, retention, abandoned, max_attempts, admission)| Request {
            who,
            payload,
            lease,
            retention,
            abandoned,
            max_attempts,
            admission,
        },
    )
}

fn who() -> impl Strategy<Value = u8> {
    1..4_u8
}

fn time() -> impl Strategy<Value = Duration> {
    prop_oneof![
        1 => Just(Duration::ZERO),
        4 => (1..5_u64).prop_map(Duration::from_millis),
        1 => Just(Duration::from_micros(1500)),
        4 => Just(HOUR),
        1 => Just(Duration::MAX),
    ]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    let kind = prop_oneof![Just(OutcomeKind::Value), Just(OutcomeKind::Error)];
    let body = prop_oneof![Just((Codec::Json, "\"ok\"")), Just((Codec::Json, "null")), Just((Codec::Omitted, ""))];
    (kind, body, prop_oneof![Just(1), Just(u32::MAX)]).prop_map(|(kind, (codec, text), version)| Outcome {
        kind,
        codec,
        version,
        text: text.into(),
    })
}

fn resolutions() -> impl Strategy<Value = Resolution> {
    let finish = (outcomes(), time()).prop_map(|(outcome, retention)| Resolution::Finish { outcome, retention });
    prop_oneof![Just(Resolution::Rerun), finish]
}
