use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, rename_all = "snake_case")]
#[transition(pay: Unpaid => Paid)]
#[transition(hold: Unpaid => Held)]
enum OrderStatus {
    #[state(alias = "Unpaid", alias = "unpaid")]
    Unpaid,
    #[state(final)]
    Paid,
    #[state(final, alias = "paid", alias = "hold")]
    Held,
}

fn main() {}
