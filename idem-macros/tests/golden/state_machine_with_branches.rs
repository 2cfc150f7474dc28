#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = New, entity = crate::Application)]
#[transition(decide: New => Accepted, guard = crate::rules::is_good)]
#[transition(decide: New | Held => Rejected)]
#[transition(touch: Held => Held, reenter, allow(refire))]
enum Decision {
    New,
    Accepted,
    #[state(final)]
    Rejected,
    #[state(allow(unreachable))]
    Held,
}

// ---- becomes ----

#[automatically_derived]
#[allow(
    dead_code,
    unreachable_patterns,
    reason = "not every function is used by everybody"
)]
impl Decision {
    /// The state in which a new row is.
    const INITIAL: Self = Self::New;
    /// All states, as they are declared.
    const ALL: &'static [Self] = &[
        Self::New,
        Self::Accepted,
        Self::Rejected,
        Self::Held,
    ];
    /// The machine as a Mermaid state diagram.
    const MERMAID: &'static ::core::primitive::str = "stateDiagram-v2\n    [*] --> New\n    New --> Accepted: decide [crate::rules::is_good]\n    New --> Rejected: decide\n    Held --> Rejected: decide\n    Held --> Held: touch\n    Rejected --> [*]\n";
    /// The machine in the language of Graphviz.
    const DOT: &'static ::core::primitive::str = "digraph \"Decision\" {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n    \"\" [shape=point];\n    \"Rejected\" [peripheries=2];\n    \"\" -> \"New\";\n    \"New\" -> \"Accepted\" [label=\"decide [crate::rules::is_good]\"];\n    \"New\" -> \"Rejected\" [label=\"decide\"];\n    \"Held\" -> \"Rejected\" [label=\"decide\"];\n    \"Held\" -> \"Held\" [label=\"touch\"];\n}\n";
    /// What is stored for this state.
    #[must_use]
    const fn code(self) -> &'static ::core::primitive::str {
        match self {
            Self::New => "New",
            Self::Accepted => "Accepted",
            Self::Rejected => "Rejected",
            Self::Held => "Held",
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
            "New" => ::core::result::Result::Ok(Self::New),
            "Accepted" => ::core::result::Result::Ok(Self::Accepted),
            "Rejected" => ::core::result::Result::Ok(Self::Rejected),
            "Held" => ::core::result::Result::Ok(Self::Held),
            _ => {
                ::core::result::Result::Err(
                    ::idem::__private::machine::UnknownCode::new(
                        "Decision",
                        code,
                        &["New", "Accepted", "Rejected", "Held"],
                    ),
                )
            }
        }
    }
    /// Whether nothing leaves this state.
    #[must_use]
    const fn is_final(self) -> ::core::primitive::bool {
        ::core::matches!(self, Self::Rejected)
    }
    /// Whether the event may fire here. Its guards are not asked.
    #[must_use]
    const fn can(self, event: DecisionEvent) -> ::core::primitive::bool {
        match event {
            DecisionEvent::Decide => ::core::matches!(self, Self::New | Self::Held),
            DecisionEvent::Touch => ::core::matches!(self, Self::Held),
        }
    }
    /// Whether one transition leads from here to `state`.
    #[must_use]
    const fn can_transition_to(self, state: Self) -> ::core::primitive::bool {
        match self {
            Self::New => ::core::matches!(state, Self::Accepted | Self::Rejected),
            Self::Accepted => false,
            Self::Rejected => false,
            Self::Held => ::core::matches!(state, Self::Rejected | Self::Held),
        }
    }
    /// The states that one transition leads to.
    #[must_use]
    const fn next_states(self) -> &'static [Self] {
        match self {
            Self::New => &[Self::Accepted, Self::Rejected],
            Self::Accepted => &[],
            Self::Rejected => &[],
            Self::Held => &[Self::Rejected, Self::Held],
        }
    }
    /// The events that may fire here. Their guards are not asked.
    #[must_use]
    const fn events(self) -> &'static [DecisionEvent] {
        match self {
            Self::New => &[DecisionEvent::Decide],
            Self::Accepted => &[],
            Self::Rejected => &[],
            Self::Held => &[DecisionEvent::Decide, DecisionEvent::Touch],
        }
    }
    /// Whether a row in this state must have been in `state`: every way here leads through it, from the initial state
    /// and from those that may be unreachable. A state has passed itself.
    #[must_use]
    const fn has_passed(self, state: Self) -> ::core::primitive::bool {
        match self {
            Self::New => ::core::matches!(state, Self::New),
            Self::Accepted => ::core::matches!(state, Self::New | Self::Accepted),
            Self::Rejected => ::core::matches!(state, Self::Rejected),
            Self::Held => ::core::matches!(state, Self::Held),
        }
    }
    /// The state that the event leads to from here, by the graph alone.
    ///
    /// # Errors
    ///
    /// The event cannot fire here, or its guards choose between several targets. The error lists what can fire.
    const fn apply(
        self,
        event: DecisionEvent,
    ) -> ::core::result::Result<
        Self,
        ::idem::__private::machine::IllegalTransition<Self>,
    > {
        match (self, event) {
            (state @ Self::New, event @ DecisionEvent::Decide) => {
                ::core::result::Result::Err(
                    ::idem::__private::machine::IllegalTransition::guarded(
                        state,
                        event as ::core::primitive::usize,
                    ),
                )
            }
            (Self::Held, DecisionEvent::Decide) => {
                ::core::result::Result::Ok(Self::Rejected)
            }
            (Self::Held, DecisionEvent::Touch) => ::core::result::Result::Ok(Self::Held),
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
const _: () = ::idem::__private::machine::check_state::<Decision>();
#[automatically_derived]
#[allow(unreachable_patterns, reason = "of a machine with mistakes, which are reported")]
impl ::idem::__private::machine::StateMachine for Decision
where
    for<'state> Decision: ::idem::__private::machine::IsState<'state>,
{
    type Event = DecisionEvent;
    const NAME: &'static ::core::primitive::str = "Decision";
    const ALL: &'static [Self] = Self::ALL;
    const INITIAL: Self = Self::INITIAL;
    const MOVES: &'static [::idem::__private::machine::Move<Self>] = &[
        ::idem::__private::machine::Move {
            event: "decide",
            sources: &[Decision::New],
            source_codes: &[::idem::__private::machine::Code::Text("New")],
            target: Decision::Accepted,
            target_code: ::idem::__private::machine::Code::Text("Accepted"),
            guard: ::core::option::Option::Some("crate::rules::is_good"),
            guard_sql: ::core::option::Option::None,
        },
        ::idem::__private::machine::Move {
            event: "decide",
            sources: &[Decision::New, Decision::Held],
            source_codes: &[
                ::idem::__private::machine::Code::Text("New"),
                ::idem::__private::machine::Code::Text("Held"),
            ],
            target: Decision::Rejected,
            target_code: ::idem::__private::machine::Code::Text("Rejected"),
            guard: ::core::option::Option::None,
            guard_sql: ::core::option::Option::None,
        },
        ::idem::__private::machine::Move {
            event: "touch",
            sources: &[Decision::Held],
            source_codes: &[::idem::__private::machine::Code::Text("Held")],
            target: Decision::Held,
            target_code: ::idem::__private::machine::Code::Text("Held"),
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
            Self::New => "New",
            Self::Accepted => "Accepted",
            Self::Rejected => "Rejected",
            Self::Held => "Held",
        }
    }
    fn code(self) -> ::idem::__private::machine::Code {
        match self {
            Self::New => ::idem::__private::machine::Code::Text("New"),
            Self::Accepted => ::idem::__private::machine::Code::Text("Accepted"),
            Self::Rejected => ::idem::__private::machine::Code::Text("Rejected"),
            Self::Held => ::idem::__private::machine::Code::Text("Held"),
        }
    }
    fn from_text(code: &::core::primitive::str) -> ::core::option::Option<Self> {
        Self::from_code(code).ok()
    }
    fn from_number(_: ::core::primitive::i64) -> ::core::option::Option<Self> {
        ::core::option::Option::None
    }
    fn events(self) -> &'static [DecisionEvent] {
        Self::events(self)
    }
    fn has_passed(self, state: Self) -> ::core::primitive::bool {
        Self::has_passed(self, state)
    }
}
///The events of `Decision`, by name.
#[derive(
    ::core::fmt::Debug,
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::hash::Hash,
)]
enum DecisionEvent {
    ///`decide`: `New` => `Accepted`, `New` | `Held` => `Rejected`
    Decide,
    ///`touch`: `Held` => `Held`
    Touch,
}
#[automatically_derived]
#[allow(dead_code, reason = "not every function is used by everybody")]
impl DecisionEvent {
    /// All events, in the order of their first transitions.
    const ALL: &'static [Self] = &[Self::Decide, Self::Touch];
    /// The name of the event, as it is declared.
    #[must_use]
    const fn name(self) -> &'static ::core::primitive::str {
        match self {
            Self::Decide => "decide",
            Self::Touch => "touch",
        }
    }
}
#[automatically_derived]
impl ::idem::__private::machine::MachineEvent for DecisionEvent
where
    for<'state> Decision: ::idem::__private::machine::IsState<'state>,
{
    type Machine = Decision;
    const ALL: &'static [Self] = Self::ALL;
    fn name(self) -> &'static ::core::primitive::str {
        Self::name(self)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for DecisionEvent {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.pad(Self::name(*self))
    }
}
#[automatically_derived]
impl ::core::str::FromStr for DecisionEvent
where
    for<'state> Decision: ::idem::__private::machine::IsState<'state>,
{
    type Err = ::idem::__private::machine::UnknownEvent;
    fn from_str(
        name: &::core::primitive::str,
    ) -> ::core::result::Result<Self, ::idem::__private::machine::UnknownEvent> {
        ::idem::__private::machine::parse_event(name)
    }
}
#[automatically_derived]
impl ::idem::__private::machine::serde::Serialize for DecisionEvent {
    fn serialize<S: ::idem::__private::machine::serde::Serializer>(
        &self,
        serializer: S,
    ) -> ::core::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::name(*self))
    }
}
#[automatically_derived]
impl<'de> ::idem::__private::machine::serde::Deserialize<'de> for DecisionEvent
where
    for<'state> Decision: ::idem::__private::machine::IsState<'state>,
{
    fn deserialize<D: ::idem::__private::machine::serde::Deserializer<'de>>(
        deserializer: D,
    ) -> ::core::result::Result<Self, D::Error> {
        ::idem::__private::machine::deserialize_event(deserializer)
    }
}
///The events of `Decision` as types, and its states in [`state`].
#[allow(
    dead_code,
    non_camel_case_types,
    reason = "not every type is used by everybody, and names are the user's"
)]
mod decision {
    ///`decide`: `New` => `Accepted`, `New` | `Held` => `Rejected`
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub(super) struct Decide;
    ///`touch`: `Held` => `Held`
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    pub(super) struct Touch;
    ///The states of `Decision` as types.
    pub(super) mod state {
        ///The state `New`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub(in super::super) struct New;
        #[automatically_derived]
        impl New {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub(in super::super) const fn to<S: super::after::New>(self, state: S) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub(in super::super) const fn on<E: super::fires_in::New>(
                self,
                _: E,
            ) -> E::Next {
                E::NEXT
            }
        }
        ///The state `Accepted`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub(in super::super) struct Accepted;
        #[automatically_derived]
        impl Accepted {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub(in super::super) const fn to<S: super::after::Accepted>(
                self,
                state: S,
            ) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub(in super::super) const fn on<E: super::fires_in::Accepted>(
                self,
                _: E,
            ) -> E::Next {
                E::NEXT
            }
        }
        ///The state `Rejected`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub(in super::super) struct Rejected;
        #[automatically_derived]
        impl Rejected {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub(in super::super) const fn to<S: super::after::Rejected>(
                self,
                state: S,
            ) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub(in super::super) const fn on<E: super::fires_in::Rejected>(
                self,
                _: E,
            ) -> E::Next {
                E::NEXT
            }
        }
        ///The state `Held`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub(in super::super) struct Held;
        #[automatically_derived]
        impl Held {
            /// Goes to `state`, if a transition leads there.
            #[must_use]
            pub(in super::super) const fn to<S: super::after::Held>(
                self,
                state: S,
            ) -> S {
                state
            }
            /// Goes where the event leads to, which is `()` where its guards choose.
            #[must_use]
            pub(in super::super) const fn on<E: super::fires_in::Held>(
                self,
                _: E,
            ) -> E::Next {
                E::NEXT
            }
        }
    }
    /// Per state, the states that may follow it.
    pub(super) mod after {
        ///What may follow `New`.
        #[diagnostic::on_unimplemented(
            message = "`Decision` cannot go from `New` to `{Self}`",
            label = "not a legal next state of `New`",
            note = "legal next states of `New`: `Accepted`, `Rejected`"
        )]
        pub(in super::super) trait New: ::core::marker::Copy {}
        #[automatically_derived]
        impl New for super::state::Accepted {}
        #[automatically_derived]
        impl New for super::state::Rejected {}
        ///What may follow `Accepted`.
        #[diagnostic::on_unimplemented(
            message = "`Decision` cannot go from `Accepted` to `{Self}`",
            label = "not a legal next state of `Accepted`",
            note = "legal next states of `Accepted`: none"
        )]
        pub(in super::super) trait Accepted: ::core::marker::Copy {}
        ///What may follow `Rejected`.
        #[diagnostic::on_unimplemented(
            message = "`Decision` cannot go from `Rejected` to `{Self}`",
            label = "not a legal next state of `Rejected`",
            note = "legal next states of `Rejected`: none"
        )]
        pub(in super::super) trait Rejected: ::core::marker::Copy {}
        ///What may follow `Held`.
        #[diagnostic::on_unimplemented(
            message = "`Decision` cannot go from `Held` to `{Self}`",
            label = "not a legal next state of `Held`",
            note = "legal next states of `Held`: `Rejected`, `Held`"
        )]
        pub(in super::super) trait Held: ::core::marker::Copy {}
        #[automatically_derived]
        impl Held for super::state::Rejected {}
        #[automatically_derived]
        impl Held for super::state::Held {}
    }
    /// Per state, the events that fire in it.
    pub(super) mod fires_in {
        ///What fires in `New`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `New`",
            label = "does not leave `New`",
            note = "legal in `New`: `decide`",
            note = "`touch` leaves: `Held`"
        )]
        pub(in super::super) trait New: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        #[automatically_derived]
        impl New for super::Decide {
            type Next = ();
            const NEXT: Self::Next = ();
        }
        ///What fires in `Accepted`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Accepted`",
            label = "does not leave `Accepted`",
            note = "legal in `Accepted`: none",
            note = "`decide` leaves: `New`, `Held`",
            note = "`touch` leaves: `Held`"
        )]
        pub(in super::super) trait Accepted: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        ///What fires in `Rejected`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Rejected`",
            label = "does not leave `Rejected`",
            note = "legal in `Rejected`: none",
            note = "`decide` leaves: `New`, `Held`",
            note = "`touch` leaves: `Held`"
        )]
        pub(in super::super) trait Rejected: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        ///What fires in `Held`.
        #[diagnostic::on_unimplemented(
            message = "event `{Self}` cannot fire in `Held`",
            label = "does not leave `Held`",
            note = "legal in `Held`: `decide`, `touch`"
        )]
        pub(in super::super) trait Held: ::core::marker::Copy {
            /// The state that it leads to, or `()` where its guards choose.
            type Next;
            /// The same as a value.
            const NEXT: Self::Next;
        }
        #[automatically_derived]
        impl Held for super::Decide {
            type Next = super::state::Rejected;
            const NEXT: Self::Next = super::state::Rejected;
        }
        #[automatically_derived]
        impl Held for super::Touch {
            type Next = super::state::Held;
            const NEXT: Self::Next = super::state::Held;
        }
    }
}
#[automatically_derived]
impl ::idem::__private::machine::Event for decision::Decide
where
    for<'state> Decision: ::idem::__private::machine::IsState<'state>,
{
    type Machine = Decision;
    type Audit = ::idem::__private::machine::Unaudited;
    type Fence = ::idem::__private::machine::Unfenced;
    const EVENT: <Decision as ::idem::__private::machine::StateMachine>::Event = DecisionEvent::Decide;
    const NAME: &'static ::core::primitive::str = "decide";
    const MOVES: &'static [::idem::__private::machine::Move<Decision>] = ::idem::__private::machine::moves_of(
        <Decision as ::idem::__private::machine::StateMachine>::MOVES,
        0,
        2,
    );
}
#[automatically_derived]
impl ::idem::__private::machine::FiresOn<crate::Application> for decision::Decide
where
    for<'state> Decision: ::idem::__private::machine::IsState<'state>,
{
    fn check(
        entity: &crate::Application,
        index_of_move: ::core::primitive::usize,
    ) -> ::core::result::Result<(), ::idem::__private::machine::GuardError> {
        match index_of_move {
            0 => ::idem::__private::machine::guard_answer(crate::rules::is_good(entity)),
            _ => ::core::result::Result::Ok(()),
        }
    }
}
#[automatically_derived]
impl ::idem::__private::machine::Event for decision::Touch
where
    for<'state> Decision: ::idem::__private::machine::IsState<'state>,
{
    type Machine = Decision;
    type Audit = ::idem::__private::machine::Unaudited;
    type Fence = ::idem::__private::machine::Unfenced;
    const EVENT: <Decision as ::idem::__private::machine::StateMachine>::Event = DecisionEvent::Touch;
    const NAME: &'static ::core::primitive::str = "touch";
    const MOVES: &'static [::idem::__private::machine::Move<Decision>] = ::idem::__private::machine::moves_of(
        <Decision as ::idem::__private::machine::StateMachine>::MOVES,
        2,
        1,
    );
}
#[automatically_derived]
impl ::idem::__private::machine::FiresById for decision::Touch
where
    for<'state> Decision: ::idem::__private::machine::IsState<'state>,
{}
#[automatically_derived]
impl<T: ?::core::marker::Sized> ::idem::__private::machine::FiresOn<T>
for decision::Touch
where
    for<'state> Decision: ::idem::__private::machine::IsState<'state>,
{}
::idem::__private::state_column! {
    Decision
}
const _: () = {
    #[deprecated(
        note = "state `Accepted` has no outgoing transition\nhelp: mark it `#[state(final)]`, or add a transition from it"
    )]
    const WARNING: () = ();
    WARNING
};
