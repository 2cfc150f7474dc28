use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, store = "int16")]
#[transition(pay: Unpaid => Paid)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
