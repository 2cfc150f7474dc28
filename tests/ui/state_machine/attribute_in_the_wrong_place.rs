use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state(final)]
#[state_machine(initial = Unpaid)]
enum OrderStatus {
    #[transition(pay: Unpaid => Paid)]
    Unpaid,
    #[state_machine(strict)]
    #[state(final)]
    Paid,
}

fn main() {}
