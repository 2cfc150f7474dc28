//! A model of a record's life, checked exhaustively: three callers, two keys, crashes, lapses, zombies and lost
//! acknowledgements, over the very functions that the stores use.
//!
//! A caller claims, has its effect, and completes or releases. At any point it may crash and forget everything, or stand
//! still while time passes, which makes it a zombie. Any answer may be lost after the write took effect; the caller then
//! repeats the call. How often these happen is bounded by [`Bounds`], and so the state space is finite.
//!
//! With tokens, each key is issued once at most, and every claim needs that it was.
//!
//! A request that is still on its way when its caller crashes needs no state of its own: that it lands is a caller that
//! sends it and then crashes.
//!
//! The file is long because it is one model: splitting it would hide which transition feeds which property.

use std::hash::{Hash, Hasher};
use std::time::{Duration, Instant};

use idem_core::decision::{HolderWrite, Holding, decide_claim, decide_issue, decide_write, is_expired, is_resolvable};
use idem_core::{
    Abandoned, Admission, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Fence, Fingerprint, IssueDecision, Key,
    Origin, Outcome, OutcomeKind, Record, Resolution, Scope, State, Timestamp,
};
use stateright::{Checker, HasDiscoveries, Model, Property, Representative};

const CALLERS: usize = 3;
const KEYS: usize = 2;
const PAYLOADS: u8 = 2;

/// One step of the clock. Far longer than a claim takes, as on a real clock: a fence never runs ahead of it.
const TICK: Duration = Duration::from_secs(1);
const LEASE: u8 = 2;
const RETENTION: u8 = 1;
const LIFETIME: u8 = 1;

/// The outcome of this number was set by an operator, and by no claim.
const OPERATOR: u32 = u32::MAX;

/// How much may happen, in all.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    ticks: u8,
    calls: u8,
    crashes: u8,
    lost_replies: u8,
    resolutions: u8,
}

/// What the record's life is decided by. A test puts something wrong here, to see that the model notices.
#[derive(Debug, Clone, Copy)]
struct Rules {
    decide_claim: fn(Option<&Record>, Timestamp, &ClaimRequest) -> ClaimDecision,
    decide_write: fn(Option<&Record>, ClaimId, HolderWrite) -> Holding,
    is_expired: fn(&Record, Timestamp) -> bool,
}

const RULES: Rules = Rules { decide_claim, decide_write, is_expired };

struct Lifecycle {
    abandoned: Abandoned,
    admission: Admission,
    bounds: Bounds,
    rules: Rules,
    keys: [Key; KEYS],
    payloads: [Fingerprint; PAYLOADS as usize],
}

/// Everything at one instant: what the store keeps, what each caller knows, and what only the checker remembers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    now: u8,
    records: [Option<Stored>; KEYS],
    callers: [Caller; CALLERS],
    crashes: u8,
    lost_replies: u8,
    resolutions: u8,
    seen: [Seen; KEYS],
    broken: Option<Broken>,
}

/// A record without its attempts, `created_at` and `updated_at`, on which nothing turns where attempts are not limited.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored(Record);

