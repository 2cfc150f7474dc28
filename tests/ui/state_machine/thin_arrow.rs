use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid -> Paid)]
#[transition(hold: Unpaid, Paid)]
#[transition(ship: Unpaid)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
