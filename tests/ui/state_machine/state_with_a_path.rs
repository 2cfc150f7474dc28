use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = OrderStatus::Unpaid)]
#[transition(pay: OrderStatus::Unpaid => Self::Paid)]
#[transition("ship": Unpaid => Paid)]
#[transition(type: Unpaid => Paid)]
#[transition(hold: "Unpaid" => Paid)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