impl Hash for Stored {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Record { state: life, claim_id, fence, fingerprint, expires_at, .. } = &self.0;
        match life {
            State::Issued => 0_u8.hash(state),
            State::Running { lease_until, abandoned } => (1_u8, lease_until, abandoned).hash(state),
            State::Released => 2_u8.hash(state),
            State::Finished(outcome) => (3_u8, outcome.version, &outcome.text).hash(state),
        }
        (claim_id, fence, fingerprint, expires_at).hash(state);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Caller {
    /// How many calls it began. With the caller's own number that gives the claim id.
    calls: u8,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Phase {
    Idle,
    /// It sent a claim and got no answer.
    Claiming {
        key: usize,
        payload: u8,
    },
    /// It holds the claim, as far as it knows, until `lease_until`.
    Holding {
        key: usize,
        payload: u8,
        lease_until: u8,
        effect: Effect,
    },
    /// It sent its outcome or its release, got no answer, and does nothing but repeat that.
    Ending {
        key: usize,
        ending: Ending,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Effect {
    Ahead,
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Ending {
    Complete,
    Release,
}

/// What the checker remembers of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Seen {
    /// The greatest fence that was ever given out.
    fence: Option<Fence>,
    /// Who acquired the key last, until that claim ends.
    holder: Option<ClaimId>,
    /// How many more effects of holders there were than were allowed: one by a claim on a free key, one by an operator
    /// who says so.
    effects: i8,
    issued: bool,
    /// Whether an outcome was ever stored.
    done: bool,
}

/// The invariant of design §3 that a transition broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Broken {
    NotTheHolder,
    OutcomeChanged,
    RepetitionNotRecognised,
    ToldKeptButIsNot,
    FenceDidNotGrow,
    FingerprintNotChecked,
    ClaimedUnissued,
    ClaimedAfterItsOutcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Tick,
    Purge { key: usize },
    Issue { key: usize },
    Resolve { key: usize, how: Operator },
    Claim { caller: usize, key: usize, payload: u8, reply: Reply },
    Effect { caller: usize },
    Extend { caller: usize, reply: Reply },
    End { caller: usize, key: usize, ending: Ending, reply: Reply },
    Crash { caller: usize },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Rerun,
    Finish,
}

/// Whether the caller hears the answer to what took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Arrives,
    Lost,
}

fn instant(tick: u8) -> Timestamp {
    Timestamp::from_micros(0) + TICK * (u32::from(tick) + 1)
}

fn ticks(number: u8) -> Duration {
    TICK * u32::from(number)
}

/// The id of a caller's current claim.
fn claim_id(caller: usize, calls: u8) -> ClaimId {
    let mut bytes = [0; 16];
    bytes[14] = u8::try_from(caller).expect("there are few callers");
    bytes[15] = calls;
    ClaimId::from_bytes(bytes)
}

/// The number of the outcome of a claim, so that two outcomes of one payload differ.
fn outcome_number(id: ClaimId) -> u32 {
    let bytes = id.to_bytes();
    u32::from(bytes[14]) << 8 | u32::from(bytes[15])
}

impl World {
    fn record(&self, key: usize) -> Option<&Record> {
        self.records[key].as_ref().map(|stored| &stored.0)
    }

    fn id(&self, caller: usize) -> ClaimId {
        claim_id(caller, self.callers[caller].calls)
    }

    fn calls(&self) -> u8 {
        self.callers.iter().map(|caller| caller.calls).sum()
    }

    fn time(&self) -> Timestamp {
        instant(self.now)
    }

    fn break_unless(&mut self, holds: bool, broken: Broken) {
        if !holds {
            self.broken.get_or_insert(broken);
        }
    }

    fn store(&mut self, key: usize, record: Record) {
        let epoch = Timestamp::from_micros(0);
        self.records[key] = Some(Stored(Record { attempts: 0, created_at: epoch, updated_at: epoch, ..record }));
    }
}

impl Lifecycle {
    fn new(abandoned: Abandoned, bounds: Bounds) -> Self {
        let key = |number: usize| Key::new(Scope::from_static("tests.model"), &number).expect("a key");
        let payload = |number: u8| Fingerprint::of(&number).expect("a fingerprint");
        Self {
            abandoned,
            admission: Admission::Open,
            bounds,
            rules: RULES,
            keys: [key(0), key(1)],
            payloads: [payload(0), payload(1)],
        }
    }

    fn request(&self, key: usize, payload: u8, claim_id: ClaimId) -> ClaimRequest {
        ClaimRequest {
            key: self.keys[key].clone(),
            claim_id,
            fingerprint: Some(self.payloads[usize::from(payload)]),
            lease: ticks(LEASE),
            retention: ticks(RETENTION),
            abandoned: self.abandoned,
            max_attempts: None,
            admission: self.admission,
        }
    }

    /// A record is made where there is none, and a random key is issued once.
    fn issue(&self, world: &mut World, key: usize) {
        if decide_issue(world.record(key), world.time()) == IssueDecision::Issued {
            let issued = Record::issued(self.keys[key].clone(), ticks(LIFETIME), world.time(), world.record(key));
            world.store(key, issued);
            world.seen[key].issued = true;
        }
    }

    fn outcome(&self, fingerprint: Option<Fingerprint>, number: u32) -> Outcome {
        let text = if fingerprint == Some(self.payloads[0]) { "0" } else { "1" };
        Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: number, text: text.into() }
    }

    fn idle_actions(&self, world: &World, caller: usize, replies: &[Reply], actions: &mut Vec<Action>) {
        if world.calls() == self.bounds.calls {
            return;
        }
        // Keys, and the payloads of one key, are interchangeable: the first used are the first.
        let keys = if world.seen[0].fence.is_some() { KEYS } else { 1 };
        for key in 0..keys {
            let payloads = if world.seen[key].fence.is_some() { PAYLOADS } else { 1 };
            for payload in 0..payloads {
                actions.extend(replies.iter().map(|&reply| Action::Claim { caller, key, payload, reply }));
            }
        }
    }

    /// How a body may end. Where its effect counts, an error comes before it: one that comes after it would rightly be
    /// followed by another effect.
    fn endings(&self, effect: Effect) -> &'static [Ending] {
        match (self.abandoned, effect) {
            (Abandoned::Rerun, _) => &[Ending::Complete, Ending::Release],
            (Abandoned::Refuse, Effect::Ahead) => &[Ending::Release],
            (Abandoned::Refuse, Effect::Done) => &[Ending::Complete],
        }
    }

