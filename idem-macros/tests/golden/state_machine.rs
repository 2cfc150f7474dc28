#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, rename_all = "snake_case", entity = Order)]
#[transition(pay: Unpaid => Paid, fence = version)]
#[transition(ship: Paid => Shipped, guard = has_address)]
#[transition(cancel: Unpaid | Paid => Cancelled, audit, guard_sql = "total > 0")]
pub enum OrderStatus {
    Unpaid,
    Paid,
    #[state(final)]
    Shipped,
    #[state(final, code = "cancelled", alias = "canceled")]
    Cancelled,
}

// ---- becomes ----

#[automatically_derived]
#[allow(
    dead_code,
    unreachable_patterns,
    reason = "not every function is used by everybody"
)]
impl OrderStatus {
    /// The state in which a new row is.
    pub const INITIAL: Self = Self::Unpaid;
    /// All states, as they are declared.
    pub const ALL: &'static [Self] = &[
        Self::Unpaid,
        Self::Paid,
        Self::Shipped,
        Self::Cancelled,
    ];
    /// The machine as a Mermaid state diagram.
    pub const MERMAID: &'static ::core::primitive::str = "stateDiagram-v2\n    [*] --> Unpaid\n    Unpaid --> Paid: pay\n    Paid --> Shipped: ship [has_address]\n    Unpaid --> Cancelled: cancel [total > 0]\n    Paid --> Cancelled: cancel [total > 0]\n    Shipped --> [*]\n    Cancelled --> [*]\n";
    /// The machine in the language of Graphviz.
    pub const DOT: &'static ::core::primitive::str = "digraph \"OrderStatus\" {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n    \"\" [shape=point];\n    \"Shipped\" [peripheries=2];\n    \"Cancelled\" [peripheries=2];\n    \"\" -> \"Unpaid\";\n    \"Unpaid\" -> \"Paid\" [label=\"pay\"];\n    \"Paid\" -> \"Shipped\" [label=\"ship [has_address]\"];\n    \"Unpaid\" -> \"Cancelled\" [label=\"cancel [total > 0]\"];\n    \"Paid\" -> \"Cancelled\" [label=\"cancel [total > 0]\"];\n}\n";
    /// What is stored for this state.
    #[must_use]
    pub const fn code(self) -> &'static ::core::primitive::str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }
    /// The state that is stored as `code`, aliases included.
    ///
    /// # Errors
    ///
    /// There is none; the error lists the codes that there are.
    pub fn from_code(
        code: &::core::primitive::str,
    ) -> ::core::result::Result<Self, ::idem::__private::machine::UnknownCode> {
        match code {
            "unpaid" => ::core::result::Result::Ok(Self::Unpaid),
            "paid" => ::core::result::Result::Ok(Self::Paid),
            "shipped" => ::core::result::Result::Ok(Self::Shipped),
            "cancelled" | "canceled" => ::core::result::Result::Ok(Self::Cancelled),
            _ => {
                ::core::result::Result::Err(
                    ::idem::__private::machine::UnknownCode::new(
                        "OrderStatus",
                        code,
                        &["unpaid", "paid", "shipped", "cancelled"],
                    ),
                )
            }
        }
    }
    /// Whether nothing leaves this state.
    #[must_use]
    pub const fn is_final(self) -> ::core::primitive::bool {
        ::core::matches!(self, Self::Shipped | Self::Cancelled)
    }
    /// Whether the event may fire here. Its guards are not asked.
    #[must_use]
    pub const fn can(self, event: OrderStatusEvent) -> ::core::primitive::bool {
        match event {
            OrderStatusEvent::Pay => ::core::matches!(self, Self::Unpaid),
            OrderStatusEvent::Ship => ::core::matches!(self, Self::Paid),
            OrderStatusEvent::Cancel => ::core::matches!(self, Self::Unpaid | Self::Paid),
        }
    }
    /// Whether one transition leads from here to `state`.
    #[must_use]
    pub const fn can_transition_to(self, state: Self) -> ::core::primitive::bool {
        match self {
            Self::Unpaid => ::core::matches!(state, Self::Paid | Self::Cancelled),
            Self::Paid => ::core::matches!(state, Self::Shipped | Self::Cancelled),
            Self::Shipped => false,
            Self::Cancelled => false,
        }
    }
    /// The states that one transition leads to.
    #[must_use]
    pub const fn next_states(self) -> &'static [Self] {
        match self {
            Self::Unpaid => &[Self::Paid, Self::Cancelled],
            Self::Paid => &[Self::Shipped, Self::Cancelled],
            Self::Shipped => &[],
            Self::Cancelled => &[],
        }
    }
    /// The events that may fire here. Their guards are not asked.
    #[must_use]
    pub const fn events(self) -> &'static [OrderStatusEvent] {
        match self {
            Self::Unpaid => &[OrderStatusEvent::Pay, OrderStatusEvent::Cancel],
            Self::Paid => &[OrderStatusEvent::Ship, OrderStatusEvent::Cancel],
            Self::Shipped => &[],
            Self::Cancelled => &[],
        }
    }
    /// Whether a row in this state must have been in `state`: every way here leads through it, from the initial state
    /// and from those that may be unreachable. A state has passed itself.
    #[must_use]
    pub const fn has_passed(self, state: Self) -> ::core::primitive::bool {
        match self {
            Self::Unpaid => ::core::matches!(state, Self::Unpaid),
            Self::Paid => ::core::matches!(state, Self::Unpaid | Self::Paid),
            Self::Shipped => {
                ::core::matches!(state, Self::Unpaid | Self::Paid | Self::Shipped)
            }
            Self::Cancelled => ::core::matches!(state, Self::Unpaid | Self::Cancelled),
        }
    }
    /// The state that the event leads to from here, by the graph alone.
    ///
    /// # Errors
    ///
    /// The event cannot fire here, or its guards choose between several targets. The error lists what can fire.
    pub const fn apply(
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
            (Self::Paid, OrderStatusEvent::Ship) => {
                ::core::result::Result::Ok(Self::Shipped)
            }
            (Self::Unpaid, OrderStatusEvent::Cancel) => {
                ::core::result::Result::Ok(Self::Cancelled)
            }
            (Self::Paid, OrderStatusEvent::Cancel) => {
                ::core::result::Result::Ok(Self::Cancelled)
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
            source_codes: &[::idem::__private::machine::Code::Text("unpaid")],
            target: OrderStatus::Paid,
            target_code: ::idem::__private::machine::Code::Text("paid"),
            guard: ::core::option::Option::None,
            guard_sql: ::core::option::Option::None,
        },
        ::idem::__private::machine::Move {
            event: "ship",
            sources: &[OrderStatus::Paid],
            source_codes: &[::idem::__private::machine::Code::Text("paid")],
            target: OrderStatus::Shipped,
            target_code: ::idem::__private::machine::Code::Text("shipped"),
            guard: ::core::option::Option::Some("has_address"),
            guard_sql: ::core::option::Option::None,
        },
        ::idem::__private::machine::Move {
            event: "cancel",
            sources: &[OrderStatus::Unpaid, OrderStatus::Paid],
            source_codes: &[
                ::idem::__private::machine::Code::Text("unpaid"),
                ::idem::__private::machine::Code::Text("paid"),
            ],
            target: OrderStatus::Cancelled,
            target_code: ::idem::__private::machine::Code::Text("cancelled"),
            guard: ::core::option::Option::None,
            guard_sql: ::core::option::Option::Some("total > 0"),
        },
    ];
    const STORE: ::idem::__private::machine::CodeType = ::idem::__private::machine::CodeType::Text;
    const ALIASES: &'static [(
        ::idem::__private::machine::Code,
        ::idem::__private::machine::Code,
    )] = &[
        (
            ::idem::__private::machine::Code::Text("canceled"),
            ::idem::__private::machine::Code::Text("cancelled"),
        ),
    ];
    const NEEDS_VERSION: ::core::option::Option<&'static ::core::primitive::str> = ::core::option::Option::Some(
        "`OrderStatus::pay` is fenced by version",
    );
    const NEEDS_AUDIT: ::core::option::Option<&'static ::core::primitive::str> = ::core::option::Option::Some(
        "`OrderStatus::cancel` writes an audit row",
    );
    fn name(self) -> &'static ::core::primitive::str {
        match self {
            Self::Unpaid => "Unpaid",
            Self::Paid => "Paid",
            Self::Shipped => "Shipped",
            Self::Cancelled => "Cancelled",
        }
    }
    fn code(self) -> ::idem::__private::machine::Code {
        match self {
            Self::Unpaid => ::idem::__private::machine::Code::Text("unpaid"),
            Self::Paid => ::idem::__private::machine::Code::Text("paid"),
            Self::Shipped => ::idem::__private::machine::Code::Text("shipped"),
            Self::Cancelled => ::idem::__private::machine::Code::Text("cancelled"),
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
pub enum OrderStatusEvent {
    ///`pay`: `Unpaid` => `Paid`
    Pay,
    ///`ship`: `Paid` => `Shipped`
    Ship,
    ///`cancel`: `Unpaid` | `Paid` => `Cancelled`
    Cancel,
}
#[automatically_derived]
#[allow(dead_code, reason = "not every function is used by everybody")]
impl OrderStatusEvent {
    /// All events, in the order of their first transitions.
    pub const ALL: &'static [Self] = &[Self::Pay, Self::Ship, Self::Cancel];
    /// The name of the event, as it is declared.
    #[must_use]
    pub const fn name(self) -> &'static ::core::primitive::str {
        match self {
            Self::Pay => "pay",
            Self::Ship => "ship",
            Self::Cancel => "cancel",
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
pub mod order_status {
    ///`pay`: `Unpaid` => `Paid`
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub struct Pay;
    ///`ship`: `Paid` => `Shipped`
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub struct Ship;
    ///`cancel`: `Unpaid` | `Paid` => `Cancelled`
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub struct Cancel;
    ///The states of `OrderStatus` as types.
    pub mod state {
        ///The state `Unpaid`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub struct Unpaid;
        #[automatically_derived]
        impl Unpaid {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub const fn to<S: super::after::Unpaid>(self, state: S) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub const fn on<E: super::fires_in::Unpaid>(self, _: E) -> E::Next {
                E::NEXT
            }
        }
        ///The state `Paid`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub struct Paid;
        #[automatically_derived]
        impl Paid {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub const fn to<S: super::after::Paid>(self, state: S) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub const fn on<E: super::fires_in::Paid>(self, _: E) -> E::Next {
                E::NEXT
            }
        }
        ///The state `Shipped`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub struct Shipped;
        #[automatically_derived]
        impl Shipped {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub const fn to<S: super::after::Shipped>(self, state: S) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub const fn on<E: super::fires_in::Shipped>(self, _: E) -> E::Next {
                E::NEXT
            }
        }
        ///The state `Cancelled`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub struct Cancelled;
        #[automatically_derived]
        impl Cancelled {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub const fn to<S: super::after::Cancelled>(self, state: S) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub const fn on<E: super::fires_in::Cancelled>(self, _: E) -> E::Next {
                E::NEXT
            }
        }
    }
    /// Per state, the states that may follow it.
    pub mod after {
        ///What may follow `Unpaid`.
        #[diagnostic::on_unimplemented(
            message = "`OrderStatus` cannot go from `Unpaid` to `{Self}`",
            label = "not a legal next state of `Unpaid`",
            note = "legal next states of `Unpaid`: `Paid`, `Cancelled`",
            note = "shortest legal path: `Unpaid` -> `Paid` -> `Shipped`"
        )]
        pub trait Unpaid: ::core::marker::Copy {}
        #[automatically_derived]
        impl Unpaid for super::state::Paid {}
        #[automatically_derived]
        impl Unpaid for super::state::Cancelled {}
        ///What may follow `Paid`.
        #[diagnostic::on_unimplemented(
            message = "`OrderStatus` cannot go from `Paid` to `{Self}`",
            label = "not a legal next state of `Paid`",
            note = "legal next states of `Paid`: `Shipped`, `Cancelled`"
        )]
        pub trait Paid: ::core::marker::Copy {}
        #[automatically_derived]
        impl Paid for super::state::Shipped {}
        #[automatically_derived]
        impl Paid for super::state::Cancelled {}
        ///What may follow `Shipped`.
        #[diagnostic::on_unimplemented(
            message = "`OrderStatus` cannot go from `Shipped` to `{Self}`",
            label = "not a legal next state of `Shipped`",
            note = "legal next states of `Shipped`: none"
        )]
        pub trait Shipped: ::core::marker::Copy {}
        ///What may follow `Cancelled`.
        #[diagnostic::on_unimplemented(
            message = "`OrderStatus` cannot go from `Cancelled` to `{Self}`",
            label = "not a legal next state of `Cancelled`",
            note = "legal next states of `Cancelled`: none"
        )]
        pub trait Cancelled: ::core::marker::Copy {}
    }
    /// Per state, the events that fire in it.
    pub mod fires_in {
        ///What fires in `Unpaid`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Unpaid`",
            label = "does not leave `Unpaid`",
            note = "legal in `Unpaid`: `pay`, `cancel`",
            note = "`ship` leaves: `Paid`"
        )]
        pub trait Unpaid: ::core::marker::Copy {
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
        impl Unpaid for super::Cancel {
            type Next = super::state::Cancelled;
            const NEXT: Self::Next = super::state::Cancelled;
        }
        ///What fires in `Paid`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Paid`",
            label = "does not leave `Paid`",
            note = "legal in `Paid`: `ship`, `cancel`",
            note = "`pay` leaves: `Unpaid`"
        )]
        pub trait Paid: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        #[automatically_derived]
        impl Paid for super::Ship {
            type Next = super::state::Shipped;
            const NEXT: Self::Next = super::state::Shipped;
        }
        #[automatically_derived]
        impl Paid for super::Cancel {
            type Next = super::state::Cancelled;
            const NEXT: Self::Next = super::state::Cancelled;
        }
        ///What fires in `Shipped`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Shipped`",
            label = "does not leave `Shipped`",
            note = "legal in `Shipped`: none",
            note = "`pay` leaves: `Unpaid`",
            note = "`ship` leaves: `Paid`",
            note = "`cancel` leaves: `Unpaid`, `Paid`"
        )]
        pub trait Shipped: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        ///What fires in `Cancelled`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Cancelled`",
            label = "does not leave `Cancelled`",
            note = "legal in `Cancelled`: none",
            note = "`pay` leaves: `Unpaid`",
            note = "`ship` leaves: `Paid`",
            note = "`cancel` leaves: `Unpaid`, `Paid`"
        )]
        pub trait Cancelled: ::core::marker::Copy {
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
    type Fence = ::idem::__private::machine::ByVersion;
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
impl ::idem::__private::machine::FiresOn<Order> for order_status::Ship
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{
    fn check(
        entity: &Order,
        index_of_move: ::core::primitive::usize,
    ) -> ::core::result::Result<(), ::idem::__private::machine::GuardError> {
        match index_of_move {
            0 => ::idem::__private::machine::guard_answer(has_address(entity)),
            _ => ::core::result::Result::Ok(()),
        }
    }
}
#[automatically_derived]
impl ::idem::__private::machine::Event for order_status::Cancel
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{
    type Machine = OrderStatus;
    type Audit = ::idem::__private::machine::Audited;
    type Fence = ::idem::__private::machine::Unfenced;
    const EVENT: <OrderStatus as ::idem::__private::machine::StateMachine>::Event = OrderStatusEvent::Cancel;
    const NAME: &'static ::core::primitive::str = "cancel";
    const MOVES: &'static [::idem::__private::machine::Move<OrderStatus>] = ::idem::__private::machine::moves_of(
        <OrderStatus as ::idem::__private::machine::StateMachine>::MOVES,
        2,
        1,
    );
}
#[automatically_derived]
impl ::idem::__private::machine::FiresById for order_status::Cancel
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{}
#[automatically_derived]
impl<T: ?::core::marker::Sized> ::idem::__private::machine::FiresOn<T>
for order_status::Cancel
where
    for<'state> OrderStatus: ::idem::__private::machine::IsState<'state>,
{}
::idem::__private::state_column! {
    OrderStatus
}
