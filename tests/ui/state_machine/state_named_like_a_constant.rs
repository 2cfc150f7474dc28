use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = INITIAL)]
#[transition(pay: INITIAL => Paid)]
enum OrderStatus {
    INITIAL,
    #[state(final)]
    Paid,
}

fn main() {}
