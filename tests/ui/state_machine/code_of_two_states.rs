use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, rename_all = "snake_case")]
#[transition(pay: Unpaid => Paid)]
#[transition(hold: Unpaid => Held)]
enum OrderStatus {
    Unpaid,
    #[state(final, code = "unpaid")]
    Paid,
    #[state(final, code = "UNPAID")]
    Held,
}

fn main() {}
