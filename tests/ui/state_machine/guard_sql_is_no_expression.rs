use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid, guard_sql = "")]
#[transition(hold: Unpaid => Paid, guard_sql = "total > 0; DROP TABLE orders")]
#[transition(drop: Unpaid => Paid, guard_sql = "true) OR (true")]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
