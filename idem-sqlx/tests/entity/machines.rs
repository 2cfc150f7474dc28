//! The machines of the sample entities: what the derive would write of them.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::fmt;
use std::str::FromStr;

use idem_core::machine::{
    Audited, ByKey, ByVersion, Code, CodeType, Event, FiresById, FiresOn, GuardError, MachineEvent, Move, StateMachine,
    Unaudited, Unfenced, UnknownEvent, deserialize_event, parse_event, serde,
};
use idem_sqlx::state_column;

use super::order::Order;

const fn only(texts: &[&'static str]) -> Option<&'static str> {
    if texts.is_empty() { None } else { Some(texts[0]) }
}

/// Writes what `#[derive(StateMachine)]` writes, of what a test says in the same order.
macro_rules! machine {
    (
        $machine:ident, $event_enum:ident, $module:ident, $store:ident;
        states: $initial:ident = $initial_code:expr $(, $state:ident = $code:expr)*;
        passed: $($later:ident after $($earlier:ident)|+),*;
        $(event $event:ident $name:literal, $audit:ident, $fence:ident:
            $([$($source:ident)|+ => $target:ident $(if $guard:literal)? $(guarded by $rust:literal)?])+;)+
    ) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $machine { $initial $(, $state)* }
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum $event_enum { $($event),+ }
        pub(crate) mod $module { $(#[derive(Debug, Clone, Copy)] pub(crate) struct $event;)+ }

        impl $machine {
            pub(crate) const fn stored(self) -> Code {
                match self { Self::$initial => $initial_code, $(Self::$state => $code),* }
            }
        }
        impl StateMachine for $machine {
            type Event = $event_enum;
            const NAME: &'static str = stringify!($machine);
            const ALL: &'static [Self] = &[Self::$initial $(, Self::$state)*];
            const INITIAL: Self = Self::$initial;
            const MOVES: &'static [Move<Self>] = &[];
            const STORE: CodeType = CodeType::$store;
            const NEEDS_VERSION: Option<&'static str> = None;
            const NEEDS_AUDIT: Option<&'static str> = None;
            const ALIASES: &'static [(Code, Code)] = &[];
            fn name(self) -> &'static str {
                match self { Self::$initial => stringify!($initial), $(Self::$state => stringify!($state)),* }
            }
            fn code(self) -> Code { self.stored() }
            fn from_text(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.stored() == match state.stored() {
                    Code::Text(known) if known == code => Code::Text(known),
                    _ => Code::Number(i64::MIN),
                })
            }
            fn from_number(code: i64) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.stored() == Code::Number(code))
            }
            fn events(self) -> &'static [$event_enum] {
                $event_enum::LEGAL.iter().find(|(state, _)| *state == self).map_or(&[], |(_, events)| events)
            }
            fn has_passed(self, state: Self) -> bool {
                let passed: &[(Self, &[Self])] = &[$((Self::$later, &[$(Self::$earlier),+])),*];
                self == state || passed.iter().any(|(later, earlier)| *later == self && earlier.contains(&state))
            }
        }
        impl MachineEvent for $event_enum {
            type Machine = $machine;
            const ALL: &'static [Self] = &[$(Self::$event),+];
            fn name(self) -> &'static str { match self { $(Self::$event => $name),+ } }
        }
        impl fmt::Display for $event_enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.name()) }
        }
        impl FromStr for $event_enum {
            type Err = UnknownEvent;
            fn from_str(name: &str) -> Result<Self, UnknownEvent> { parse_event(name) }
        }
        impl serde::Serialize for $event_enum {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
        impl<'de> serde::Deserialize<'de> for $event_enum {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_event(deserializer)
            }
        }
        $(impl Event for $module::$event {
            type Machine = $machine;
            type Audit = $audit;
            type Fence = $fence;
            const EVENT: $event_enum = $event_enum::$event;
            const NAME: &'static str = $name;
            const MOVES: &'static [Move<$machine>] = &[$(Move {
                event: $name,
                sources: &[$($machine::$source),+],
                source_codes: &[$($machine::$source.stored()),+],
                target: $machine::$target,
                target_code: $machine::$target.stored(),
                guard: only(&[$($rust)?]),
                guard_sql: only(&[$($guard)?]),
            }),+];
        })+
        state_column! { $machine }
    };
}

