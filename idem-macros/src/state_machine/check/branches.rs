//! Rules about several transitions of one event from one state: the first whose guard agrees is taken.

use quote::ToTokens;
use syn::LitStr;

use crate::errors::Errors;
use crate::state_machine::machine::{Event, Machine, Move};

pub(super) fn check(errors: &mut Errors, machine: &Machine) {
    for event in &machine.events {
        for (index, later) in event.moves.iter().enumerate() {
            // One report is enough, however many of the transitions before are in the way.
            let _ = event.moves[..index].iter().any(|first| check_pair(errors, machine, event, first, later));
        }
    }
}

/// Whether a mistake was reported.
fn check_pair(errors: &mut Errors, machine: &Machine, event: &Event, first: &Move, later: &Move) -> bool {
    let shared = later.sources.iter().find(|later| first.sources.iter().any(|first| first.state == later.state));
    let Some(source) = shared else { return false };
    let (event, from) = (event.shown(), machine.shown(source.state));
    let is_same = first.target == later.target && condition(first) == condition(later);
    if is_same {
        let to = machine.shown(later.target);
        errors.on(&later.tokens, format_args!("duplicate transition `{event}`: `{from}` -> `{to}`"));
        errors.on(&first.tokens, "first declared here");
    } else if is_guarded(first) {
        return false;
    } else if is_guarded(later) {
        errors.on(
            &later.tokens,
            format_args!(
                "this transition can never be taken: `{event}` from `{from}` already matches without a guard above\n\
                 help: put the guarded one first"
            ),
        );
    } else if first.target == later.target {
        return false;
    } else {
        let (one, other) = (machine.shown(first.target), machine.shown(later.target));
        errors.at(
            later.target_span,
            format_args!(
                "event `{event}` has two targets from `{from}`: `{one}` and `{other}`\nhelp: give all but the last a \
                 `guard`, or use two event names"
            ),
        );
    }
    true
}

fn is_guarded(one: &Move) -> bool {
    one.guard.is_some() || one.guard_sql.is_some()
}

fn condition(one: &Move) -> (Option<String>, Option<String>) {
    let guard = one.guard.as_ref().map(|guard| guard.to_token_stream().to_string());
    (guard, one.guard_sql.as_ref().map(LitStr::value))
}
