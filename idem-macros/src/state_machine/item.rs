//! The enum as it was written: its shape, and the attributes on it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Expr, Fields, ItemEnum, Variant, Visibility};

use super::container::Container;
use super::machine;
use super::state::StateOptions;
use super::transition::{self, Transition};
use crate::errors::Errors;

/// An enum of states, with its attributes read.
pub(crate) struct Item {
    pub(crate) name: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) container: Container,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) states: Vec<DeclaredState>,
    /// Variants that carry data, which was reported: they are left out, and so are transitions that name them.
    pub(crate) left_out: Vec<Ident>,
    /// Whether sqlx's own derive is there too, which was reported.
    pub(crate) has_sqlx_derive: bool,
    /// Whether all of the above is what the user meant. If not, the graph has holes, and rules about it would be noise.
    pub(crate) is_whole: bool,
}

/// A variant without data.
pub(crate) struct DeclaredState {
    pub(crate) name: Ident,
    pub(crate) options: StateOptions,
    pub(crate) discriminant: Option<Expr>,
}

impl Item {
    /// Reads the enum. `None` if nothing can be generated for it.
    pub(crate) fn parse(errors: &mut Errors, item: &TokenStream) -> Option<Self> {
        let item = enumeration(errors, item)?;
        let has_sqlx_derive = check_sqlx_attribute(errors, &item);
        let before = errors.count();
        check_places(errors, &item);
        let mut container = Container::parse(errors, &item.attrs);
        let mut transitions = transition::all(errors, &item.attrs);
        let states: Vec<_> = item.variants.iter().filter_map(|variant| state(errors, variant)).collect();
        if says_initial(&item) || states.iter().any(|state| state.options.is_initial) {
            container.initial.not_missing();
        }
        transitions.extend(misplaced(&item));
        check_generics(errors, &item);
        check_has_states(errors, &item);
        check_state_names(errors, &item.ident, &states);
        let is_usable = check_module_name(errors, &item.ident) && item.generics.params.is_empty() && !states.is_empty();
        let is_left_out = |variant: &&Variant| !matches!(variant.fields, Fields::Unit);
        let left_out = item.variants.iter().filter(is_left_out).map(|variant| variant.ident.clone()).collect();
        let (name, visibility) = (item.ident, item.vis);
        let is_whole = errors.count() == before;
        is_usable.then_some(Self {
            name,
            visibility,
            container,
            transitions,
            states,
            left_out,
            has_sqlx_derive,
            is_whole,
        })
    }
}

fn enumeration(errors: &mut Errors, item: &TokenStream) -> Option<ItemEnum> {
    const NO_ENUM: &str = "`StateMachine` can only be derived for an enum";
    match syn::parse2(item.clone()) {
        Ok(syn::Item::Enum(item)) => return Some(item),
        Ok(syn::Item::Struct(item)) => errors
            .on(&item.ident, format_args!("{NO_ENUM}\nhelp: for the entity that holds the state, derive `Versioned`")),
        Ok(syn::Item::Union(item)) => errors.on(&item.ident, NO_ENUM),
        Ok(_) => errors.at(Span::call_site(), NO_ENUM),
        Err(error) => errors.push(error),
    }
    None
}

/// Reads a variant; `None` if it carries data, which is reported.
fn state(errors: &mut Errors, variant: &Variant) -> Option<DeclaredState> {
    let options = StateOptions::parse(errors, variant);
    let name = &variant.ident;
    if !matches!(variant.fields, Fields::Unit) {
        errors.on(
            &variant.fields,
            format_args!(
                "state `{name}` carries data, but a state is stored in one column\nhelp: move the data to a field of the \
                 entity"
            ),
        );
        return None;
    }
    let discriminant = variant.discriminant.as_ref().map(|(_, value)| value.clone());
    Some(DeclaredState { name: name.clone(), options, discriminant })
}

fn check_generics(errors: &mut Errors, item: &ItemEnum) {
    if !item.generics.params.is_empty() {
        errors.on(&item.generics, "a state machine enum cannot be generic: its codes are fixed at compile time");
    }
}

fn check_has_states(errors: &mut Errors, item: &ItemEnum) {
    let name = &item.ident;
    if item.variants.is_empty() {
        errors.on(name, format_args!("`{name}` has no states\nhelp: add at least two variants"));
    }
}

/// The transitions above variants, which were reported, so that the events that they declare are not unknown as well.
fn misplaced(item: &ItemEnum) -> Vec<Transition> {
    let mut ignored = Errors::default();
    let is_state = |name: &Ident| item.variants.iter().any(|variant| variant.ident == *name);
    let on_variants = item.variants.iter().flat_map(|variant| transition::all(&mut ignored, &variant.attrs));
    on_variants.filter(|transition| transition.arrow.names().all(is_state)).collect()
}

/// Whether `#[state_machine(initial = …)]` stands above a variant, which was reported.
fn says_initial(item: &ItemEnum) -> bool {
    let mut ignored = Errors::default();
    item.variants.iter().any(|variant| Container::parse(&mut ignored, &variant.attrs).initial.is_set())
}

/// rustc accepts the attributes of a derive everywhere in the item, and nobody would read them there.
fn check_places(errors: &mut Errors, item: &ItemEnum) {
    for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("state")) {
        errors.on(&attribute.meta, "`#[state]` is about one state; write it above the variant");
    }
    for attribute in item.variants.iter().flat_map(|variant| &variant.attrs) {
        if let Some(name) = ["state_machine", "transition"].into_iter().find(|name| attribute.path().is_ident(name)) {
            errors.on(&attribute.meta, format_args!("`#[{name}]` is about the machine; write it above the enum"));
        }
    }
}

/// Whether there is one: then sqlx's derive is on the enum as well.
fn check_sqlx_attribute(errors: &mut Errors, item: &ItemEnum) -> bool {
    let before = errors.count();
    let on_variants = item.variants.iter().flat_map(|variant| &variant.attrs);
    let sqlx = item.attrs.iter().chain(on_variants).filter(|attribute| attribute.path().is_ident("sqlx"));
    for attribute in sqlx {
        let instead = match attribute.to_token_stream().to_string() {
            text if text.contains("rename_all") => "`#[state_machine(rename_all = \"…\")]`",
            text if text.contains("rename") => "`#[state(code = \"…\")]`",
            _ => "`#[state_machine(…)]`",
        };
        errors.on(
            attribute,
            format_args!(
                "`StateMachine` implements `sqlx::Type` itself\nhelp: move this to {instead} and drop `sqlx::Type` from \
                 the derive list"
            ),
        );
    }
    errors.count() > before
}

/// A variant would hide a constant of the same name.
fn check_state_names(errors: &mut Errors, name: &Ident, states: &[DeclaredState]) {
    for state in states.iter().map(|state| &state.name) {
        if ["ALL", "INITIAL", "MERMAID", "DOT"].iter().any(|constant| state == constant) {
            errors.on(
                state,
                format_args!(
                    "state `{state}` clashes with the generated constant `{name}::{state}`\nhelp: rename the state"
                ),
            );
        }
    }
}

/// Whether the module that is generated beside the enum has a name of its own.
fn check_module_name(errors: &mut Errors, name: &Ident) -> bool {
    let is_free = machine::module_name(name) != *name;
    if !is_free {
        errors.on(
            name,
            format_args!(
                "`{name}` clashes with the generated module `{name}`\nhelp: begin the name with a capital letter"
            ),
        );
    }
    is_free
}