machine! {
    OrderStatus, OrderStatusEvent, order_status, Text;
    states: Unpaid = Code::Text("unpaid"), Held = Code::Text("held"), Paid = Code::Text("paid"),
        Shipped = Code::Text("shipped"), Cancelled = Code::Text("cancelled");
    passed: Held after Unpaid, Paid after Unpaid, Shipped after Unpaid | Paid, Cancelled after Unpaid;
    event Pay "pay", Unaudited, Unfenced: [Unpaid => Paid];
    event Ship "ship", Unaudited, Unfenced: [Paid => Shipped guarded by "has_address"];
    event Cancel "cancel", Audited, Unfenced: [Unpaid | Paid => Cancelled];
    event Review "review", Unaudited, Unfenced: [Unpaid => Held if "total > 1000"] [Unpaid => Paid];
    event Release "release", Unaudited, Unfenced: [Held => Paid if "total < 5000"];
    event Abandon "abandon", Unaudited, Unfenced: [Unpaid | Held => Cancelled];
    event Settle "settle", Audited, Unfenced: [Unpaid => Held if "total > 1000"] [Unpaid | Held => Paid];
}

impl OrderStatusEvent {
    const LEGAL: &'static [(OrderStatus, &'static [Self])] = &[
        (OrderStatus::Unpaid, &[Self::Pay, Self::Cancel, Self::Review, Self::Abandon, Self::Settle]),
        (OrderStatus::Held, &[Self::Release, Self::Abandon, Self::Settle]),
        (OrderStatus::Paid, &[Self::Ship, Self::Cancel]),
    ];
}

impl FiresOn<Order> for order_status::Ship {
    fn check(order: &Order, _index_of_move: usize) -> Result<(), GuardError> {
        order.address.as_ref().map(drop).ok_or(GuardError::new("the order has no address"))
    }
}

/// Those without a Rust guard.
macro_rules! unguarded {
    ($($module:ident::{$($event:ident),+})+) => {$($(
        impl FiresById for $module::$event {}
        impl<T> FiresOn<T> for $module::$event {}
    )+)+};
}
unguarded! {
    order_status::{Pay, Cancel, Review, Release, Abandon, Settle}
    door::{Open, Close, Knock, Swing}
    lamp::{On, Off}
}

// Goes round: what is open is closed, and what is closed is opened.
machine! {
    Door, DoorEvent, door, Text;
    states: Closed = Code::Text("closed"), Opened = Code::Text("open");
    passed: Opened after Closed;
    event Open "open", Audited, ByKey: [Closed => Opened];
    event Close "close", Audited, ByKey: [Opened => Closed];
    event Swing "swing", Unaudited, ByVersion: [Closed => Opened];
    event Knock "knock", Unaudited, ByVersion: [Closed => Closed];
}

impl DoorEvent {
    const LEGAL: &'static [(Door, &'static [Self])] =
        &[(Door::Closed, &[Self::Open, Self::Swing, Self::Knock]), (Door::Opened, &[Self::Close])];
}

machine! {
    Lamp, LampEvent, lamp, Int16;
    states: Dark = Code::Number(-1), Bright = Code::Number(300);
    passed: Bright after Dark;
    event On "on", Audited, ByKey: [Dark => Bright];
    event Off "off", Audited, ByKey: [Bright => Dark];
}

impl LampEvent {
    const LEGAL: &'static [(Lamp, &'static [Self])] = &[(Lamp::Dark, &[Self::On]), (Lamp::Bright, &[Self::Off])];
}
