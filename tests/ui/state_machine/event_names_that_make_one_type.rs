use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay_now: Unpaid => Paid)]
#[transition(payNow: Unpaid => Held)]
#[transition(self_: Held => Paid)]
enum OrderStatus {
    Unpaid,
    Held,
    #[state(final)]
    Paid,
}

fn main() {}
