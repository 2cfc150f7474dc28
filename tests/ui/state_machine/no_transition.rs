use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
enum OrderStatus {
    Unpaid,
    Paid,
}

fn main() {}
