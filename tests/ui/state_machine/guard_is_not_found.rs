use idem::StateMachine;

struct Order;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, entity = Order)]
#[transition(pay: Unpaid => Paid, guard = is_covered)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
