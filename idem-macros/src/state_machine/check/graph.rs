//! Rules about the graph: every state can be reached and left, and an end is in sight.

use proc_macro2::Ident;

use crate::errors::Errors;
use crate::state_machine::graph::Graph;
use crate::state_machine::item::Item;
use crate::state_machine::machine::{Event, Machine, Move, State};
use crate::text::quoted;

pub(super) fn check(errors: &mut Errors, machine: &Machine) {
    let graph = machine.graph();
    for event in &machine.events {
        for one in &event.moves {
            check_self_transition(errors, machine, event, one);
            check_reenter_elsewhere(errors, one);
        }
    }
    check_reachable(errors, machine, &graph);
    if machine.is_strict {
        for (_, state) in traps(machine) {
            errors.on(&state.name, trap_message(state));
        }
    }
    check_way_to_a_final_state(errors, machine, &graph);
}

/// A machine needs an initial state. Says which one it is, if only one can be it.
pub(super) fn check_initial(errors: &mut Errors, machine: &Machine, item: &Item) {
    if item.container.initial.is_set() {
        return;
    }
    let name = &machine.name;
    let graph = machine.graph();
    let mut sources = (0..machine.states.len()).filter(|state| !graph.has_way_in(*state));
    let (example, note) = match (sources.next(), sources.next()) {
        (Some(only), None) if !machine.events.is_empty() => {
            let only = machine.shown(only);
            (only.clone(), format!("\nnote: `{only}` is the only state nothing leads to"))
        }
        _ => (machine.shown(0), String::new()),
    };
    errors.on(
        name,
        format_args!("`{name}` has no initial state\nhelp: add `#[state_machine(initial = {example})]`{note}"),
    );
}

fn check_self_transition(errors: &mut Errors, machine: &Machine, event: &Event, one: &Move) {
    if one.reenter.is_some() || !returns(one) {
        return;
    }
    errors.at(
        one.target_span,
        format_args!(
            "`{}` goes from `{}` to itself\nhelp: write `reenter` if a repeat must run again\nnote: a repeated event on its \
             target state already answers `AlreadyApplied`",
            event.shown(),
            machine.shown(one.target)
        ),
    );
}

/// Whether a transition leads from a state to itself.
fn returns(one: &Move) -> bool {
    one.sources.iter().any(|source| source.state == one.target)
}

fn check_reenter_elsewhere(errors: &mut Errors, one: &Move) {
    if let Some(reenter) = one.reenter.as_ref().filter(|_| !returns(one)) {
        errors.on(reenter, "`reenter` is for a transition from a state to itself; leave it out");
    }
}

/// Whether there are any. Then it is not known whether the way or the end of it is wrong, and so neither is what follows.
pub(super) fn check_ways_out_of_final_states(errors: &mut Errors, machine: &Machine) -> bool {
    let before = errors.count();
    for event in &machine.events {
        for one in &event.moves {
            check_way_out_of_a_final_state(errors, machine, event, one);
        }
    }
    errors.count() > before
}

fn check_way_out_of_a_final_state(errors: &mut Errors, machine: &Machine, event: &Event, one: &Move) {
    for source in one.sources.iter().filter(|source| machine.states[source.state].is_final) {
        errors.at(
            source.span,
            format_args!(
                "`{}` leaves `{}`, which is final\nhelp: remove it from the sources, or remove `#[state(final)]`",
                event.shown(),
                machine.shown(source.state)
            ),
        );
    }
}

fn check_reachable(errors: &mut Errors, machine: &Machine, graph: &Graph) {
    let reachable = graph.reachable(&machine.roots(), None);
    for (state, _) in machine.states.iter().zip(reachable).filter(|(_, reachable)| !reachable) {
        let (name, initial) = (state.shown(), machine.shown(machine.initial));
        errors.on(
            &state.name,
            format_args!(
                "state `{name}` cannot be reached from the initial state `{initial}`\nhelp: add a transition that ends in \
                 `{name}`, or mark it `#[state(allow(unreachable))]`"
            ),
        );
    }
}

/// The states that nothing leaves, although they are not final.
pub(crate) fn traps(machine: &Machine) -> impl Iterator<Item = (usize, &State)> {
    let graph = machine.graph();
    let states = machine.states.iter().enumerate();
    states.filter(move |(index, state)| !state.is_final && !graph.has_way_out(*index))
}

/// What is said about a trap.
pub(crate) fn trap_message(state: &State) -> String {
    let name = state.shown();
    format!("state `{name}` has no outgoing transition\nhelp: mark it `#[state(final)]`, or add a transition from it")
}

/// A trap counts as an end here: it is reported itself.
fn check_way_to_a_final_state(errors: &mut Errors, machine: &Machine, graph: &Graph) {
    let finals: Vec<usize> = (0..machine.states.len()).filter(|state| machine.states[*state].is_final).collect();
    let ends: Vec<usize> = finals.iter().copied().chain(traps(machine).map(|(index, _)| index)).collect();
    if finals.is_empty() {
        return;
    }
    let names = quoted(finals.iter().map(|state| machine.shown(*state)));
    for (index, state) in machine.states.iter().enumerate() {
        if !ends.iter().any(|end| graph.shortest_path(index, *end).is_some()) {
            let name: &Ident = &state.name;
            errors.on(
                name,
                format_args!("no final state can be reached from `{}`\nnote: final states: {names}", state.shown()),
            );
        }
    }
}
