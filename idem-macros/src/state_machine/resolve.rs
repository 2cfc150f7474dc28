//! Names become states and events. What names nothing is reported and left out.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

use super::arrow::Sources;
use super::codes;
use super::item::Item;
use super::machine::{Event, Machine, Move, Source, State, identifier};
use super::suggest;
use super::transition::{Fence, Transition};
use crate::case::Case;
use crate::errors::Errors;

impl Machine {
    /// Makes sense of the enum.
    pub(crate) fn resolve(errors: &mut Errors, item: &Item) -> Self {
        let before = errors.count();
        let initial = initial(errors, item);
        let mut events: Vec<Event> = Vec::new();
        for transition in &item.transitions {
            let resolved = resolve_move(errors, item, transition);
            let event = event_of(errors, &mut events, &transition.arrow.event);
            merge(errors, event, transition);
            event.moves.extend(resolved);
        }
        let is_whole = item.is_whole && initial.is_some() && !events.is_empty() && errors.count() == before;
        let initial = initial.unwrap_or(0);
        // An event of which nothing is left stays, as one that does nothing, for what names it.
        for event in events.iter_mut().filter(|event| event.moves.is_empty()) {
            event.moves.push(Move::nowhere(initial));
        }
        let (store, codes) = codes::codes(errors, item);
        Self {
            name: item.name.clone(),
            visibility: item.visibility.clone(),
            root: item.container.root.clone(),
            entity: item.container.entity.clone(),
            is_strict: item.container.is_strict,
            store,
            states: states(item, codes),
            initial,
            events,
            has_gaps: !item.left_out.is_empty(),
            is_column: !item.has_sqlx_derive,
            is_whole,
        }
    }
}

fn states(item: &Item, codes: Vec<codes::StateCodes>) -> Vec<State> {
    let state = |(state, codes): (&super::item::DeclaredState, codes::StateCodes)| State {
        name: state.name.clone(),
        is_final: state.options.is_final.is_set(),
        may_be_unreachable: state.options.allow_unreachable.is_set(),
        code: codes.code,
        aliases: codes.aliases,
    };
    item.states.iter().zip(codes).map(state).collect()
}

fn initial(errors: &mut Errors, item: &Item) -> Option<usize> {
    item.container.initial.as_ref().and_then(|name| find(errors, item, name))
}

fn find(errors: &mut Errors, item: &Item, name: &Ident) -> Option<usize> {
    let found = item.states.iter().position(|state| state.name.unraw() == name.unraw());
    if found.is_none() && !item.left_out.contains(name) {
        let states: Vec<_> = item.states.iter().map(|state| state.name.unraw().to_string()).collect();
        suggest::no_such_state(errors, &item.name, name, &states);
    }
    found
}

fn resolve_move(errors: &mut Errors, item: &Item, transition: &Transition) -> Option<Move> {
    let arrow = &transition.arrow;
    let target = find(errors, item, &arrow.target);
    let sources = match &arrow.sources {
        Sources::All(underscore) => all_but(errors, item, target?, *underscore),
        Sources::Listed(names) => listed(errors, item, names),
    };
    Some(Move {
        sources: sources?,
        target: target?,
        target_span: arrow.target.span(),
        guard: transition.guard.clone(),
        guard_sql: transition.guard_sql.clone(),
        reenter: transition.reenter.clone(),
        tokens: arrow.tokens.clone(),
    })
}

fn all_but(errors: &mut Errors, item: &Item, target: usize, span: Span) -> Option<Vec<Source>> {
    let states = item.states.iter().enumerate();
    let sources = states.filter(|(index, state)| *index != target && !state.options.is_final.is_set());
    let sources: Vec<_> = sources.map(|(state, _)| Source { state, span }).collect();
    if sources.is_empty() {
        errors.at(span, "`_` means every state that is not final, but the target, and there is none");
    }
    (!sources.is_empty()).then_some(sources)
}

fn listed(errors: &mut Errors, item: &Item, names: &[Ident]) -> Option<Vec<Source>> {
    let mut sources: Vec<Source> = Vec::new();
    let mut is_known = true;
    for name in names {
        let Some(state) = find(errors, item, name) else {
            is_known = false;
            continue;
        };
        if sources.iter().any(|source| source.state == state) {
            errors.on(name, format_args!("source state `{}` is listed twice", name.unraw()));
        } else {
            sources.push(Source { state, span: name.span() });
        }
    }
    is_known.then_some(sources)
}

fn event_of<'a>(errors: &mut Errors, events: &'a mut Vec<Event>, name: &Ident) -> &'a mut Event {
    let known = events.iter().position(|event| event.name.unraw() == name.unraw());
    let index = known.unwrap_or_else(|| {
        let type_name = type_name(errors, events, name);
        events.push(Event {
            name: name.clone(),
            type_name,
            moves: Vec::new(),
            audit: None,
            fence: None,
            may_refire: false,
        });
        events.len() - 1
    });
    &mut events[index]
}

/// The name of the type of an event: one that no other has, even if that is reported.
fn type_name(errors: &mut Errors, events: &[Event], name: &Ident) -> Ident {
    let mut type_name = Case::Pascal.apply(&name.unraw().to_string());
    let shown = name.unraw();
    if let Some(first) = events.iter().find(|event| event.type_name.unraw() == type_name) {
        let first = first.shown();
        errors.on(
            name,
            format_args!("events `{first}` and `{shown}` would have one type: `{type_name}`\nhelp: rename one of them"),
        );
    } else if type_name == "Self" {
        errors.on(name, format_args!("event `{shown}` would have the type `Self`\nhelp: rename the event"));
    }
    while type_name == "Self" || events.iter().any(|event| event.type_name.unraw() == type_name) {
        type_name.push('_');
    }
    identifier(&type_name, name.span())
}

/// What one transition says about its event holds for all of the event's.
fn merge(errors: &mut Errors, event: &mut Event, transition: &Transition) {
    if let (Some(first), Some(second)) = (&event.fence, &transition.fence)
        && !Fence::is_like(first, second)
    {
        let name = event.name.unraw();
        let (first, second) = (first.word(), second.word());
        errors.on(second, format_args!("event `{name}` has two fences: `{first}` and `{second}`"));
    }
    event.audit = event.audit.take().or_else(|| transition.audit.clone());
    event.fence = event.fence.take().or_else(|| transition.fence.clone());
    event.may_refire |= transition.allow_refire.is_some();
}

impl Move {
    fn nowhere(state: usize) -> Self {
        let span = Span::call_site();
        Self {
            sources: vec![Source { state, span }],
            target: state,
            target_span: span,
            guard: None,
            guard_sql: None,
            reenter: None,
            tokens: proc_macro2::TokenStream::new(),
        }
    }
}
