use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, strict)]
#[transition(pay: Unpaid => Paid)]
#[transition(ship: Paid => Shipped)]
enum OrderStatus {
    Unpaid,
    Paid,
    Shipped,
}

fn main() {}
