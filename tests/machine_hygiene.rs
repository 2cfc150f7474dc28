//! The expansion of `#[derive(StateMachine)]` in hostile surroundings: shadowed names, a renamed crate, raw
//! identifiers, macros, functions, and lints that are denied. Most of it is tested by compiling; all of it is run as well.
//! One file, although a long one: the lints are those of a crate.
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    future_incompatible,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    unused,
    absolute_paths_not_starting_with_crate,
    missing_docs,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
#![deny(
    clippy::default_numeric_fallback,
    clippy::items_after_statements,
    clippy::let_underscore_untyped,
    clippy::pattern_type_mismatch,
    clippy::ref_patterns,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]
#![allow(clippy::redundant_pub_crate, reason = "of the test itself")]

extern crate idem as machines;

use idem::machine::GuardError;

/// A machine that everybody may use.
#[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, entity = Order)]
#[transition(pay: Unpaid => Paid, guard = Order::is_covered)]
#[transition(Paid => Unpaid, fence = version)]
#[transition(pay: Held => Paid, audit, allow(refire))]
#[transition(Unpaid => Held, allow(refire))]
#[transition(close: _ => Closed, guard_sql = "total >= 0")]
pub enum OrderStatus {
    /// A new one.
    Unpaid,
    /// One that is paid.
    Paid,
    /// One that waits.
    Held,
    /// One that is over.
    #[state(final)]
    Closed,
}

/// The entity.
#[derive(Debug)]
pub struct Order {
    /// What is paid.
    pub paid: bool,
}

impl Order {
    fn is_covered(&self) -> Result<(), GuardError> {
        if self.paid { Ok(()) } else { Err("nothing is paid".into()) }
    }
}

mod shadowed {
    pub(super) struct Option;
    pub(super) struct Some;
    pub(super) struct Result;
    pub(super) struct Move;
    pub(super) struct Event;
    #[expect(non_camel_case_types, reason = "it is meant to be in the way")]
    pub(super) struct bool;
    #[expect(non_camel_case_types, reason = "it is meant to be in the way")]
    pub(super) struct str;
    #[expect(non_camel_case_types, reason = "it is meant to be in the way")]
    pub(super) struct usize;

    mod core {}
    mod std {}
    mod idem {}

    // States have names of the prelude, of our own parameters and of our own traits.
    #[derive(::idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
    #[state_machine(initial = None)]
    #[transition(ok: None => Ok)]
    #[transition(state: Ok => S)]
    #[transition(copy: S => Copy)]
    #[transition(err: _ => Err)]
    pub(super) enum State {
        None,
        Ok,
        S,
        #[state(final)]
        Copy,
        #[state(final)]
        Err,
    }

    pub(super) const fn names() -> (Option, Some, Result, Move, Event, bool, str, usize) {
        (Option, Some, Result, Move, Event, bool, str, usize)
    }
}

mod renamed_crate {
    #[derive(machines::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
    #[state_machine(initial = Open, crate = machines)]
    #[transition(close: Open => Closed)]
    pub(super) enum Door {
        Open,
        #[state(final)]
        Closed,
    }

    pub(super) mod reexported {
        pub(in super::super) use ::idem as library;
    }

    #[derive(reexported::library::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
    #[state_machine(initial = Open, crate = self::reexported::library)]
    #[transition(close: Open => Closed)]
    pub(super) enum Window {
        Open,
        #[state(final)]
        Closed,
    }
}

mod raw {
    #[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
    #[state_machine(initial = r#Try)]
    #[transition(r#type: r#Try => r#Yield)]
    #[transition(r#move: Yield => r#Box)]
    pub(super) enum r#Match {
        Try,
        r#Yield,
        #[state(final)]
        Box,
    }
}

mod lower_case {
    #[allow(non_camel_case_types, reason = "of somebody who likes it so")]
    #[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
    #[state_machine(initial = open)]
    #[transition(Close: open => closed)]
    pub(super) enum DoorStatus {
        open,
        #[state(final)]
        closed,
    }
}

mod visibilities {
    pub(crate) mod inner {
        #[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
        #[state_machine(initial = A)]
        #[transition(go: A => B)]
        pub(in crate::visibilities) enum Path {
            A,
            #[state(final)]
            B,
        }

