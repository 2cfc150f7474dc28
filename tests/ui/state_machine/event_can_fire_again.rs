use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[transition(reopen: Paid => Unpaid, fence = version)]
#[transition(ship: Paid => Shipped)]
enum OrderStatus {
    Unpaid,
    Paid,
    #[state(final)]
    Shipped,
}

fn main() {}
