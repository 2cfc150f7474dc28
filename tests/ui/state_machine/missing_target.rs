use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid =>)]
#[transition(hold: Unpaid =>, audit)]
#[transition(ship:)]
#[transition()]
#[transition]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
