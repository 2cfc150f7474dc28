//! Entities, with what the derives would write of them, and their tables.

mod order;
mod ticket;
mod rule;
mod note;
mod tables;

use idem_sqlx::entity::{Column, Role};

pub(crate) use note::Note;
pub(crate) use order::Order;
pub(crate) use rule::Rule;
pub(crate) use tables::{MYSQL, POSTGRES, SQLITE};
pub(crate) use ticket::Ticket;

const fn column(name: &'static str, role: Role) -> Column {
    Column { name, role }
}

/// The first of these fields that differs.
macro_rules! first_difference {
    ($one:expr, $other:expr; $($field:ident)*) => {{
        $(if $one.$field != $other.$field {
            return Some(stringify!($field));
        })*
        None
    }};
}
use first_difference;