    fn claim(&self, world: &mut World, caller: usize, key: usize, payload: u8, reply: Reply) {
        if world.callers[caller].phase == Phase::Idle {
            world.callers[caller].calls += 1;
        }
        let request = self.request(key, payload, world.id(caller));
        let decision = (self.rules.decide_claim)(world.record(key), world.time(), &request);
        check_payload(world, key, &decision, &request, payload);
        let mut phase = Phase::Idle;
        let effect = match self.abandoned {
            Abandoned::Rerun => Effect::Done,
            Abandoned::Refuse => Effect::Ahead,
        };
        if let ClaimDecision::Acquired(claim) = decision {
            check_fence(world, key, &claim);
            self.check_token(world, key, &claim);
            let free = claim.origin != Origin::Repeated && !self.is_there(world, key);
            world.seen[key] = Seen {
                fence: Some(claim.fence),
                holder: Some(claim.claim_id),
                effects: if free { -1 } else { world.seen[key].effects },
                ..world.seen[key]
            };
            let record = Record::claimed(&request, &claim, world.time(), world.record(key));
            world.store(key, record);
            phase = Phase::Holding { key, payload, lease_until: world.now + LEASE, effect };
        }
        world.callers[caller].phase = match reply {
            Reply::Arrives => phase,
            Reply::Lost => Phase::Claiming { key, payload },
        };
    }

    /// What a token promises, at each claim that was acquired.
    fn check_token(&self, world: &mut World, key: usize, claim: &Claim) {
        if self.admission == Admission::IssuedOnly && claim.origin != Origin::Repeated {
            let Seen { issued, done, .. } = world.seen[key];
            world.break_unless(issued, Broken::ClaimedUnissued);
            world.break_unless(!done, Broken::ClaimedAfterItsOutcome);
        }
    }

    fn is_there(&self, world: &World, key: usize) -> bool {
        world.record(key).is_some_and(|record| !(self.rules.is_expired)(record, world.time()))
    }

    /// A write by the holder, as every store does it. Says what the holder hears.
    fn write(&self, world: &mut World, caller: usize, key: usize, write: HolderWrite) -> Holding {
        let id = world.id(caller);
        let holding = (self.rules.decide_write)(world.record(key), id, write);
        if holding == Holding::Held {
            world.break_unless(world.seen[key].holder == Some(id), Broken::NotTheHolder);
            if let Some(record) = world.record(key).cloned() {
                let (now, fingerprint) = (world.time(), record.fingerprint);
                let record = match write {
                    HolderWrite::Extend => record.extended(ticks(LEASE), now),
                    HolderWrite::Complete => {
                        record.finished(self.outcome(fingerprint, outcome_number(id)), ticks(RETENTION), now)
                    }
                    HolderWrite::Release => record.released(now),
                    HolderWrite::Abandon => record.abandoned(now),
                };
                world.store(key, record);
            }
        }
        holding
    }

    fn extend(&self, world: &mut World, caller: usize, reply: Reply) {
        let Phase::Holding { key, payload, effect, .. } = world.callers[caller].phase else { return };
        let holding = self.write(world, caller, key, HolderWrite::Extend);
        world.callers[caller].phase = match (holding, reply) {
            (_, Reply::Lost) => return,
            (Holding::Lost, _) => Phase::Idle,
            _ => Phase::Holding { key, payload, lease_until: world.now + LEASE, effect },
        };
    }

