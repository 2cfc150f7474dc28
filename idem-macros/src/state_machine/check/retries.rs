//! The rule that the library is about: a late retry of an event must not be applied a second time.

use crate::errors::Errors;
use crate::state_machine::graph::{Graph, Path};
use crate::state_machine::machine::{Event, Machine};

/// An event can fire again if one of its sources can be reached from one of its targets. Then a retry that comes late
/// finds the row where it may leave from, and nothing tells it from a new command, unless a fence does.
pub(super) fn check(errors: &mut Errors, machine: &Machine) {
    let graph = machine.graph();
    for event in &machine.events {
        if event.fence.is_some() || event.may_refire {
            continue;
        }
        if let Some((source, way_back)) = way_back(&graph, event) {
            report(errors, machine, event, source, &way_back);
        }
    }
}

/// A source, and the shortest way from its target to a source; that of the same transition before others.
fn way_back(graph: &Graph, event: &Event) -> Option<(usize, Path)> {
    let mut ways = Vec::new();
    for first in &event.moves {
        for again in &event.moves {
            for source in &again.sources {
                // `reenter` says that a repeat is meant to run.
                if source.state == first.target && again.reenter.is_some() {
                    continue;
                }
                if let Some(way) = graph.shortest_path(first.target, source.state) {
                    let begin = first.sources.iter().find(|begin| begin.state == source.state);
                    let begin = begin.or(first.sources.first())?.state;
                    ways.push((begin, way));
                }
            }
        }
    }
    ways.into_iter().min_by_key(|(_, way)| way.events.len())
}

fn report(errors: &mut Errors, machine: &Machine, event: &Event, source: usize, way_back: &Path) {
    let name = event.shown();
    let after = match way_back.events.last() {
        Some(last) => format!("after `{}`", machine.events[*last].shown()),
        None => "right after itself".to_owned(),
    };
    let is_cycle = way_back.states.last() == Some(&source);
    let what = if is_cycle { "cycle" } else { "way" };
    let states: Vec<usize> = std::iter::once(source).chain(way_back.states.iter().copied()).collect();
    errors.on(
        &event.name,
        format_args!(
            "`{name}` can fire again {after}: a late retry of `{name}` would be applied twice\nhelp: add `fence = key` (needs \
             `audit`) or `fence = version`, or accept it with `allow(refire)`\nnote: {what}: {}",
            machine.shown_way(&states)
        ),
    );
}
