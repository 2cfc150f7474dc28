use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid | Held)]
#[transition(pay: Unpaid => _)]
#[transition(pay: _ | Unpaid => Paid)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
    #[state(final)]
    Held,
}

fn main() {}