    fn end(&self, world: &mut World, caller: usize, key: usize, ending: Ending, reply: Reply) {
        let number = outcome_number(world.id(caller));
        let kept_before = is_kept(world.record(key), number);
        match ending {
            Ending::Release => {
                self.write(world, caller, key, HolderWrite::Release);
            }
            Ending::Complete => {
                let holding = self.write(world, caller, key, HolderWrite::Complete);
                world.break_unless(!kept_before || holding == Holding::Repeated, Broken::RepetitionNotRecognised);
                let kept = is_kept(world.record(key), number);
                world.break_unless(holding == Holding::Lost || kept, Broken::ToldKeptButIsNot);
            }
        }
        world.callers[caller].phase = match reply {
            Reply::Arrives => Phase::Idle,
            Reply::Lost => Phase::Ending { key, ending },
        };
    }

    fn resolve(&self, world: &mut World, key: usize, how: Operator) {
        let Some(record) = world.record(key).cloned() else { return };
        let resolution = match how {
            Operator::Rerun => Resolution::Rerun,
            Operator::Finish => {
                let outcome = self.outcome(record.fingerprint, OPERATOR);
                Resolution::Finish { outcome, retention: ticks(RETENTION) }
            }
        };
        let record = record.resolved(&resolution, world.time());
        world.store(key, record);
        world.resolutions += 1;
        world.seen[key].holder = None;
        if how == Operator::Rerun {
            world.seen[key].effects -= 1;
        }
    }
}

/// Whether the record holds the outcome of this number.
fn is_kept(record: Option<&Record>, number: u32) -> bool {
    matches!(record, Some(Record { state: State::Finished(outcome), .. }) if outcome.version == number)
}

/// Invariant 7, at each claim that was acquired.
fn check_fence(world: &mut World, key: usize, claim: &Claim) {
    let seen = world.seen[key];
    if claim.origin == Origin::Repeated {
        world.break_unless(
            seen.fence == Some(claim.fence) && seen.holder == Some(claim.claim_id),
            Broken::RepetitionNotRecognised,
        );
    } else {
        world.break_unless(seen.fence < Some(claim.fence), Broken::FenceDidNotGrow);
    }
}

/// Invariant 8, at each answer to a claim.
fn check_payload(world: &mut World, key: usize, decision: &ClaimDecision, request: &ClaimRequest, payload: u8) {
    let same = world.record(key).is_none_or(|record| record.fingerprint == request.fingerprint);
    let checked = match decision {
        ClaimDecision::Replay(outcome) => same && *outcome.text == *payload.to_string(),
        ClaimDecision::InProgress { .. }
        | ClaimDecision::Abandoned
        | ClaimDecision::Acquired(Claim { origin: Origin::Takeover, .. }) => same,
        _ => true,
    };
    world.break_unless(checked, Broken::FingerprintNotChecked);
}

