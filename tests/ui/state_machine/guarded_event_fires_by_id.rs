use idem::StateMachine;

struct Order;
struct Invoice;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, entity = Order)]
#[transition(pay: Unpaid => Paid, guard = is_covered)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn is_covered(_: &Order) -> Result<(), idem::machine::GuardError> {
    Ok(())
}

fn fire(_: impl idem::machine::FiresById) {}
fn fire_on<T>(_: &T, _: impl idem::machine::FiresOn<T>) {}

fn by_id() {
    fire(order_status::Pay);
    fire_on(&Invoice, order_status::Pay);
}

fn main() {}
