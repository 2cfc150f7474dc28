use idem::StateMachine;

const BASE: isize = 7;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, store = "int16", rename_all = "snake_case")]
#[transition(pay: Unpaid => Paid)]
#[transition(hold: Unpaid => Held)]
#[transition(drop: Unpaid => Dropped)]
enum OrderStatus {
    Unpaid = 1,
    #[state(final, alias = 50000)]
    Paid = 40000,
    #[state(final, alias = "held")]
    Held = BASE + 1,
    #[state(final, code = 5)]
    Dropped = -2,
}

fn main() {}
