//! Each row of the table, and what decides between two that both match.

use std::fmt;
use std::str::FromStr;

use idem_core::machine::{Code, CodeType, MachineEvent, UnknownEvent, deserialize_event, parse_event, serde};

use super::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parcel {
    New,
    Packed,
    Sent,
    Lost,
}
use Parcel::{Lost, New, Packed, Sent};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum ParcelEvent {
    Pack,
    Send,
}

impl StateMachine for Parcel {
    type Event = ParcelEvent;
    const NAME: &'static str = "Parcel";
    const ALL: &'static [Self] = &[New, Packed, Sent, Lost];
    const INITIAL: Self = New;
    const MOVES: &'static [Move<Self>] = &[];
    const STORE: CodeType = CodeType::Text;
    const NEEDS_VERSION: Option<&'static str> = None;
    const NEEDS_AUDIT: Option<&'static str> = None;
    const ALIASES: &'static [(Code, Code)] = &[];

    fn name(self) -> &'static str {
        "a state"
    }
    fn code(self) -> Code {
        Code::Text("a code")
    }
    fn from_text(_code: &str) -> Option<Self> {
        None
    }
    fn from_number(_code: i64) -> Option<Self> {
        None
    }
    fn events(self) -> &'static [ParcelEvent] {
        match self {
            New => &[ParcelEvent::Pack],
            Packed => &[ParcelEvent::Send],
            Sent | Lost => &[],
        }
    }
    /// A parcel is packed before it is sent, and lost at any time.
    fn has_passed(self, state: Self) -> bool {
        self == state || state == New || (self, state) == (Sent, Packed)
    }
}

impl MachineEvent for ParcelEvent {
    type Machine = Parcel;
    const ALL: &'static [Self] = &[Self::Pack, Self::Send];
    fn name(self) -> &'static str {
        "an event"
    }
}
impl fmt::Display for ParcelEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
impl FromStr for ParcelEvent {
    type Err = UnknownEvent;
    fn from_str(name: &str) -> Result<Self, UnknownEvent> {
        parse_event(name)
    }
}
impl serde::Serialize for ParcelEvent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
impl<'de> serde::Deserialize<'de> for ParcelEvent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_event(deserializer)
    }
}

const fn step(sources: &'static [Parcel], target: Parcel) -> Move<Parcel> {
    let code = Code::Text("a code");
    Move { event: "an event", sources, source_codes: &[], target, target_code: code, guard: None, guard_sql: None }
}

const PACK: &[Move<Parcel>] = &[step(&[New], Packed)];
/// Goes on with each call.
const NEXT: &[Move<Parcel>] = &[step(&[New], Packed), step(&[Packed], Sent)];
/// Leads back to where it comes from.
const LABEL: &[Move<Parcel>] = &[step(&[Packed], Packed)];
/// Leads to where rows begin.
const UNPACK: &[Move<Parcel>] = &[step(&[Packed], New)];

