//! The arguments of the scripts. All are text, since a number of Lua's is exact to 53 bits only.

use std::borrow::Cow;
use std::time::Duration;

use idem_core::decision::is_expired;
use idem_core::{Abandoned, Admission, Claim, ClaimId, ClaimRequest, Origin, Outcome, Record, State};

use crate::record::Found;

pub(crate) type Arguments<'a> = Vec<Cow<'a, str>>;

/// Of `claim.lua`, what is asked for. None of these words is empty but the last two, or has a blank.
pub(crate) fn claim(request: &ClaimRequest) -> String {
    let (version, digest) = request
        .fingerprint
        .map_or_else(Default::default, |fingerprint| (fingerprint.version().to_string(), fingerprint.digest_text()));
    let admission = match request.admission {
        Admission::Open => "open",
        Admission::IssuedOnly => "issued",
    };
    let (claim_id, abandoned) = (request.claim_id, request.abandoned.name());
    let (lease, retention) = (in_micros(request.lease), in_micros(request.retention));
    format!("{claim_id} {abandoned} {lease} {retention} {admission} {version} {digest}")
}

/// Of `claim.lua`, what was decided on what was found.
pub(crate) fn decided<'a>(asked: &'a str, claim: &Claim, record: &Record, found: &Found) -> Arguments<'a> {
    let created_at =
        if is_expired(record, found.now) { String::new() } else { record.created_at.as_micros().to_string() };
    let own = if claim.origin == Origin::Repeated { "own" } else { "" };
    let mut arguments = vec![asked.into(), claim.attempt.to_string().into(), own.into(), created_at.into()];
    arguments.extend(as_found(record));
    arguments
}

/// Of `issue.lua`, the first.
pub(crate) fn issue(lifetime: Duration) -> Arguments<'static> {
    vec![micros(lifetime)]
}

/// What changes with every write: see `is_as_decided_on` in `prelude.lua`.
pub(crate) fn as_found(record: &Record) -> [Cow<'static, str>; 5] {
    let lease_until = match record.state {
        State::Running { lease_until, .. } => lease_until.as_micros().to_string(),
        State::Issued | State::Released | State::Finished(_) => String::new(),
    };
    [
        record.state.name().into(),
        record.claim_id.map(|claim_id| claim_id.to_string()).unwrap_or_default().into(),
        record.fence.to_string().into(),
        lease_until.into(),
        record.expires_at.as_micros().to_string().into(),
    ]
}

/// Of `extend.lua`.
pub(crate) fn extend(claim: &Claim, lease: Duration) -> Arguments<'static> {
    vec![claim.claim_id.to_string().into(), micros(lease)]
}

/// Of `extend.lua`, where nobody knows what the holder did.
pub(crate) fn abandon(claim: &Claim) -> Arguments<'static> {
    vec![claim.claim_id.to_string().into(), micros(Duration::ZERO), Abandoned::Refuse.name().into()]
}

/// In whose name a claim is ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Who {
    Holder,
    Operator,
}

/// Of `release.lua`, and the first two of `finish.lua`.
pub(crate) fn end(who: Who, claim_id: ClaimId) -> Arguments<'static> {
    let who = match who {
        Who::Holder => "holder",
        Who::Operator => "operator",
    };
    vec![who.into(), claim_id.to_string().into()]
}

/// Of `finish.lua`.
pub(crate) fn finish(who: Who, claim_id: ClaimId, outcome: &Outcome, retention: Duration) -> Arguments<'_> {
    let mut arguments: Arguments<'_> = end(who, claim_id);
    arguments.extend([
        outcome.kind.state_name().into(),
        outcome.codec.name().into(),
        outcome.version.to_string().into(),
        Cow::Borrowed(&*outcome.text),
        micros(retention),
    ]);
    arguments
}

fn micros(duration: Duration) -> Cow<'static, str> {
    in_micros(duration).to_string().into()
}

/// Whole microseconds, at most those that fit a timestamp.
fn in_micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
