//! `#[derive(StateMachine)]`: parse, resolve, check, expand.

mod item;

mod value;
mod container;
mod state;
mod transition;
mod arrow;
mod guard_sql;
mod suggest;

mod machine;
mod resolve;
mod codes;
mod spelling;
mod number;
mod graph;
mod diagram;

mod check;
mod expand;

use proc_macro2::TokenStream;

use crate::errors::Errors;
use item::Item;
use machine::Machine;

/// What one use of the derive becomes: the machine, and the mistakes beside it.
///
/// A wrong machine is expanded as well, as far as it is understood, so that its uses get no second error.
pub(crate) fn state_machine(item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let machine = Item::parse(&mut errors, item).map(|item| {
        let machine = Machine::resolve(&mut errors, &item);
        check::check(&mut errors, &machine, &item);
        machine
    });
    let mut tokens = errors.into_compile_errors();
    tokens.extend(machine.as_ref().map(expand::expand));
    tokens
}
