use idem::StateMachine;

#[derive(StateMachine, Debug)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
pub enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

pub const FIRST: OrderStatus = OrderStatus::INITIAL;

fn main() {}
