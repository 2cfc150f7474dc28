use idem::StateMachine;

struct Order;
struct Invoice;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, entity = Order)]
#[transition(pay: Unpaid => Paid, guard = by_value)]
#[transition(hold: Unpaid => Held, guard = of_an_invoice)]
#[transition(drop: Unpaid => Held, guard = of_two)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
    #[state(final)]
    Held,
}

fn by_value(_: Order) -> Result<(), idem::machine::GuardError> {
    Ok(())
}

fn of_an_invoice(_: &Invoice) -> Result<(), idem::machine::GuardError> {
    Ok(())
}

fn of_two(_: &Order, _: &Order) -> Result<(), idem::machine::GuardError> {
    Ok(())
}

fn main() {}
