//! The trait, for what knows the enum as a type parameter.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;

use super::moves::for_each_state;
use super::tokens::{code, enumeration, event_enum, is_state, library, option, ours, state, states};
use crate::state_machine::machine::{Event, Machine, Move, Store};
use crate::state_machine::transition::Fence;

// Output:
//     const _: () = ::idem::__private::machine::check_state::<OrderStatus>();
//     impl ::idem::__private::machine::StateMachine for OrderStatus
//     where
//         for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
//     {
//         type Event = OrderStatusEvent;
//         CONSTANTS
//         fn name(self) -> &'static str { match self { Self::Unpaid => "Unpaid", … } }
//         fn code(self) -> ::idem::__private::machine::Code { match self { … } }
//         FROM_TEXT FROM_NUMBER
//         fn events(self) -> &'static [OrderStatusEvent] { Self::events(self) }
//         fn has_passed(self, state: Self) -> bool { Self::has_passed(self, state) }
//     }
pub(super) fn trait_impl(machine: &Machine) -> TokenStream {
    let library = library(machine);
    let (name, events) = (enumeration(machine), event_enum(machine));
    let constants = constants(machine);
    let state_name = for_each_state(machine, |state| machine.shown(state).into_token_stream());
    let stored = for_each_state(machine, |state| code(&library, &machine.states[state].code));
    let readers = readers(machine);
    let is_state = is_state(machine);
    quote_spanned! {ours()=>
        const _: () = #library::check_state::<#name>();
        #[automatically_derived]
        #[allow(unreachable_patterns, reason = "of a machine with mistakes, which are reported")]
        impl #library::StateMachine for #name
        where
            #is_state,
        {
            type Event = #events;
            #constants
            fn name(self) -> &'static ::core::primitive::str {
                #state_name
            }
            fn code(self) -> #library::Code {
                #stored
            }
            #readers
            fn events(self) -> &'static [#events] {
                Self::events(self)
            }
            fn has_passed(self, state: Self) -> ::core::primitive::bool {
                Self::has_passed(self, state)
            }
        }
    }
}

// Output:
//     const NAME: &'static str = "OrderStatus";
//     const ALL: &'static [Self] = Self::ALL;
//     const INITIAL: Self = Self::INITIAL;
//     const MOVES: &'static [::idem::__private::machine::Move<Self>] = &[MOVE, …];
//     const STORE: ::idem::__private::machine::CodeType = ::idem::__private::machine::CodeType::Text;
//     const ALIASES: &'static [(::idem::__private::machine::Code, ::idem::__private::machine::Code)] = &[];
//     const NEEDS_VERSION: ::core::option::Option<&'static str> = ::core::option::Option::None;
//     const NEEDS_AUDIT: ::core::option::Option<&'static str> = ::core::option::Option::None;
//
// The inherent constants have precedence, so that nothing names itself.
fn constants(machine: &Machine) -> TokenStream {
    let library = library(machine);
    let name = machine.name.unraw().to_string();
    let moves = machine.events.iter().flat_map(|event| event.moves.iter().map(move |one| (event, one)));
    let moves = moves.map(|(event, one)| of_move(machine, event, one));
    let store = match machine.store {
        Store::Text => quote_spanned!(ours()=> Text),
        Store::Int16 => quote_spanned!(ours()=> Int16),
        Store::Int32 => quote_spanned!(ours()=> Int32),
    };
    let aliases = machine.states.iter().flat_map(|state| {
        let written = code(&library, &state.code);
        let of_state = state.aliases.iter().map(|alias| code(&library, alias));
        of_state.map(|alias| quote_spanned!(ours()=> (#alias, #written))).collect::<Vec<_>>()
    });
    let fenced = |event: &&Event| matches!(event.fence, Some(Fence::Version(_)));
    let because = |event: &Event, why: &str| format!("`{name}::{}` {why}", event.shown()).into_token_stream();
    let version = machine.events.iter().find(fenced).map(|event| because(event, "is fenced by version"));
    let audited = |event: &&Event| event.audit.is_some();
    let audit = machine.events.iter().find(audited).map(|event| because(event, "writes an audit row"));
    let (version, audit) = (option(version), option(audit));
    quote_spanned! {ours()=>
        const NAME: &'static ::core::primitive::str = #name;
        const ALL: &'static [Self] = Self::ALL;
        const INITIAL: Self = Self::INITIAL;
        const MOVES: &'static [#library::Move<Self>] = &[#(#moves),*];
        const STORE: #library::CodeType = #library::CodeType::#store;
        const ALIASES: &'static [(#library::Code, #library::Code)] = &[#(#aliases),*];
        const NEEDS_VERSION: ::core::option::Option<&'static ::core::primitive::str> = #version;
        const NEEDS_AUDIT: ::core::option::Option<&'static ::core::primitive::str> = #audit;
    }
}

// Output:
//     ::idem::__private::machine::Move {
//         event: "pay",
//         sources: &[OrderStatus::Unpaid],
//         source_codes: &[::idem::__private::machine::Code::Text("unpaid")],
//         target: OrderStatus::Paid,
//         target_code: ::idem::__private::machine::Code::Text("paid"),
//         guard: ::core::option::Option::None,
//         guard_sql: ::core::option::Option::None,
//     }
fn of_move(machine: &Machine, event: &Event, one: &Move) -> TokenStream {
    let library = library(machine);
    let name = enumeration(machine);
    let event = event.shown();
    let sources = one.sources.iter().map(|source| source.state);
    let stored = sources.clone().flat_map(|source| {
        let source = &machine.states[source];
        std::iter::once(&source.code).chain(&source.aliases)
    });
    let source_codes = stored.map(|stored| code(&library, stored));
    let sources = states(&name, machine, sources);
    let target = state(&name, machine, one.target);
    let target_code = code(&library, &machine.states[one.target].code);
    let path = one.guard.as_ref().map(|guard| guard.to_token_stream().to_string().replace(' ', ""));
    let guard = option(path.map(ToTokens::into_token_stream));
    let guard_sql = option(one.guard_sql.as_ref().map(|condition| condition.value().into_token_stream()));
    quote_spanned! {ours()=>
        #library::Move {
            event: #event,
            sources: &[#(#sources),*],
            source_codes: &[#(#source_codes),*],
            target: #target,
            target_code: #target_code,
            guard: #guard,
            guard_sql: #guard_sql,
        }
    }
}

// Output:
//     fn from_text(code: &str) -> ::core::option::Option<Self> { Self::from_code(code).ok() }
//     fn from_number(_: i64) -> ::core::option::Option<Self> { ::core::option::Option::None }
//
// Output with `store = "int16"`: the other way round.
fn readers(machine: &Machine) -> TokenStream {
    let parsed = quote_spanned!(ours()=> Self::from_code(code).ok());
    let nothing = option(None);
    let code = quote_spanned!(ours()=> code);
    let ignored = quote_spanned!(ours()=> _);
    let (text, from_text, number, from_number) = match machine.store {
        Store::Text => (&code, &parsed, &ignored, &nothing),
        Store::Int16 | Store::Int32 => (&ignored, &nothing, &code, &parsed),
    };
    quote_spanned! {ours()=>
        fn from_text(#text: &::core::primitive::str) -> ::core::option::Option<Self> {
            #from_text
        }
        fn from_number(#number: ::core::primitive::i64) -> ::core::option::Option<Self> {
            #from_number
        }
    }
}
