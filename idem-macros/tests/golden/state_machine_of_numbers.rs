#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Off, store = "int16", crate = my_crate::idem)]
#[transition(Off => r#On, allow(refire))]
#[transition(r#type: _ => Off, fence = key, audit)]
pub(super) enum r#Switch {
    Off = 0,
    r#On = -1,
}

// ---- becomes ----

#[automatically_derived]
#[allow(
    dead_code,
    unreachable_patterns,
    reason = "not every function is used by everybody"
)]
impl r#Switch {
    /// The state in which a new row is.
    pub(super) const INITIAL: Self = Self::Off;
    /// All states, as they are declared.
    pub(super) const ALL: &'static [Self] = &[Self::Off, Self::r#On];
    /// The machine as a Mermaid state diagram.
    pub(super) const MERMAID: &'static ::core::primitive::str = "stateDiagram-v2\n    [*] --> Off\n    Off --> On: to_on\n    On --> Off: type\n";
    /// The machine in the language of Graphviz.
    pub(super) const DOT: &'static ::core::primitive::str = "digraph \"Switch\" {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n    \"\" [shape=point];\n    \"\" -> \"Off\";\n    \"Off\" -> \"On\" [label=\"to_on\"];\n    \"On\" -> \"Off\" [label=\"type\"];\n}\n";
    /// What is stored for this state.
    #[must_use]
    pub(super) const fn code(self) -> ::core::primitive::i16 {
        match self {
            Self::Off => 0,
            Self::r#On => -1,
        }
    }
    /// The state that is stored as `code`, aliases included.
    ///
    /// # Errors
    ///
    /// There is none; the error lists the codes that there are.
    pub(super) fn from_code(
        code: ::core::primitive::i64,
    ) -> ::core::result::Result<Self, my_crate::idem::__private::machine::UnknownCode> {
        match code {
            0 => ::core::result::Result::Ok(Self::Off),
            -1 => ::core::result::Result::Ok(Self::r#On),
            _ => {
                ::core::result::Result::Err(
                    my_crate::idem::__private::machine::UnknownCode::new(
                        "Switch",
                        code,
                        &[0, -1],
                    ),
                )
            }
        }
    }
    /// Whether nothing leaves this state.
    #[must_use]
    pub(super) const fn is_final(self) -> ::core::primitive::bool {
        false
    }
    /// Whether the event may fire here. Its guards are not asked.
    #[must_use]
    pub(super) const fn can(self, event: SwitchEvent) -> ::core::primitive::bool {
        match event {
            SwitchEvent::ToOn => ::core::matches!(self, Self::Off),
            SwitchEvent::Type => ::core::matches!(self, Self::r#On),
        }
    }
    /// Whether one transition leads from here to `state`.
    #[must_use]
    pub(super) const fn can_transition_to(self, state: Self) -> ::core::primitive::bool {
        match self {
            Self::Off => ::core::matches!(state, Self::r#On),
            Self::r#On => ::core::matches!(state, Self::Off),
        }
    }
    /// The states that one transition leads to.
    #[must_use]
    pub(super) const fn next_states(self) -> &'static [Self] {
        match self {
            Self::Off => &[Self::r#On],
            Self::r#On => &[Self::Off],
        }
    }
    /// The events that may fire here. Their guards are not asked.
    #[must_use]
    pub(super) const fn events(self) -> &'static [SwitchEvent] {
        match self {
            Self::Off => &[SwitchEvent::ToOn],
            Self::r#On => &[SwitchEvent::Type],
        }
    }
    /// Whether a row in this state must have been in `state`: every way here leads through it, from the initial state
    /// and from those that may be unreachable. A state has passed itself.
    #[must_use]
    pub(super) const fn has_passed(self, state: Self) -> ::core::primitive::bool {
        match self {
            Self::Off => ::core::matches!(state, Self::Off),
            Self::r#On => ::core::matches!(state, Self::Off | Self::r#On),
        }
    }
    /// The state that the event leads to from here, by the graph alone.
    ///
    /// # Errors
    ///
    /// The event cannot fire here, or its guards choose between several targets. The error lists what can fire.
    pub(super) const fn apply(
        self,
        event: SwitchEvent,
    ) -> ::core::result::Result<
        Self,
        my_crate::idem::__private::machine::IllegalTransition<Self>,
    > {
        match (self, event) {
            (Self::Off, SwitchEvent::ToOn) => ::core::result::Result::Ok(Self::r#On),
            (Self::r#On, SwitchEvent::Type) => ::core::result::Result::Ok(Self::Off),
            (state, event) => {
                ::core::result::Result::Err(
                    my_crate::idem::__private::machine::IllegalTransition::new(
                        state,
                        event as ::core::primitive::usize,
                    ),
                )
            }
        }
    }
}
const _: () = my_crate::idem::__private::machine::check_state::<r#Switch>();
#[automatically_derived]
#[allow(unreachable_patterns, reason = "of a machine with mistakes, which are reported")]
impl my_crate::idem::__private::machine::StateMachine for r#Switch
where
    for<'state> r#Switch: my_crate::idem::__private::machine::IsState<'state>,
{
    type Event = SwitchEvent;
    const NAME: &'static ::core::primitive::str = "Switch";
    const ALL: &'static [Self] = Self::ALL;
    const INITIAL: Self = Self::INITIAL;
    const MOVES: &'static [my_crate::idem::__private::machine::Move<Self>] = &[
        my_crate::idem::__private::machine::Move {
            event: "to_on",
            sources: &[r#Switch::Off],
            source_codes: &[my_crate::idem::__private::machine::Code::Number(0)],
            target: r#Switch::r#On,
            target_code: my_crate::idem::__private::machine::Code::Number(-1),
            guard: ::core::option::Option::None,
            guard_sql: ::core::option::Option::None,
        },
        my_crate::idem::__private::machine::Move {
            event: "type",
            sources: &[r#Switch::r#On],
            source_codes: &[my_crate::idem::__private::machine::Code::Number(-1)],
            target: r#Switch::Off,
            target_code: my_crate::idem::__private::machine::Code::Number(0),
            guard: ::core::option::Option::None,
            guard_sql: ::core::option::Option::None,
        },
    ];
    const STORE: my_crate::idem::__private::machine::CodeType = my_crate::idem::__private::machine::CodeType::Int16;
    const ALIASES: &'static [(
        my_crate::idem::__private::machine::Code,
        my_crate::idem::__private::machine::Code,
    )] = &[];
    const NEEDS_VERSION: ::core::option::Option<&'static ::core::primitive::str> = ::core::option::Option::None;
    const NEEDS_AUDIT: ::core::option::Option<&'static ::core::primitive::str> = ::core::option::Option::Some(
        "`Switch::type` writes an audit row",
    );
    fn name(self) -> &'static ::core::primitive::str {
        match self {
            Self::Off => "Off",
            Self::r#On => "On",
        }
    }
    fn code(self) -> my_crate::idem::__private::machine::Code {
        match self {
            Self::Off => my_crate::idem::__private::machine::Code::Number(0),
            Self::r#On => my_crate::idem::__private::machine::Code::Number(-1),
        }
    }
    fn from_text(_: &::core::primitive::str) -> ::core::option::Option<Self> {
        ::core::option::Option::None
    }
    fn from_number(code: ::core::primitive::i64) -> ::core::option::Option<Self> {
        Self::from_code(code).ok()
    }
    fn events(self) -> &'static [SwitchEvent] {
        Self::events(self)
    }
    fn has_passed(self, state: Self) -> ::core::primitive::bool {
        Self::has_passed(self, state)
    }
}
///The events of `Switch`, by name.
#[derive(
    ::core::fmt::Debug,
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::hash::Hash,
)]
pub(super) enum SwitchEvent {
    ///`to_on`: `Off` => `On`
    ToOn,
    ///`type`: `On` => `Off`
    Type,
}
#[automatically_derived]
#[allow(dead_code, reason = "not every function is used by everybody")]
impl SwitchEvent {
    /// All events, in the order of their first transitions.
    pub(super) const ALL: &'static [Self] = &[Self::ToOn, Self::Type];
    /// The name of the event, as it is declared.
    #[must_use]
    pub(super) const fn name(self) -> &'static ::core::primitive::str {
        match self {
            Self::ToOn => "to_on",
            Self::Type => "type",
        }
    }
}
#[automatically_derived]
impl my_crate::idem::__private::machine::MachineEvent for SwitchEvent
where
    for<'state> r#Switch: my_crate::idem::__private::machine::IsState<'state>,
{
    type Machine = r#Switch;
    const ALL: &'static [Self] = Self::ALL;
    fn name(self) -> &'static ::core::primitive::str {
        Self::name(self)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for SwitchEvent {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.pad(Self::name(*self))
    }
}
#[automatically_derived]
impl ::core::str::FromStr for SwitchEvent
where
    for<'state> r#Switch: my_crate::idem::__private::machine::IsState<'state>,
{
    type Err = my_crate::idem::__private::machine::UnknownEvent;
    fn from_str(
        name: &::core::primitive::str,
    ) -> ::core::result::Result<Self, my_crate::idem::__private::machine::UnknownEvent> {
        my_crate::idem::__private::machine::parse_event(name)
    }
}
#[automatically_derived]
impl my_crate::idem::__private::machine::serde::Serialize for SwitchEvent {
    fn serialize<S: my_crate::idem::__private::machine::serde::Serializer>(
        &self,
        serializer: S,
    ) -> ::core::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::name(*self))
    }
}
#[automatically_derived]
impl<'de> my_crate::idem::__private::machine::serde::Deserialize<'de> for SwitchEvent
where
    for<'state> r#Switch: my_crate::idem::__private::machine::IsState<'state>,
{
    fn deserialize<D: my_crate::idem::__private::machine::serde::Deserializer<'de>>(
        deserializer: D,
    ) -> ::core::result::Result<Self, D::Error> {
        my_crate::idem::__private::machine::deserialize_event(deserializer)
    }
}
///The events of `Switch` as types, and its states in [`state`].
#[allow(
    dead_code,
    non_camel_case_types,
    reason = "not every type is used by everybody, and names are the user's"
)]
pub(super) mod switch {
    ///`to_on`: `Off` => `On`
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub(in super::super) struct ToOn;
    ///`type`: `On` => `Off`
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub(in super::super) struct Type;
    ///The states of `Switch` as types.
    pub(in super::super) mod state {
        ///The state `Off`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub(in super::super::super) struct Off;
        #[automatically_derived]
        impl Off {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub(in super::super::super) const fn to<S: super::after::Off>(
                self,
                state: S,
            ) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub(in super::super::super) const fn on<E: super::fires_in::Off>(
                self,
                _: E,
            ) -> E::Next {
                E::NEXT
            }
        }
        ///The state `On`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub(in super::super::super) struct r#On;
        #[automatically_derived]
        impl r#On {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub(in super::super::super) const fn to<S: super::after::r#On>(
                self,
                state: S,
            ) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub(in super::super::super) const fn on<E: super::fires_in::r#On>(
                self,
                _: E,
            ) -> E::Next {
                E::NEXT
            }
        }
    }
    /// Per state, the states that may follow it.
    pub(in super::super) mod after {
        ///What may follow `Off`.
        #[diagnostic::on_unimplemented(
            message = "`Switch` cannot go from `Off` to `{Self}`",
            label = "not a legal next state of `Off`",
            note = "legal next states of `Off`: `On`"
        )]
        pub(in super::super::super) trait Off: ::core::marker::Copy {}
        #[automatically_derived]
        impl Off for super::state::r#On {}
        ///What may follow `On`.
        #[diagnostic::on_unimplemented(
            message = "`Switch` cannot go from `On` to `{Self}`",
            label = "not a legal next state of `On`",
            note = "legal next states of `On`: `Off`"
        )]
        pub(in super::super::super) trait r#On: ::core::marker::Copy {}
        #[automatically_derived]
        impl r#On for super::state::Off {}
    }
    /// Per state, the events that fire in it.
    pub(in super::super) mod fires_in {
        ///What fires in `Off`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Off`",
            label = "does not leave `Off`",
            note = "legal in `Off`: `to_on`",
            note = "`type` leaves: `On`"
        )]
        pub(in super::super::super) trait Off: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        #[automatically_derived]
        impl Off for super::ToOn {
            type Next = super::state::r#On;
            const NEXT: Self::Next = super::state::r#On;
        }
        ///What fires in `On`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `On`",
            label = "does not leave `On`",
            note = "legal in `On`: `type`",
            note = "`to_on` leaves: `Off`"
        )]
        pub(in super::super::super) trait r#On: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        #[automatically_derived]
        impl r#On for super::Type {
            type Next = super::state::Off;
            const NEXT: Self::Next = super::state::Off;
        }
    }
}
#[automatically_derived]
impl my_crate::idem::__private::machine::Event for switch::ToOn
where
    for<'state> r#Switch: my_crate::idem::__private::machine::IsState<'state>,
{
    type Machine = r#Switch;
    type Audit = my_crate::idem::__private::machine::Unaudited;
    type Fence = my_crate::idem::__private::machine::Unfenced;
    const EVENT: <r#Switch as my_crate::idem::__private::machine::StateMachine>::Event = SwitchEvent::ToOn;
    const NAME: &'static ::core::primitive::str = "to_on";
    const MOVES: &'static [my_crate::idem::__private::machine::Move<r#Switch>] = my_crate::idem::__private::machine::moves_of(
        <r#Switch as my_crate::idem::__private::machine::StateMachine>::MOVES,
        0,
        1,
    );
}
#[automatically_derived]
impl my_crate::idem::__private::machine::FiresById for switch::ToOn
where
    for<'state> r#Switch: my_crate::idem::__private::machine::IsState<'state>,
{}
#[automatically_derived]
impl<T: ?::core::marker::Sized> my_crate::idem::__private::machine::FiresOn<T>
for switch::ToOn
where
    for<'state> r#Switch: my_crate::idem::__private::machine::IsState<'state>,
{}
#[automatically_derived]
impl my_crate::idem::__private::machine::Event for switch::Type
where
    for<'state> r#Switch: my_crate::idem::__private::machine::IsState<'state>,
{
    type Machine = r#Switch;
    type Audit = my_crate::idem::__private::machine::Audited;
    type Fence = my_crate::idem::__private::machine::ByKey;
    const EVENT: <r#Switch as my_crate::idem::__private::machine::StateMachine>::Event = SwitchEvent::Type;
    const NAME: &'static ::core::primitive::str = "type";
    const MOVES: &'static [my_crate::idem::__private::machine::Move<r#Switch>] = my_crate::idem::__private::machine::moves_of(
        <r#Switch as my_crate::idem::__private::machine::StateMachine>::MOVES,
        1,
        1,
    );
}
#[automatically_derived]
impl my_crate::idem::__private::machine::FiresById for switch::Type
where
    for<'state> r#Switch: my_crate::idem::__private::machine::IsState<'state>,
{}
#[automatically_derived]
impl<T: ?::core::marker::Sized> my_crate::idem::__private::machine::FiresOn<T>
for switch::Type
where
    for<'state> r#Switch: my_crate::idem::__private::machine::IsState<'state>,
{}
my_crate::idem::__private::state_column! {
    r#Switch
}
