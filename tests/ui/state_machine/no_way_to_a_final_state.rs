use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[transition(hold: Unpaid => Held)]
#[transition(check: Held => Checked, allow(refire))]
#[transition(reject: Checked => Held, allow(refire))]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
    Held,
    Checked,
}

fn main() {}
