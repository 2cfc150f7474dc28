//! The expansion of `#[derive(Versioned)]` in hostile surroundings: shadowed names, no prelude, a renamed crate, raw
//! identifiers, macros, functions, and lints that are denied. It is tested by compiling, for every database that is on.
#![cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    future_incompatible,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    unused,
    absolute_paths_not_starting_with_crate,
    missing_docs,
    single_use_lifetimes,
    trivial_casts,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]
#![deny(clippy::shadow_unrelated, clippy::unwrap_used, clippy::wildcard_enum_match_arm)]
#![allow(dead_code, reason = "what is derived need not be used")]
#![allow(clippy::redundant_pub_crate, clippy::missing_const_for_fn, reason = "of the test itself")]

extern crate idem as payments;

/// Compiles if the entity can be stored in every database that is on.
fn is_stored_everywhere<T>()
where
    T: idem::Versioned,
    (): StoresEverywhere<T>,
{
}

trait StoresEverywhere<T> {}

#[cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
impl<T> StoresEverywhere<T> for () where
    T: idem::entity::Values<sqlx::Postgres> + idem::entity::Values<sqlx::MySql> + idem::entity::Values<sqlx::Sqlite>
{
}

#[cfg(all(feature = "sqlite", not(all(feature = "postgres", feature = "mysql"))))]
impl<T> StoresEverywhere<T> for () where T: idem::entity::Values<sqlx::Sqlite> {}

mod no_prelude {
    #![no_implicit_prelude]

    #[derive(::idem::Versioned, ::core::clone::Clone)]
    #[versioned(table = "orders", audit = "log")]
    pub(super) struct Order {
        #[versioned(id)]
        id: ::core::primitive::i64,
        #[versioned(tenant)]
        tenant: ::std::string::String,
        #[versioned(state)]
        status: super::Status,
        #[versioned(version)]
        version: ::core::primitive::i16,
        address: ::core::option::Option<::std::string::String>,
        #[versioned(soft_delete)]
        deleted: ::core::primitive::bool,
    }
}

/// Names that an expansion could mean, and does not.
mod shadowed {
    use idem::Versioned;

    struct Option;
    struct Result;
    struct Ok;
    struct Some;
    struct None;
    struct Clone;
    struct DB;
    struct Table;
    mod core {}
    mod std {}

    #[derive(Versioned, ::core::clone::Clone)]
    #[versioned(table = "orders")]
    pub(super) struct Order {
        #[versioned(id)]
        draft: i64,
        #[versioned(version)]
        arguments: i64,
        column: i32,
        address: bool,
    }
}

/// Raw identifiers, as names of everything that has one.
mod raw {
    use idem::Versioned;

    #[derive(Versioned, Clone)]
    #[versioned(table = "match")]
    pub(super) struct r#Match {
        #[versioned(id)]
        r#type: i64,
        #[versioned(version)]
        r#loop: i32,
        r#self_: i64,
        #[versioned(compare = r#same)]
        r#fn: i64,
    }

    fn r#same<T: PartialEq>(left: &T, right: &T) -> bool {
        left == right
    }
}

mod renamed {
    #[derive(payments::Versioned, Clone)]
    #[versioned(table = "orders", crate = payments)]
    pub(super) struct Order {
        #[versioned(id)]
        id: i64,
        #[versioned(version)]
        version: i64,
    }
}

/// What `macro_rules!` hands on is in groups that cannot be seen.
mod by_macro {
    macro_rules! entity {
        ($table:expr, $name:ident, $type:ty, $same:path) => {
            #[derive(idem::Versioned, Clone)]
            #[versioned(table = $table)]
            pub(super) struct $name {
                #[versioned(id)]
                id: $type,
                #[versioned(version)]
                version: $type,
                #[versioned(compare = $same)]
                data: $type,
            }
        };
    }

    fn same<T: PartialEq>(left: &T, right: &T) -> bool {
        left == right
    }

    entity!("orders", Order, i64, same);
}

/// Documented and public, where everything must be.
pub mod public {
    /// An order.
    #[derive(idem::Versioned, Debug, Clone)]
    #[versioned(table = "orders")]
    pub struct Order {
        /// The id.
        #[versioned(id)]
        pub id: i64,
        /// The state.
        #[versioned(state)]
        pub status: super::Status,
    }
}

/// A state.
#[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Open)]
#[transition(close: Open => Closed)]
pub enum Status {
    /// The first.
    Open,
    /// The last.
    #[state(final)]
    Closed,
}

#[test]
fn every_expansion_compiles_for_every_database_that_is_on() {
    is_stored_everywhere::<no_prelude::Order>();
    is_stored_everywhere::<shadowed::Order>();
    is_stored_everywhere::<raw::Match>();
    is_stored_everywhere::<renamed::Order>();
    is_stored_everywhere::<by_macro::Order>();
    is_stored_everywhere::<public::Order>();
}

#[test]
fn an_entity_inside_a_function_compiles() {
    #[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
    #[state_machine(initial = Open)]
    #[transition(close: Open => Closed)]
    enum Status {
        Open,
        #[state(final)]
        Closed,
    }

    #[derive(idem::Versioned, Clone)]
    #[versioned(table = "orders")]
    struct Order {
        #[versioned(id)]
        id: i64,
        #[versioned(state)]
        status: Status,
    }

    is_stored_everywhere::<Order>();
}

#[test]
fn a_raw_identifier_is_a_column_without_its_prefix() {
    use idem::Versioned as _;

    let names: Vec<_> = raw::Match::TABLE.columns.iter().map(|column| column.name).collect();
    assert_eq!(names, ["type", "loop", "self_", "fn"]);
}
