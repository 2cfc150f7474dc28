use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid, gaurd = f)]
#[transition(hold: Unpaid => Held, outbox)]
#[transition(drop: Held => Paid, when = f)]
enum OrderStatus {
    Unpaid,
    Held,
    #[state(final)]
    Paid,
}

fn main() {}
