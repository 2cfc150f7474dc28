//! The graph of a machine: what can be reached, and what must have been passed.
//!
//! Machines have a few states, so each algorithm is the one that is easiest to see through. The tests compare them with the
//! definitions, on random graphs.

use std::collections::VecDeque;

/// States by their index, and the labelled edges between them.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    /// Per state the edges that leave it: where to, and by which event.
    edges: Vec<Vec<(usize, usize)>>,
}

/// A way from one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    /// All states on the way, the first and the last included.
    pub(crate) states: Vec<usize>,
    /// The event of each step.
    pub(crate) events: Vec<usize>,
}

impl Graph {
    /// A graph of so many states, with edges `(from, to, event)`.
    pub(crate) fn new(states: usize, edges: impl IntoIterator<Item = (usize, usize, usize)>) -> Self {
        let mut graph = Self { edges: vec![Vec::new(); states] };
        for (from, to, event) in edges {
            graph.edges[from].push((to, event));
        }
        graph
    }

    /// Whether an edge leaves the state for another one.
    pub(crate) fn has_way_out(&self, state: usize) -> bool {
        self.edges[state].iter().any(|(to, _)| *to != state)
    }

    /// Whether an edge of another state leads to the state.
    pub(crate) fn has_way_in(&self, state: usize) -> bool {
        (0..self.edges.len()).any(|from| from != state && self.edges[from].iter().any(|(to, _)| *to == state))
    }

    /// Per state whether it can be reached from one of `roots` without entering `without`.
    pub(crate) fn reachable(&self, roots: &[usize], without: Option<usize>) -> Vec<bool> {
        let mut seen = vec![false; self.edges.len()];
        let mut next: Vec<usize> = roots.iter().copied().filter(|root| Some(*root) != without).collect();
        while let Some(state) = next.pop() {
            if !std::mem::replace(&mut seen[state], true) {
                next.extend(self.edges[state].iter().map(|(to, _)| *to).filter(|to| Some(*to) != without));
            }
        }
        seen
    }

    /// Per state those that every way to it from the roots leads through, itself included: its dominators. A state that
    /// cannot be reached has itself alone.
    ///
    /// By the definition: `b` dominates `a` if `a` is out of reach without `b`.
    pub(crate) fn dominators(&self, roots: &[usize]) -> Vec<Vec<usize>> {
        let reachable = self.reachable(roots, None);
        let without: Vec<_> = (0..self.edges.len()).map(|state| self.reachable(roots, Some(state))).collect();
        let dominates = |one: usize, other: usize| one == other || reachable[other] && !without[one][other];
        (0..self.edges.len())
            .map(|state| (0..self.edges.len()).filter(|one| dominates(*one, state)).collect())
            .collect()
    }

    /// A shortest way, of no steps if `from` is `to`.
    pub(crate) fn shortest_path(&self, from: usize, to: usize) -> Option<Path> {
        let mut came: Vec<Option<(usize, usize)>> = vec![None; self.edges.len()];
        let mut next = VecDeque::from([from]);
        while let Some(state) = next.pop_front() {
            if state == to {
                return Some(Self::retraced(&came, from, to));
            }
            for (target, event) in &self.edges[state] {
                if *target != from && came[*target].is_none() {
                    came[*target] = Some((state, *event));
                    next.push_back(*target);
                }
            }
        }
        None
    }

    fn retraced(came: &[Option<(usize, usize)>], from: usize, to: usize) -> Path {
        let mut path = Path { states: vec![to], events: Vec::new() };
        let mut state = to;
        while state != from {
            let Some((before, event)) = came[state] else { break };
            path.states.push(before);
            path.events.push(event);
            state = before;
        }
        path.states.reverse();
        path.events.reverse();
        path
    }
}

#[cfg(test)]
mod tests;
