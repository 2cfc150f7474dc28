use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[transition(pay: Unpaid => Held, guard_sql = "total > 1000")]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
    #[state(final)]
    Held,
}

fn main() {}