impl Model for Lifecycle {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            now: 0,
            records: [const { None }; KEYS],
            callers: [Caller { calls: 0, phase: Phase::Idle }; CALLERS],
            crashes: 0,
            lost_replies: 0,
            resolutions: 0,
            seen: [Seen { fence: None, holder: None, effects: -1, issued: false, done: false }; KEYS],
            broken: None,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        let replies: &[Reply] = if world.lost_replies < self.bounds.lost_replies {
            &[Reply::Arrives, Reply::Lost]
        } else {
            &[Reply::Arrives]
        };
        for caller in 0..CALLERS {
            match world.callers[caller].phase {
                Phase::Idle => self.idle_actions(world, caller, replies, actions),
                Phase::Claiming { key, payload } => {
                    actions.extend(replies.iter().map(|&reply| Action::Claim { caller, key, payload, reply }));
                }
                Phase::Holding { key, effect, .. } => {
                    actions.extend(replies.iter().map(|&reply| Action::Extend { caller, reply }));
                    if effect == Effect::Ahead {
                        actions.push(Action::Effect { caller });
                    }
                    for &ending in self.endings(effect) {
                        actions.extend(replies.iter().map(|&reply| Action::End { caller, key, ending, reply }));
                    }
                }
                Phase::Ending { key, ending } => {
                    actions.extend(replies.iter().map(|&reply| Action::End { caller, key, ending, reply }));
                }
            }
            if world.callers[caller].phase != Phase::Idle && world.crashes < self.bounds.crashes {
                actions.push(Action::Crash { caller });
            }
        }
        for key in 0..KEYS {
            if self.admission == Admission::IssuedOnly && !world.seen[key].issued {
                actions.push(Action::Issue { key });
            }
            let Some(record) = world.record(key) else { continue };
            if (self.rules.is_expired)(record, world.time()) {
                actions.push(Action::Purge { key });
            }
            let claimed = record.claim_id.is_some_and(|id| is_resolvable(Some(record), world.time(), id));
            if claimed && world.resolutions < self.bounds.resolutions {
                actions.extend([Operator::Rerun, Operator::Finish].map(|how| Action::Resolve { key, how }));
            }
        }
        if world.now < self.bounds.ticks {
            actions.push(Action::Tick);
        }
    }

    fn next_state(&self, before: &World, action: Action) -> Option<World> {
        let mut world = before.clone();
        match action {
            Action::Tick => world.now += 1,
            Action::Purge { key } => world.records[key] = None,
            Action::Issue { key } => self.issue(&mut world, key),
            Action::Resolve { key, how } => self.resolve(&mut world, key, how),
            Action::Claim { caller, key, payload, reply } => self.claim(&mut world, caller, key, payload, reply),
            Action::Effect { caller } => {
                let id = world.id(caller);
                if let Phase::Holding { key, effect, .. } = &mut world.callers[caller].phase {
                    *effect = Effect::Done;
                    let seen = &mut world.seen[*key];
                    seen.effects += i8::from(seen.holder == Some(id));
                }
            }
            Action::Extend { caller, reply } => self.extend(&mut world, caller, reply),
            Action::End { caller, key, ending, reply } => self.end(&mut world, caller, key, ending, reply),
            Action::Crash { caller } => {
                world.crashes += 1;
                world.callers[caller].phase = Phase::Idle;
            }
        }
        world.lost_replies += u8::from(action.loses_its_reply());
        for key in 0..KEYS {
            world.seen[key].done |= matches!(world.record(key), Some(Record { state: State::Finished(_), .. }));
        }
        for (key, record) in before.records.iter().enumerate() {
            let Some(Stored(record)) = record else { continue };
            let is_final = matches!(record.state, State::Finished(_)) && !is_expired(record, before.time());
            world.break_unless(!is_final || world.record(key) == Some(record), Broken::OutcomeChanged);
        }
        (world != *before).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always("1: at most one live claim per key", |_, world: &World| {
                world.has_one_live_claim_per_key()
            }),
            Property::always("2: only the holder writes", |_, world: &World| {
                world.broken != Some(Broken::NotTheHolder)
            }),
            Property::always("2: who hears that its outcome is kept finds it kept", |_, world: &World| {
                world.broken != Some(Broken::ToldKeptButIsNot)
            }),
            Property::always("3: a completed outcome never changes", |_, world: &World| {
                world.broken != Some(Broken::OutcomeChanged)
            }),
            Property::always("4: a repeated write is recognised", |_, world: &World| {
                world.broken != Some(Broken::RepetitionNotRecognised)
            }),
            Property::always("5: no crash blocks a key for longer than its lease", Self::is_never_blocked),
            Property::always("7: the fence grows strictly", |_, world: &World| {
                world.broken != Some(Broken::FenceDidNotGrow)
            }),
            Property::always("8: the fingerprint is checked on every path", |_, world: &World| {
                world.broken != Some(Broken::FingerprintNotChecked)
            }),
            Property::sometimes("a payload mismatches", |model: &Self, world: &World| {
                model.could_get(world, |answer| *answer == ClaimDecision::Mismatch)
            }),
            Property::sometimes("an outcome is replayed", |model: &Self, world: &World| {
                model.could_get(world, |answer| matches!(answer, ClaimDecision::Replay(_)))
            }),
            Property::sometimes("a call is in progress", |model: &Self, world: &World| {
                model.could_get(world, |answer| matches!(answer, ClaimDecision::InProgress { .. }))
            }),
            Property::sometimes("an expired record is claimed", |model: &Self, world: &World| {
                (0..KEYS).any(|key| world.record(key).is_some() && !model.is_there(world, key))
            }),
            Property::sometimes("a purged key is claimed again", |_, world: &World| {
                (0..KEYS).any(|key| world.record(key).is_none() && world.seen[key].fence.is_some())
            }),
        ];
        if self.admission == Admission::IssuedOnly {
            properties.extend([
                Property::always("a token that was not issued is not claimed", |_, world: &World| {
                    world.broken != Some(Broken::ClaimedUnissued)
                }),
                Property::always("a token that has had an outcome never runs again", |_, world: &World| {
                    world.broken != Some(Broken::ClaimedAfterItsOutcome)
                }),
                Property::sometimes("a claim is not issued", |model: &Self, world: &World| {
                    model.could_get(world, |answer| *answer == ClaimDecision::NotIssued)
                }),
            ]);
        }
        if self.bounds.lost_replies > 0 {
            properties.extend([
                Property::sometimes("a claim is repeated after its answer was lost", Self::repeats_a_claim),
                Property::sometimes("a completion is repeated after its answer was lost", |_, world: &World| {
                    world.repeats_a_completion()
                }),
            ]);
        }
        if self.bounds.resolutions > 0 {
            properties.push(Property::sometimes("an operator settles a zombie's claim", |_, world: &World| {
                world.settles_a_zombie()
            }));
        }
        if self.abandoned == Abandoned::Rerun || self.bounds.resolutions > 0 {
            properties.push(Property::sometimes("a zombie is refused", Self::refuses_a_zombie));
        }
        properties.extend(match self.abandoned {
            Abandoned::Rerun => vec![Property::sometimes("a claim is taken over", Self::is_taken_over)],
            Abandoned::Refuse => vec![
                Property::always("an effect of unknown fate is never repeated", |_, world: &World| {
                    world.seen.iter().all(|seen| seen.effects <= 0)
                }),
                Property::sometimes("a claim is abandoned", |model: &Self, world: &World| {
                    model.could_get(world, |answer| *answer == ClaimDecision::Abandoned)
                }),
            ],
        });
        properties
    }
}

