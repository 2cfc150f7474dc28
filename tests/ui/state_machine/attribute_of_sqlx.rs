use idem::StateMachine;

#[derive(StateMachine, sqlx::Type, Debug, Clone, Copy, PartialEq, Eq)]
#[sqlx(rename_all = "snake_case")]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    #[sqlx(rename = "payed")]
    Paid,
}

fn main() {}
