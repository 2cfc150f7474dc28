use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[transition(hold: Unpaid => Bezahlt_für)]
#[transition(drop: Unpaid => Dropped)]
enum OrderStatus {
    #[state(code = "un'paid")]
    Unpaid,
    #[state(final, code = "")]
    Paid,
    #[state(final, alias = 5, alias = "dropped ")]
    Dropped,
    #[state(final)]
    Bezahlt_für,
}

fn main() {}