impl Action {
    fn loses_its_reply(self) -> bool {
        match self {
            Self::Claim { reply, .. } | Self::Extend { reply, .. } | Self::End { reply, .. } => reply == Reply::Lost,
            _ => false,
        }
    }
}

/// The predicates of the properties.
impl Lifecycle {
    /// Whether a caller that comes once the longest lease is over is told at once where it stands.
    fn is_never_blocked(&self, world: &World) -> bool {
        (0..KEYS).all(|key| {
            let request = ClaimRequest { fingerprint: None, ..self.request(key, 0, claim_id(CALLERS, 0)) };
            match (self.rules.decide_claim)(world.record(key), instant(world.now + LEASE), &request) {
                ClaimDecision::Acquired(_) | ClaimDecision::Replay(_) => true,
                ClaimDecision::Abandoned => self.abandoned == Abandoned::Refuse,
                ClaimDecision::NotIssued => self.admission == Admission::IssuedOnly,
                _ => false,
            }
        })
    }

    /// Whether the next claim of an idle caller could be answered so. Which of them it is makes no difference.
    fn could_get(&self, world: &World, answer: impl Fn(&ClaimDecision) -> bool) -> bool {
        let idle = |caller: &usize| world.callers[*caller].phase == Phase::Idle;
        let Some(caller) = (0..CALLERS).find(idle).filter(|_| world.calls() < self.bounds.calls) else { return false };
        let id = claim_id(caller, world.callers[caller].calls + 1);
        (0..KEYS).any(|key| {
            (0..PAYLOADS).any(|payload| {
                let request = self.request(key, payload, id);
                answer(&(self.rules.decide_claim)(world.record(key), world.time(), &request))
            })
        })
    }

    fn is_taken_over(&self, world: &World) -> bool {
        let by_takeover = |claim: &Claim| claim.origin == Origin::Takeover;
        self.could_get(world, |answer| matches!(answer, ClaimDecision::Acquired(claim) if by_takeover(claim)))
    }

    /// Whether a caller that believes to hold a claim is refused because another claim came after it.
    fn refuses_a_zombie(&self, world: &World) -> bool {
        (0..CALLERS).any(|caller| {
            let Phase::Holding { key, .. } = world.callers[caller].phase else { return false };
            let answer = (self.rules.decide_write)(world.record(key), world.id(caller), HolderWrite::Complete);
            world.record(key).is_some() && answer == Holding::Lost
        })
    }

    fn repeats_a_claim(&self, world: &World) -> bool {
        (0..CALLERS).any(|caller| {
            let Phase::Claiming { key, payload } = world.callers[caller].phase else { return false };
            let request = self.request(key, payload, world.id(caller));
            let answer = (self.rules.decide_claim)(world.record(key), world.time(), &request);
            matches!(answer, ClaimDecision::Acquired(claim) if claim.origin == Origin::Repeated)
        })
    }
}

