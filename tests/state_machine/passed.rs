//! `has_passed` against the definition: the state is on every walk from the initial state.

use idem::StateMachine;

use crate::order::OrderStatus;

/// Declares machines whose graphs have shortcuts, cycles, diamonds and dead ends.
macro_rules! machines {
    ($($name:ident: $($from:ident => $to:ident $($reenter:ident)?),+;)+) => {$(
        #[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
        #[state_machine(initial = A)]
        $(#[transition($from => $to, allow(refire) $(, $reenter)?)])+
        enum $name {
            A,
            B,
            C,
            D,
            #[state(final)]
            E,
        }
    )+};
}

machines! {
    Line: A => B, B => C, C => D, D => E;
    Shortcut: A => B, B => C, C => D, D => E, A => D;
    Diamond: A => B, A => C, B => D, C => D, D => E;
    Cycle: A => B, B => C, C => B, C => D, D => A, D => E;
    TwoEnds: A => B, B => C, A => D, D => B, C => E, D => E;
    Loops: A => A reenter, A => B, B => B reenter, B => C, C => A, C => D, D => D reenter, D => E, B => E;
}

/// Whether every walk from the initial state to `to` enters `through`: nothing else is reached around it.
fn must_pass<M: StateMachine>(to: M, through: M, next: fn(M) -> &'static [M]) -> bool {
    let mut seen = Vec::new();
    let mut open = vec![M::INITIAL];
    while let Some(state) = open.pop() {
        if state != through && !seen.contains(&state) {
            seen.push(state);
            open.extend(next(state));
        }
    }
    to == through || !seen.contains(&to)
}

macro_rules! assert_passed {
    ($($machine:ident)+) => {$(
        for to in $machine::ALL {
            for through in $machine::ALL {
                let expected = must_pass(*to, *through, |state| state.next_states());
                let machine = stringify!($machine);
                assert_eq!(to.has_passed(*through), expected, "{machine}: from {to:?} through {through:?}");
                assert_eq!(StateMachine::has_passed(*to, *through), expected, "{machine}: {to:?} {through:?}");
            }
        }
    )+};
}

#[test]
fn a_state_has_passed_those_that_every_way_to_it_leads_through() {
    assert_passed!(Line Shortcut Diamond Cycle TwoEnds Loops OrderStatus);
}

#[test]
fn a_shipped_order_was_paid_and_a_cancelled_one_perhaps() {
    assert!(OrderStatus::InTransit.has_passed(OrderStatus::Paid));
    assert!(!OrderStatus::Cancelled.has_passed(OrderStatus::Paid));
    assert!(!OrderStatus::Paid.has_passed(OrderStatus::InTransit));
    assert!(OrderStatus::Paid.has_passed(OrderStatus::Paid));
}