const fn asked(moves: &'static [Move<Parcel>]) -> Asked<'static, Parcel> {
    Asked { moves, is_tracked: false, expected: None, loaded: None, is_strict: false }
}

const fn in_state(state: Parcel) -> Found<Parcel> {
    Found { state, version: Some(3), holds: [true; MOST_MOVES], known: Known::Nothing }
}

const fn loaded(state: Parcel) -> Loaded<Parcel> {
    Loaded { state, refusals: [const { None }; MOST_MOVES] }
}

const STALE: Answer<Parcel> = Answer::Conflict(Why::StaleVersion { expected: Some(2), found: Some(3) });

#[test]
fn row_1_no_row() {
    assert_eq!(answer(&asked(PACK), None), Answer::NotFound);
}

#[test]
fn row_2_the_key_is_known_with_a_target_of_the_event() {
    for state in Parcel::ALL {
        let found = Found { known: Known::SameTarget, ..in_state(*state) };
        let asked = Asked { is_tracked: true, expected: Some(2), ..asked(PACK) };
        assert_eq!(answer(&asked, Some(&found)), Answer::AlreadyApplied(Evidence::SameKey));
    }
}

#[test]
fn row_3_the_key_is_known_with_another_target() {
    for state in Parcel::ALL {
        let found = Found { known: Known::Elsewhere("send".to_owned()), ..in_state(*state) };
        let asked = Asked { is_tracked: true, ..asked(PACK) };
        assert_eq!(answer(&asked, Some(&found)), Answer::KeyReused("send".to_owned()));
    }
}

#[test]
fn row_4_in_the_target_under_an_unknown_key() {
    let asked = Asked { is_tracked: true, ..asked(PACK) };
    assert_eq!(answer(&asked, Some(&in_state(Packed))), Answer::Conflict(Why::AppliedByOther));
}

#[test]
fn row_5_in_the_target_where_no_key_is_tracked() {
    let same_state = Answer::AlreadyApplied(Evidence::SameState);
    assert_eq!(answer(&asked(PACK), Some(&in_state(Packed))), same_state);
    let at_version = Asked { expected: Some(2), ..asked(PACK) };
    assert_eq!(answer(&at_version, Some(&in_state(Packed))), same_state, "its own success has changed the version");
}

#[test]
fn row_6_a_legal_source_of_another_version() {
    let at_version = Asked { expected: Some(2), ..asked(PACK) };
    assert_eq!(answer(&at_version, Some(&in_state(New))), STALE);
    let refused = Found { holds: [false; MOST_MOVES], ..in_state(New) };
    assert_eq!(answer(&at_version, Some(&refused)), STALE, "before the guard is heard");
}

#[test]
fn row_7_a_legal_source_and_a_guard_that_refuses() {
    let found = Found { holds: [false; MOST_MOVES], ..in_state(New) };
    assert!(matches!(answer(&asked(PACK), Some(&found)), Answer::Rejected(_)));
    let mut refused = loaded(New);
    refused.refusals[0] = Some(GuardError::new("too heavy"));
    let asked = Asked { loaded: Some(&refused), expected: Some(3), ..asked(PACK) };
    assert_eq!(answer(&asked, Some(&in_state(New))), Answer::Rejected(GuardError::new("too heavy")));
}

#[test]
fn row_8_nothing_stands_against_it() {
    let at_version = Asked { expected: Some(3), ..asked(PACK) };
    assert_eq!(answer(&at_version, Some(&in_state(New))), Answer::Raced);
}

#[test]
fn row_9_beyond_the_target() {
    assert_eq!(answer(&asked(PACK), Some(&in_state(Sent))), Answer::AlreadyApplied(Evidence::PassedThrough));
}

#[test]
fn row_10_anything_else() {
    let illegal = Answer::Conflict(Why::Illegal { legal: &[] });
    assert_eq!(answer(&asked(PACK), Some(&in_state(Lost))), illegal, "it may have been lost before");
    let strict = Asked { is_strict: true, ..asked(PACK) };
    assert_eq!(answer(&strict, Some(&in_state(Sent))), illegal);
    let tracked = Asked { is_tracked: true, ..asked(PACK) };
    assert_eq!(answer(&tracked, Some(&in_state(Sent))), illegal, "only a key tells who packed it");
}

#[test]
fn a_target_that_the_event_leaves_too_is_no_sign_that_it_was_reached_by_it() {
    let at_version = Asked { expected: Some(2), ..asked(NEXT) };
    assert_eq!(answer(&at_version, Some(&in_state(Packed))), STALE);
    let seen_new = loaded(New);
    let from_new = Asked { loaded: Some(&seen_new), ..at_version };
    assert_eq!(answer(&from_new, Some(&in_state(Packed))), Answer::AlreadyApplied(Evidence::SameState));
    let seen_packed = loaded(Packed);
    let from_packed = Asked { loaded: Some(&seen_packed), expected: Some(2), ..asked(NEXT) };
    assert_eq!(answer(&from_packed, Some(&in_state(Packed))), STALE);
}

#[test]
fn an_event_that_leads_back_leaves_no_trace_in_the_state() {
    let at_version = Asked { expected: Some(2), ..asked(LABEL) };
    assert_eq!(answer(&at_version, Some(&in_state(Packed))), STALE);
    assert_eq!(answer(&at_version, Some(&in_state(Sent))), Answer::Conflict(Why::Illegal { legal: &[] }));
}

#[test]
fn the_state_in_which_rows_begin_has_been_passed_without_any_event() {
    assert_eq!(answer(&asked(UNPACK), Some(&in_state(Sent))), Answer::Conflict(Why::Illegal { legal: &[] }));
}

#[test]
fn the_first_move_whose_guards_agree_is_taken() {
    const BRANCH: &[Move<Parcel>] = &[step(&[New], Packed), step(&[New], Lost)];
    let mut found = in_state(New);
    assert!(matches!(asked(BRANCH).choose(&found), Choice::Move(0)));
    found.holds[0] = false;
    assert!(matches!(asked(BRANCH).choose(&found), Choice::Move(1)));
    found.holds[1] = false;
    assert!(matches!(asked(BRANCH).choose(&found), Choice::Refused(_)));
}
