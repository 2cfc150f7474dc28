use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid, fence = key, audit)]
#[transition(pay: Held => Paid, fence = version)]
#[transition(hold: Unpaid => Held)]
enum OrderStatus {
    Unpaid,
    Held,
    #[state(final)]
    Paid,
}

fn main() {}
