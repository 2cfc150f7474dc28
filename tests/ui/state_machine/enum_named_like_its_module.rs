use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
#[allow(non_camel_case_types)]
enum order_status {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
