//! The algorithms against their definitions, on random graphs of a few states.

use super::{Graph, Path};

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // Knuth's multiplier; the upper half of the state has the better bits.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }
}

/// Graphs of 1 to 6 states, from ones without an edge to dense ones with cycles and self-loops.
fn graphs() -> impl Iterator<Item = Graph> {
    let mut random = Random(17);
    (0..3_000).map(move |_| {
        let states = 1 + random.below(6);
        let edges = (0..random.below(2 * states + 1)).map(|event| (random.below(states), random.below(states), event));
        Graph::new(states, edges.collect::<Vec<_>>())
    })
}

/// All ways from `from` to `to` that enter no state twice.
fn simple_paths(graph: &Graph, from: usize, to: usize) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut open = vec![vec![from]];
    while let Some(path) = open.pop() {
        let last = path[path.len() - 1];
        if last == to {
            found.push(path);
            continue;
        }
        let next = graph.edges[last].iter().map(|(next, _)| *next).filter(|next| !path.contains(next));
        open.extend(next.map(|next| [path.as_slice(), &[next]].concat()));
    }
    found
}

#[test]
fn a_state_is_reachable_if_there_is_a_path() {
    for graph in graphs() {
        let reachable = graph.reachable(&[0], None);
        for (state, reachable) in reachable.into_iter().enumerate() {
            assert_eq!(reachable, !simple_paths(&graph, 0, state).is_empty(), "{graph:?} {state}");
        }
    }
}

#[test]
fn the_dominators_of_a_state_are_on_every_path_to_it() {
    let mut beyond_the_trivial = 0;
    for graph in graphs() {
        for roots in [vec![0], vec![0, graph.edges.len() - 1]] {
            let dominators = graph.dominators(&roots);
            for (state, dominators) in dominators.into_iter().enumerate() {
                let paths: Vec<_> = roots.iter().flat_map(|root| simple_paths(&graph, *root, state)).collect();
                let on_every_path = |one: &usize| paths.iter().all(|path| path.contains(one)) && !paths.is_empty();
                let expected: Vec<_> =
                    (0..graph.edges.len()).filter(|one| *one == state || on_every_path(one)).collect();
                beyond_the_trivial += usize::from(expected.len() > 2);
                assert_eq!(dominators, expected, "{graph:?} {roots:?} {state}");
            }
        }
    }
    assert!(beyond_the_trivial > 500, "the graphs are too simple: {beyond_the_trivial}");
}

#[test]
fn a_shortest_path_is_a_path_and_none_is_shorter() {
    for graph in graphs() {
        for (from, to) in (0..graph.edges.len()).flat_map(|from| (0..graph.edges.len()).map(move |to| (from, to))) {
            let shortest = simple_paths(&graph, from, to).iter().map(Vec::len).min();
            let found = graph.shortest_path(from, to);
            assert_eq!(found.as_ref().map(|path| path.states.len()), shortest, "{graph:?} {from} {to}");
            if let Some(Path { states, events }) = found {
                assert_eq!((states[0], states[states.len() - 1]), (from, to));
                assert_eq!(events.len(), states.len() - 1);
                for (step, event) in states.windows(2).zip(events) {
                    assert!(graph.edges[step[0]].contains(&(step[1], event)), "{graph:?} {step:?}");
                }
            }
        }
    }
}

#[test]
fn a_way_in_or_out_is_an_edge_between_two_states() {
    for graph in graphs() {
        for state in 0..graph.edges.len() {
            let others = || (0..graph.edges.len()).filter(|other| *other != state);
            let leads = |from: usize, to: usize| graph.edges[from].iter().any(|(target, _)| *target == to);
            assert_eq!(graph.has_way_out(state), others().any(|other| leads(state, other)));
            assert_eq!(graph.has_way_in(state), others().any(|other| leads(other, state)));
        }
    }
}
