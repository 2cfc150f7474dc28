//! Rules about events and their options.

use crate::errors::Errors;
use crate::state_machine::item::Item;
use crate::state_machine::machine::{Event, Machine, Move};
use crate::state_machine::transition::Fence;

/// The most moves of one event. Statements are composed at compile time, for each move.
const MOST_MOVES: usize = 8;

pub(super) fn check(errors: &mut Errors, machine: &Machine, item: &Item) {
    check_declares_a_transition(errors, machine, item);
    for event in &machine.events {
        check_number_of_moves(errors, event);
        check_fence_by_key_without_audit(errors, event);
        for one in &event.moves {
            check_guard_without_entity(errors, machine, one);
        }
    }
}

fn check_declares_a_transition(errors: &mut Errors, machine: &Machine, item: &Item) {
    let name = &machine.name;
    if machine.events.is_empty() && item.is_whole {
        let (from, to) = (machine.shown(0), machine.shown(machine.states.len().min(2) - 1));
        errors.on(
            name,
            format_args!(
                "`{name}` declares no transition\nhelp: add `#[transition(go: {from} => {to})]` above the enum"
            ),
        );
    }
}

fn check_number_of_moves(errors: &mut Errors, event: &Event) {
    if let Some(first_too_many) = event.moves.get(MOST_MOVES) {
        errors.on(
            &first_too_many.tokens,
            format_args!(
                "event `{}` has more than {MOST_MOVES} transitions\nhelp: join those of one target (`A | B => C`), or use \
                 two event names",
                event.shown()
            ),
        );
    }
}

fn check_fence_by_key_without_audit(errors: &mut Errors, event: &Event) {
    if let (Some(Fence::Key(word)), None) = (&event.fence, &event.audit) {
        errors.on(word, "`fence = key` finds a repeated key in the audit\nhelp: add `audit` to the transition");
    }
}

fn check_guard_without_entity(errors: &mut Errors, machine: &Machine, one: &Move) {
    if let (Some(guard), None) = (&one.guard, &machine.entity) {
        errors.on(
            guard,
            "a guard takes the entity, which this enum does not know\nhelp: name it: `#[state_machine(entity = Order)]`",
        );
    }
}
