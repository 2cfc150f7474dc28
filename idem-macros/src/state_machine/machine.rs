//! The machine: what all that was written means.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{LitStr, Path, Type, Visibility};

use super::graph::Graph;
use super::transition::Fence;
use crate::case::Case;

/// A machine whose states and events are known by their index.
#[expect(clippy::struct_excessive_bools, reason = "they are facts that do not exclude each other")]
pub(crate) struct Machine {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) root: Path,
    pub(crate) entity: Option<Type>,
    pub(crate) is_strict: bool,
    pub(crate) store: Store,
    pub(crate) states: Vec<State>,
    pub(crate) initial: usize,
    pub(crate) events: Vec<Event>,
    /// Whether variants were left out, which was reported.
    pub(crate) has_gaps: bool,
    /// Whether the expansion implements sqlx's traits.
    pub(crate) is_column: bool,
    /// Whether it is what the user meant: rules about the graph would be noise otherwise.
    pub(crate) is_whole: bool,
}

/// A state. Two states never share a code or an alias.
pub(crate) struct State {
    pub(crate) name: Ident,
    pub(crate) is_final: bool,
    pub(crate) may_be_unreachable: bool,
    pub(crate) code: Code,
    pub(crate) aliases: Vec<Code>,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Code {
    Text(String),
    Number(i64),
}

/// The type of the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Text,
    Int16,
    Int32,
}

/// An event, with all of its transitions.
pub(crate) struct Event {
    pub(crate) name: Ident,
    /// The name of its variant and of its type.
    pub(crate) type_name: Ident,
    pub(crate) moves: Vec<Move>,
    pub(crate) audit: Option<Ident>,
    pub(crate) fence: Option<Fence>,
    pub(crate) may_refire: bool,
}

/// One transition.
pub(crate) struct Move {
    pub(crate) sources: Vec<Source>,
    pub(crate) target: usize,
    pub(crate) target_span: Span,
    pub(crate) guard: Option<Path>,
    pub(crate) guard_sql: Option<LitStr>,
    /// The word, if a repeat is meant to run.
    pub(crate) reenter: Option<Ident>,
    /// What is underlined when the whole transition is meant.
    pub(crate) tokens: proc_macro2::TokenStream,
}

/// A state that a transition leaves.
pub(crate) struct Source {
    pub(crate) state: usize,
    pub(crate) span: Span,
}

impl Machine {
    /// The states and the moves between them.
    pub(crate) fn graph(&self) -> Graph {
        let edges = self.events.iter().enumerate().flat_map(|(index, event)| {
            let edges =
                |one: &Move| one.sources.iter().map(|source| (source.state, one.target, index)).collect::<Vec<_>>();
            event.moves.iter().flat_map(edges).collect::<Vec<_>>()
        });
        Graph::new(self.states.len(), edges)
    }

    /// The states in which a row may come into being.
    pub(crate) fn roots(&self) -> Vec<usize> {
        let imported = self.states.iter().enumerate().filter(|(_, state)| state.may_be_unreachable);
        std::iter::once(self.initial).chain(imported.map(|(index, _)| index)).collect()
    }

    /// The name of the state, as it is shown.
    pub(crate) fn shown(&self, state: usize) -> String {
        self.states[state].shown()
    }

    /// The names of states on a way: `` `a` -> `b` ``.
    pub(crate) fn shown_way(&self, states: &[usize]) -> String {
        states.iter().map(|state| format!("`{}`", self.shown(*state))).collect::<Vec<_>>().join(" -> ")
    }

    /// The events that may fire in the state.
    pub(crate) fn events_in(&self, state: usize) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.targets(state).next().is_some())
    }

    /// The states that one transition leads to, in the order of their declaration.
    pub(crate) fn next_states(&self, state: usize) -> Vec<usize> {
        let mut next: Vec<usize> = self.events.iter().flat_map(|event| event.targets(state)).collect();
        next.sort_unstable();
        next.dedup();
        next
    }

    /// The name of the event enum.
    pub(crate) fn event_enum(&self) -> Ident {
        format_ident!("{}Event", self.name.unraw(), span = self.name.span())
    }

    /// The name of the module with the types of events and states.
    pub(crate) fn module(&self) -> Ident {
        module_name(&self.name)
    }
}

/// The name of the module that is generated beside the enum.
pub(crate) fn module_name(name: &Ident) -> Ident {
    identifier(&Case::Snake.apply(&name.unraw().to_string()), name.span())
}

/// An identifier, which is raw if it must be.
pub(crate) fn identifier(name: &str, span: Span) -> Ident {
    match syn::parse_str::<Ident>(name) {
        Ok(_) => Ident::new(name, span),
        Err(_) => Ident::new_raw(name, span),
    }
}

impl State {
    pub(crate) fn shown(&self) -> String {
        self.name.unraw().to_string()
    }
}

impl Event {
    pub(crate) fn shown(&self) -> String {
        self.name.unraw().to_string()
    }

    /// Where it may lead to from the state; a target is repeated if several transitions have it.
    pub(crate) fn targets(&self, state: usize) -> impl Iterator<Item = usize> {
        let moves = self.moves.iter().filter(move |one| one.sources.iter().any(|source| source.state == state));
        moves.map(|one| one.target)
    }

    /// Where it leads to from the state, without its guards being asked.
    pub(crate) fn target(&self, state: usize) -> Target {
        let mut targets = self.targets(state);
        match targets.next() {
            None => Target::None,
            Some(first) if targets.all(|other| other == first) => Target::One(first),
            Some(_) => Target::Guarded,
        }
    }

    /// The states in which it may fire, in the order of their declaration.
    pub(crate) fn sources(&self) -> Vec<usize> {
        let mut sources: Vec<usize> =
            self.moves.iter().flat_map(|one| one.sources.iter().map(|source| source.state)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }
}

/// Where an event leads to from a state.
pub(crate) enum Target {
    None,
    One(usize),
    /// Guards choose.
    Guarded,
}
