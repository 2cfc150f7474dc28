use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid, guard_sql = "total > ?")]
#[transition(hold: Unpaid => Paid, guard_sql = "total > $1")]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
