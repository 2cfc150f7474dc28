//! Whether the way or the end of it is wrong is not known, and so neither is what would follow from it.

use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Closed)]
#[transition(open: Closed => Opened)]
#[transition(close: Opened => Closed)]
enum Door {
    Closed,
    #[state(final)]
    Opened,
}

fn main() {}