/// The predicates of the properties that need no rules.
impl World {
    fn has_one_live_claim_per_key(&self) -> bool {
        (0..KEYS).all(|of| {
            let is_live = |caller: &&Caller| {
                matches!(caller.phase, Phase::Holding { key, lease_until, .. } if key == of && lease_until > self.now)
            };
            self.callers.iter().filter(is_live).count() <= 1
        })
    }

    fn repeats_a_completion(&self) -> bool {
        (0..CALLERS).any(|caller| {
            let Phase::Ending { key, ending: Ending::Complete } = self.callers[caller].phase else { return false };
            is_kept(self.record(key), outcome_number(self.id(caller)))
        })
    }

    fn settles_a_zombie(&self) -> bool {
        let is_settled = |key| is_kept(self.record(key), OPERATOR);
        self.callers.iter().any(|caller| matches!(caller.phase, Phase::Holding { key, .. } if is_settled(key)))
    }
}

/// Callers are interchangeable: the same world with its callers sorted, and their claim ids renamed everywhere.
impl Representative for World {
    fn representative(&self) -> Self {
        let mut order: [usize; CALLERS] = std::array::from_fn(|caller| caller);
        order.sort_by_key(|&caller| self.callers[caller]);
        let mut renamed = [0; CALLERS];
        for (new, &old) in order.iter().enumerate() {
            renamed[old] = new;
        }
        let rename = |id: ClaimId| {
            let [.., caller, calls] = id.to_bytes();
            claim_id(renamed[usize::from(caller)], calls)
        };
        let mut world = self.clone();
        world.callers = order.map(|caller| self.callers[caller]);
        for seen in &mut world.seen {
            seen.holder = seen.holder.map(rename);
        }
        for Stored(record) in world.records.iter_mut().flatten() {
            record.claim_id = record.claim_id.map(rename);
            if let (State::Finished(outcome), Some(id)) = (&mut record.state, record.claim_id)
                && outcome.version != OPERATOR
            {
                outcome.version = outcome_number(id);
            }
        }
        world
    }
}

/// Checks every state that the bounds allow, and shows how many there were.
fn check_all(abandoned: Abandoned, bounds: Bounds) {
    check_model(Lifecycle::new(abandoned, bounds));
}

fn check_model(model: Lifecycle) {
    let Lifecycle { abandoned, bounds, .. } = model;
    let started = Instant::now();
    let checker = model.checker().symmetry().spawn_dfs().join();
    eprintln!(
        "{} under {bounds:?}: {} states, {} transitions, depth {}, {:.1?}",
        abandoned.name(),
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        started.elapsed(),
    );
    checker.assert_properties();
}

#[test]
fn model_check_record_lifecycle_rerun() {
    check_all(Abandoned::Rerun, Bounds { ticks: 4, calls: 3, crashes: 1, lost_replies: 1, resolutions: 0 });
    check_all(Abandoned::Rerun, Bounds { ticks: 4, calls: 4, crashes: 0, lost_replies: 0, resolutions: 0 });
}

#[test]
fn model_check_record_lifecycle_refuse() {
    check_all(Abandoned::Refuse, Bounds { ticks: 4, calls: 3, crashes: 1, lost_replies: 1, resolutions: 0 });
    check_all(Abandoned::Refuse, Bounds { ticks: 4, calls: 3, crashes: 0, lost_replies: 0, resolutions: 1 });
}

#[test]
fn model_check_tokens() {
    let bounds = Bounds { ticks: 4, calls: 3, crashes: 1, lost_replies: 0, resolutions: 0 };
    for abandoned in [Abandoned::Rerun, Abandoned::Refuse] {
        check_model(Lifecycle { admission: Admission::IssuedOnly, ..Lifecycle::new(abandoned, bounds) });
    }
}

const BREAKING: Bounds = Bounds { ticks: 4, calls: 3, crashes: 1, lost_replies: 1, resolutions: 0 };

/// Expects a counterexample of `property` once the rules are changed.
fn assert_breaks(property: &'static str, abandoned: Abandoned, rules: Rules) {
    assert_model_breaks(property, Lifecycle { rules, ..Lifecycle::new(abandoned, BREAKING) });
}

fn assert_model_breaks(property: &'static str, model: Lifecycle) {
    let found = HasDiscoveries::AnyOf([property].into());
    let checker = model.checker().finish_when(found).spawn_bfs().join();
    assert!(checker.discovery(property).is_some(), "the model does not notice that `{property}` is broken");
}

