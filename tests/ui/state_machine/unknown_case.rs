use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, rename_all = "snakecase")]
#[transition(pay: Unpaid => Paid)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