        #[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
        #[state_machine(initial = A)]
        #[transition(go: A => B)]
        enum Itself {
            A,
            #[state(final)]
            B,
        }

        pub(crate) fn go() -> bool {
            Itself::A.apply(ItselfEvent::Go) == Ok(Itself::B)
        }
    }

    pub(super) fn go() -> bool {
        let _: inner::path::state::B = inner::path::state::A.on(inner::path::Go);
        inner::Path::A.can(inner::PathEvent::Go) && inner::go()
    }
}

mod in_macros {
    macro_rules! door {
        ($name:ident, $open:ident, $closed:ident, $event:ident, $entity:ty, $guard:path, $code:literal) => {
            #[derive($crate::machines::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
            #[state_machine(initial = $open, entity = $entity, crate = $crate::machines)]
            #[transition($event: $open => $closed, guard = $guard)]
            pub(super) enum $name {
                $open,
                #[state(final, code = $code)]
                $closed,
            }
        };
    }

    door!(Door, Open, Closed, close, super::Order, super::Order::is_covered, "shut");
}

mod conditional {
    // A derive sees what is left after `cfg`.
    #[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
    #[state_machine(initial = New)]
    #[transition(finish: New => Done)]
    #[cfg_attr(not(any()), transition(hold: New => Held))]
    #[cfg_attr(any(), transition(lose: New => Lost))]
    pub(super) enum Ticket {
        New,
        #[cfg(any())]
        Lost,
        #[cfg(not(any()))]
        #[cfg_attr(not(any()), state(final))]
        Held,
        #[state(final)]
        Done,
    }
}

#[test]
fn everything_runs() {
    assert_eq!(OrderStatus::Held.apply(OrderStatusEvent::Pay), Ok(OrderStatus::Paid));
    let check = <order_status::Pay as idem::machine::FiresOn<Order>>::check;
    assert!(check(&Order { paid: true }, 0).is_ok());
    assert!(check(&Order { paid: false }, 0).is_err());
    assert_eq!(shadowed::State::S.apply(shadowed::StateEvent::Copy), Ok(shadowed::State::Copy));
    let _: shadowed::state::state::Copy = shadowed::state::state::S.on(shadowed::state::Copy);
    let (_, _, _, _, _, _, _, _) = shadowed::names();
    assert!(renamed_crate::Door::Open.can(renamed_crate::DoorEvent::Close));
    assert!(renamed_crate::Window::Open.can(renamed_crate::WindowEvent::Close));
    assert_eq!(raw::Match::Yield.code(), "Yield");
    assert_eq!("type".parse(), Ok(raw::MatchEvent::Type));
    let _: raw::r#match::state::Box = raw::r#match::state::Yield.on(raw::r#match::Move);
    assert_eq!(
        lower_case::DoorStatus::open.apply(lower_case::DoorStatusEvent::Close),
        Ok(lower_case::DoorStatus::closed)
    );
    assert!(visibilities::go());
    assert_eq!(in_macros::Door::Closed.code(), "shut");
}

#[test]
fn an_enum_may_stand_in_a_function() {
    struct Local(bool);

    #[derive(idem::StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
    #[state_machine(initial = Open, entity = Local)]
    #[transition(close: Open => Closed, guard = is_free)]
    enum Door {
        Open,
        #[state(final)]
        Closed,
    }

    fn is_free(local: &Local) -> Result<(), GuardError> {
        if local.0 { Ok(()) } else { Err(GuardError::new("something is in the way")) }
    }

    let _: door::state::Closed = door::state::Open.on(door::Close);
    assert!(<door::Close as idem::machine::FiresOn<Local>>::check(&Local(true), 0).is_ok());
    assert!(<door::Close as idem::machine::FiresOn<Local>>::check(&Local(false), 0).is_err());
    assert_eq!(Door::Open.apply(DoorEvent::Close), Ok(Door::Closed));
}

#[test]
fn a_variant_that_is_configured_out_is_no_state() {
    use conditional::{Ticket, TicketEvent};
    assert_eq!(Ticket::ALL, [Ticket::New, Ticket::Held, Ticket::Done]);
    assert_eq!(TicketEvent::ALL, [TicketEvent::Finish, TicketEvent::Hold]);
}