/// A model that cannot fail proves nothing: each invariant is broken once.
mod the_model_notices {
    use super::*;

    #[test]
    fn a_claim_by_a_clock_that_is_ahead() {
        let rules =
            Rules { decide_claim: |found, now, request| decide_claim(found, now + ticks(LEASE), request), ..RULES };
        assert_breaks("1: at most one live claim per key", Abandoned::Rerun, rules);
    }

    #[test]
    fn a_write_that_ignores_the_claim_id() {
        let rules = Rules {
            decide_write: |found, claim_id, write| {
                let holder = found.and_then(|record| record.claim_id);
                decide_write(found, holder.unwrap_or(claim_id), write)
            },
            ..RULES
        };
        assert_breaks("2: only the holder writes", Abandoned::Rerun, rules);
    }

    #[test]
    fn a_zombie_that_is_not_told() {
        let rules = Rules {
            decide_write: |found, claim_id, write| match decide_write(found, claim_id, write) {
                Holding::Lost => Holding::Repeated,
                other => other,
            },
            ..RULES
        };
        assert_breaks("2: who hears that its outcome is kept finds it kept", Abandoned::Rerun, rules);
    }

    #[test]
    fn a_purge_of_what_has_not_expired() {
        let rules = Rules { is_expired: |_, _| true, ..RULES };
        assert_breaks("3: a completed outcome never changes", Abandoned::Rerun, rules);
    }

    #[test]
    fn a_completion_that_is_written_twice() {
        let rules = Rules {
            decide_write: |found, claim_id, write| match decide_write(found, claim_id, write) {
                Holding::Repeated => Holding::Held,
                other => other,
            },
            ..RULES
        };
        assert_breaks("4: a repeated write is recognised", Abandoned::Rerun, rules);
    }

    #[test]
    fn a_lapsed_claim_that_is_not_taken_over() {
        let rules = Rules {
            decide_claim: |found, now, request| match decide_claim(found, now, request) {
                ClaimDecision::Acquired(claim) if claim.origin == Origin::Takeover => {
                    ClaimDecision::InProgress { lease_left: TICK }
                }
                other => other,
            },
            ..RULES
        };
        assert_breaks("5: no crash blocks a key for longer than its lease", Abandoned::Rerun, rules);
    }

    #[test]
    fn a_fence_that_forgets_the_last_one() {
        let rules = Rules {
            decide_claim: |found, now, request| match decide_claim(found, now, request) {
                ClaimDecision::Acquired(claim) => {
                    ClaimDecision::Acquired(Claim { fence: Fence::next(None, now), ..claim })
                }
                other => other,
            },
            ..RULES
        };
        assert_breaks("7: the fence grows strictly", Abandoned::Rerun, rules);
    }

    #[test]
    fn a_claim_that_does_not_compare_payloads() {
        let rules = Rules {
            decide_claim: |found, now, request| {
                decide_claim(found, now, &ClaimRequest { fingerprint: None, ..request.clone() })
            },
            ..RULES
        };
        assert_breaks("8: the fingerprint is checked on every path", Abandoned::Rerun, rules);
    }

    #[test]
    fn a_token_that_need_not_be_issued() {
        let rules = Rules {
            decide_claim: |found, now, request| {
                decide_claim(found, now, &ClaimRequest { admission: Admission::Open, ..request.clone() })
            },
            ..RULES
        };
        for broken in ["a token that was not issued is not claimed", "a token that has had an outcome never runs again"]
        {
            let admission = Admission::IssuedOnly;
            assert_model_breaks(broken, Lifecycle { admission, rules, ..Lifecycle::new(Abandoned::Rerun, BREAKING) });
        }
    }

    #[test]
    fn a_refusal_that_is_ignored() {
        let rules = Rules {
            decide_claim: |found, now, request| {
                let found = found.cloned().map(|mut record| {
                    if let State::Running { abandoned, .. } = &mut record.state {
                        *abandoned = Abandoned::Rerun;
                    }
                    record
                });
                decide_claim(found.as_ref(), now, &ClaimRequest { abandoned: Abandoned::Rerun, ..request.clone() })
            },
            ..RULES
        };
        assert_breaks("an effect of unknown fate is never repeated", Abandoned::Refuse, rules);
    }
}
