use idem::StateMachine;

struct Order;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, entity = Order)]
#[transition(pay: Unpaid => Paid, guard = is_covered)]
#[transition(hold: Unpaid => Held, guard = is_odd)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
    #[state(final)]
    Held,
}

fn is_covered(_: &Order) -> bool {
    true
}

fn is_odd(_: &Order) -> Result<(), String> {
    Ok(())
}

fn main() {}
