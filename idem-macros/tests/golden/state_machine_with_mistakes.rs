#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpayd)]
#[transition(pay: Unpaid -> Paid)]
#[transition(ship: Paid => Shiped, gaurd = has_address)]
enum OrderStatus {
    Unpaid,
    Paid,
    #[state(final)]
    Shipped,
}

// ---- becomes ----

::core::compile_error! {
    "expected `=>` between source and target"
}
::core::compile_error! {
    "unknown option `gaurd` of `#[transition]`\nhelp: did you mean `guard`?\nnote: options: `guard`, `guard_sql`, `audit`, `fence`, `reenter`, `allow`"
}
::core::compile_error! {
    "`OrderStatus` has no state `Unpayd`\nhelp: a state with a similar name exists: `Unpaid`\nnote: states of `OrderStatus`: `Unpaid`, `Paid`, `Shipped`"
}
::core::compile_error! {
    "`OrderStatus` has no state `Shiped`\nhelp: a state with a similar name exists: `Shipped`\nnote: states of `OrderStatus`: `Unpaid`, `Paid`, `Shipped`"
}
#[automatically_derived]
#[allow(
    dead_code,
    unreachable_patterns,
    reason = "not every function is used by everybody"
)]
impl OrderStatus {
    /// The state in which a new row is.
    const INITIAL: Self = Self::Unpaid;
    /// All states, as they are declared.
    const ALL: &'static [Self] = &[Self::Unpaid, Self::Paid, Self::Shipped];
    /// The machine as a Mermaid state diagram.
    const MERMAID: &'static ::core::primitive::str = "stateDiagram-v2\n    [*] --> Unpaid\n    Unpaid --> Paid: pay\n    Unpaid --> Unpaid: ship\n    Shipped --> [*]\n";
    /// The machine in the language of Graphviz.
    const DOT: &'static ::core::primitive::str = "digraph \"OrderStatus\" {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n    \"\" [shape=point];\n    \"Shipped\" [peripheries=2];\n    \"\" -> \"Unpaid\";\n    \"Unpaid\" -> \"Paid\" [label=\"pay\"];\n    \"Unpaid\" -> \"Unpaid\" [label=\"ship\"];\n}\n";
    /// What is stored for this state.
    #[must_use]
    const fn code(self) -> &'static ::core::primitive::str {
        match self {
            Self::Unpaid => "Unpaid",
            Self::Paid => "Paid",
            Self::Shipped => "Shipped",
        }
    }
    /// The state that is stored as `code`, aliases included.
    ///
    /// # Errors
    ///
    /// There is none; the error lists the codes that there are.
    fn from_code(
        code: &::core::primitive::str,
    ) -> ::core::result::Result<Self, ::idem::__private::machine::UnknownCode> {
        match code {
            "Unpaid" => ::core::result::Result::Ok(Self::Unpaid),
            "Paid" => ::core::result::Result::Ok(Self::Paid),
            "Shipped" => ::core::result::Result::Ok(Self::Shipped),
            _ => {
                ::core::result::Result::Err(
                    ::idem::__private::machine::UnknownCode::new(
                        "OrderStatus",
                        code,
                        &["Unpaid", "Paid", "Shipped"],
                    ),
                )
            }
        }
    }
    /// Whether nothing leaves this state.
    #[must_use]
    const fn is_final(self) -> ::core::primitive::bool {
        ::core::matches!(self, Self::Shipped)
    }
    /// Whether the event may fire here. Its guards are not asked.
    #[must_use]
    const fn can(self, event: OrderStatusEvent) -> ::core::primitive::bool {
        match event {
            OrderStatusEvent::Pay => ::core::matches!(self, Self::Unpaid),
            OrderStatusEvent::Ship => ::core::matches!(self, Self::Unpaid),
        }
    }
    /// Whether one transition leads from here to `state`.
    #[must_use]
    const fn can_transition_to(self, state: Self) -> ::core::primitive::bool {
        match self {
            Self::Unpaid => ::core::matches!(state, Self::Unpaid | Self::Paid),
            Self::Paid => false,
            Self::Shipped => false,
        }
    }
    /// The states that one transition leads to.
    #[must_use]
    const fn next_states(self) -> &'static [Self] {
        match self {
            Self::Unpaid => &[Self::Unpaid, Self::Paid],
            Self::Paid => &[],
            Self::Shipped => &[],
        }
    }
    /// The events that may fire here. Their guards are not asked.
    #[must_use]
    const fn events(self) -> &'static [OrderStatusEvent] {
        match self {
            Self::Unpaid => &[OrderStatusEvent::Pay, OrderStatusEvent::Ship],
            Self::Paid => &[],
            Self::Shipped => &[],
        }
    }
    /// Whether a row in this state must have been in `state`: every way here leads through it, from the initial state
    /// and from those that may be unreachable. A state has passed itself.
    #[must_use]
    const fn has_passed(self, state: Self) -> ::core::primitive::bool {
        match self {
            Self::Unpaid => ::core::matches!(state, Self::Unpaid),
            Self::Paid => ::core::matches!(state, Self::Unpaid | Self::Paid),
            Self::Shipped => ::core::matches!(state, Self::Shipped),
        }
    }
    /// The state that the event leads to from here, by the graph alone.
    ///
    /// # Errors
    ///
    /// The event cannot fire here, or its guards choose between several targets. The error lists what can fire.
    const fn apply(
        self,
        event: OrderStatusEvent,
    ) -> ::core::result::Result<
        Self,
        ::idem::__private::machine::IllegalTransition<Self>,
    > {
        match (self, event) {
            (Self::Unpaid, OrderStatusEvent::Pay) => {
                ::core::result::Result::Ok(Self::Paid)
            }
            (Self::Unpaid, OrderStatusEvent::Ship) => {
                ::core::result::Result::Ok(Self::Unpaid)
            }
            (state, event) => {
                ::core::result::Result::Err(
                    ::idem::__private::machine::IllegalTransition::new(
                        state,
                        event as ::core::primitive::usize,
                    ),
                )
            }
        }
    }
}
const _: () = ::idem::__private::machine::check_state::<OrderStatus>();
#[automatically_derived]
#[allow(unreachable_patterns, reason = "of a machine with mistakes, which are reported")]
impl ::idem::__private::machine::StateMachine for OrderStatus
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{
    type Event = OrderStatusEvent;
    const NAME: &'static ::core::primitive::str = "OrderStatus";
    const ALL: &'static [Self] = Self::ALL;
    const INITIAL: Self = Self::INITIAL;
    const MOVES: &'static [::idem::__private::machine::Move<Self>] = &[
        ::idem::__private::machine::Move {
            event: "pay",
            sources: &[OrderStatus::Unpaid],
            source_codes: &[::idem::__private::machine::Code::Text("Unpaid")],
            target: OrderStatus::Paid,
            target_code: ::idem::__private::machine::Code::Text("Paid"),
            guard: ::core::option::Option::None,
            guard_sql: ::core::option::Option::None,
        },
        ::idem::__private::machine::Move {
            event: "ship",
            sources: &[OrderStatus::Unpaid],
            source_codes: &[::idem::__private::machine::Code::Text("Unpaid")],
            target: OrderStatus::Unpaid,
            target_code: ::idem::__private::machine::Code::Text("Unpaid"),
            guard: ::core::option::Option::None,
            guard_sql: ::core::option::Option::None,
        },
    ];
    const STORE: ::idem::__private::machine::CodeType = ::idem::__private::machine::CodeType::Text;
    const ALIASES: &'static [(
        ::idem::__private::machine::Code,
        ::idem::__private::machine::Code,
    )] = &[];
    const NEEDS_VERSION: ::core::option::Option<&'static ::core::primitive::str> = ::core::option::Option::None;
    const NEEDS_AUDIT: ::core::option::Option<&'static ::core::primitive::str> = ::core::option::Option::None;
    fn name(self) -> &'static ::core::primitive::str {
        match self {
            Self::Unpaid => "Unpaid",
            Self::Paid => "Paid",
            Self::Shipped => "Shipped",
        }
    }
    fn code(self) -> ::idem::__private::machine::Code {
        match self {
            Self::Unpaid => ::idem::__private::machine::Code::Text("Unpaid"),
            Self::Paid => ::idem::__private::machine::Code::Text("Paid"),
            Self::Shipped => ::idem::__private::machine::Code::Text("Shipped"),
        }
    }
    fn from_text(code: &::core::primitive::str) -> ::core::option::Option<Self> {
        Self::from_code(code).ok()
    }
    fn from_number(_: ::core::primitive::i64) -> ::core::option::Option<Self> {
        ::core::option::Option::None
    }
    fn events(self) -> &'static [OrderStatusEvent] {
        Self::events(self)
    }
    fn has_passed(self, state: Self) -> ::core::primitive::bool {
        Self::has_passed(self, state)
    }
}
///The events of `OrderStatus`, by name.
#[derive(
    ::core::fmt::Debug,
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::hash::Hash,
)]
enum OrderStatusEvent {
    ///`pay`: `Unpaid` => `Paid`
    Pay,
    ///`ship`: `Unpaid` => `Unpaid`
    Ship,
}
#[automatically_derived]
#[allow(dead_code, reason = "not every function is used by everybody")]
impl OrderStatusEvent {
    /// All events, in the order of their first transitions.
    const ALL: &'static [Self] = &[Self::Pay, Self::Ship];
    /// The name of the event, as it is declared.
    #[must_use]
    const fn name(self) -> &'static ::core::primitive::str {
        match self {
            Self::Pay => "pay",
            Self::Ship => "ship",
        }
    }
}
#[automatically_derived]
impl ::idem::__private::machine::MachineEvent for OrderStatusEvent
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{
    type Machine = OrderStatus;
    const ALL: &'static [Self] = Self::ALL;
    fn name(self) -> &'static ::core::primitive::str {
        Self::name(self)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for OrderStatusEvent {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.pad(Self::name(*self))
    }
}
#[automatically_derived]
impl ::core::str::FromStr for OrderStatusEvent
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{
    type Err = ::idem::__private::machine::UnknownEvent;
    fn from_str(
        name: &::core::primitive::str,
    ) -> ::core::result::Result<Self, ::idem::__private::machine::UnknownEvent> {
        ::idem::__private::machine::parse_event(name)
    }
}
#[automatically_derived]
impl ::idem::__private::machine::serde::Serialize for OrderStatusEvent {
    fn serialize<S: ::idem::__private::machine::serde::Serializer>(
        &self,
        serializer: S,
    ) -> ::core::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::name(*self))
    }
}
#[automatically_derived]
impl<'de> ::idem::__private::machine::serde::Deserialize<'de> for OrderStatusEvent
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{
    fn deserialize<D: ::idem::__private::machine::serde::Deserializer<'de>>(
        deserializer: D,
    ) -> ::core::result::Result<Self, D::Error> {
        ::idem::__private::machine::deserialize_event(deserializer)
    }
}
///The events of `OrderStatus` as types, and its states in [`state`].
#[allow(
    dead_code,
    non_camel_case_types,
    reason = "not every type is used by everybody, and names are the user's"
)]
mod order_status {
    ///`pay`: `Unpaid` => `Paid`
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub(super) struct Pay;
    ///`ship`: `Unpaid` => `Unpaid`
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub(super) struct Ship;
    ///The states of `OrderStatus` as types.
    pub(super) mod state {
        ///The state `Unpaid`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub(in super::super) struct Unpaid;
        #[automatically_derived]
        impl Unpaid {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub(in super::super) const fn to<S: super::after::Unpaid>(
                self,
                state: S,
            ) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub(in super::super) const fn on<E: super::fires_in::Unpaid>(
                self,
                _: E,
            ) -> E::Next {
                E::NEXT
            }
        }
        ///The state `Paid`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub(in super::super) struct Paid;
        #[automatically_derived]
        impl Paid {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub(in super::super) const fn to<S: super::after::Paid>(
                self,
                state: S,
            ) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub(in super::super) const fn on<E: super::fires_in::Paid>(
                self,
                _: E,
            ) -> E::Next {
                E::NEXT
            }
        }
        ///The state `Shipped`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub(in super::super) struct Shipped;
        #[automatically_derived]
        impl Shipped {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub(in super::super) const fn to<S: super::after::Shipped>(
                self,
                state: S,
            ) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub(in super::super) const fn on<E: super::fires_in::Shipped>(
                self,
                _: E,
            ) -> E::Next {
                E::NEXT
            }
        }
    }
    /// Per state, the states that may follow it.
    pub(super) mod after {
        ///What may follow `Unpaid`.
        #[diagnostic::on_unimplemented(
            message = "`OrderStatus` cannot go from `Unpaid` to `{Self}`",
            label = "not a legal next state of `Unpaid`",
            note = "legal next states of `Unpaid`: `Unpaid`, `Paid`"
        )]
        pub(in super::super) trait Unpaid: ::core::marker::Copy {}
        #[automatically_derived]
        impl Unpaid for super::state::Unpaid {}
        #[automatically_derived]
        impl Unpaid for super::state::Paid {}
        ///What may follow `Paid`.
        #[diagnostic::on_unimplemented(
            message = "`OrderStatus` cannot go from `Paid` to `{Self}`",
            label = "not a legal next state of `Paid`",
            note = "legal next states of `Paid`: none"
        )]
        pub(in super::super) trait Paid: ::core::marker::Copy {}
        ///What may follow `Shipped`.
        #[diagnostic::on_unimplemented(
            message = "`OrderStatus` cannot go from `Shipped` to `{Self}`",
            label = "not a legal next state of `Shipped`",
            note = "legal next states of `Shipped`: none"
        )]
        pub(in super::super) trait Shipped: ::core::marker::Copy {}
    }
    /// Per state, the events that fire in it.
    pub(super) mod fires_in {
        ///What fires in `Unpaid`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Unpaid`",
            label = "does not leave `Unpaid`",
            note = "legal in `Unpaid`: `pay`, `ship`"
        )]
        pub(in super::super) trait Unpaid: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        #[automatically_derived]
        impl Unpaid for super::Pay {
            type Next = super::state::Paid;
            const NEXT: Self::Next = super::state::Paid;
        }
        #[automatically_derived]
        impl Unpaid for super::Ship {
            type Next = super::state::Unpaid;
            const NEXT: Self::Next = super::state::Unpaid;
        }
        ///What fires in `Paid`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Paid`",
            label = "does not leave `Paid`",
            note = "legal in `Paid`: none",
            note = "`pay` leaves: `Unpaid`",
            note = "`ship` leaves: `Unpaid`"
        )]
        pub(in super::super) trait Paid: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        ///What fires in `Shipped`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Shipped`",
            label = "does not leave `Shipped`",
            note = "legal in `Shipped`: none",
            note = "`pay` leaves: `Unpaid`",
            note = "`ship` leaves: `Unpaid`"
        )]
        pub(in super::super) trait Shipped: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
    }
}
#[automatically_derived]
impl ::idem::__private::machine::Event for order_status::Pay
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{
    type Machine = OrderStatus;
    type Audit = ::idem::__private::machine::Unaudited;
    type Fence = ::idem::__private::machine::Unfenced;
    const EVENT: <OrderStatus as ::idem::__private::machine::StateMachine>::Event = OrderStatusEvent::Pay;
    const NAME: &'static ::core::primitive::str = "pay";
    const MOVES: &'static [::idem::__private::machine::Move<OrderStatus>] = ::idem::__private::machine::moves_of(
        <OrderStatus as ::idem::__private::machine::StateMachine>::MOVES,
        0,
        1,
    );
}
#[automatically_derived]
impl ::idem::__private::machine::FiresById for order_status::Pay
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{}
#[automatically_derived]
impl<T: ?::core::marker::Sized> ::idem::__private::machine::FiresOn<T>
for order_status::Pay
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{}
#[automatically_derived]
impl ::idem::__private::machine::Event for order_status::Ship
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{
    type Machine = OrderStatus;
    type Audit = ::idem::__private::machine::Unaudited;
    type Fence = ::idem::__private::machine::Unfenced;
    const EVENT: <OrderStatus as ::idem::__private::machine::StateMachine>::Event = OrderStatusEvent::Ship;
    const NAME: &'static ::core::primitive::str = "ship";
    const MOVES: &'static [::idem::__private::machine::Move<OrderStatus>] = ::idem::__private::machine::moves_of(
        <OrderStatus as ::idem::__private::machine::StateMachine>::MOVES,
        1,
        1,
    );
}
#[automatically_derived]
impl ::idem::__private::machine::FiresById for order_status::Ship
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{}
#[automatically_derived]
impl<T: ?::core::marker::Sized> ::idem::__private::machine::FiresOn<T>
for order_status::Ship
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{}
::idem::__private::state_column! {
    OrderStatus
}
