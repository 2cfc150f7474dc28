//! The machine as a picture, in two languages.

use std::fmt::Write as _;

use quote::ToTokens;
use syn::ext::IdentExt;

use super::machine::{Event, Machine, Move};

// Output:
//     stateDiagram-v2
//         [*] --> Unpaid
//         Unpaid --> Paid: pay
//         Paid --> Shipped: ship [has_address]
//         Shipped --> [*]
/// The machine as a Mermaid state diagram.
pub(crate) fn mermaid(machine: &Machine) -> String {
    let mut text = format!("stateDiagram-v2\n    [*] --> {}\n", machine.shown(machine.initial));
    for (from, to, label) in arrows(machine) {
        let _ = writeln!(text, "    {from} --> {to}: {label}");
    }
    for state in machine.states.iter().filter(|state| state.is_final) {
        let _ = writeln!(text, "    {} --> [*]", state.shown());
    }
    text
}

// Output:
//     digraph OrderStatus {
//         rankdir=LR;
//         node [shape=box, style=rounded];
//         "" [shape=point];
//         Shipped [peripheries=2];
//         "" -> Unpaid;
//         Unpaid -> Paid [label="pay"];
//     }
/// The machine in the language of Graphviz.
pub(crate) fn dot(machine: &Machine) -> String {
    let mut text = format!("digraph \"{}\" {{\n", machine.name.unraw());
    text.push_str("    rankdir=LR;\n    node [shape=box, style=rounded];\n    \"\" [shape=point];\n");
    for state in machine.states.iter().filter(|state| state.is_final) {
        let _ = writeln!(text, "    \"{}\" [peripheries=2];", state.shown());
    }
    let _ = writeln!(text, "    \"\" -> \"{}\";", machine.shown(machine.initial));
    for (from, to, label) in arrows(machine) {
        let label = label.replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(text, "    \"{from}\" -> \"{to}\" [label=\"{label}\"];");
    }
    text.push_str("}\n");
    text
}

fn arrows(machine: &Machine) -> Vec<(String, String, String)> {
    let of_move = |event: &Event, one: &Move| {
        let label = label(event, one);
        let arrow = |state| (machine.shown(state), machine.shown(one.target), label.clone());
        one.sources.iter().map(|source| arrow(source.state)).collect::<Vec<_>>()
    };
    machine.events.iter().flat_map(|event| event.moves.iter().flat_map(move |one| of_move(event, one))).collect()
}

fn label(event: &Event, one: &Move) -> String {
    let guard = one.guard.as_ref().map(|guard| guard.to_token_stream().to_string().replace(' ', ""));
    let condition = one.guard_sql.as_ref().map(|condition| condition.value().replace('\n', " "));
    match guard.or(condition) {
        Some(guard) => format!("{} [{guard}]", event.shown()),
        None => event.shown(),
    }
}
