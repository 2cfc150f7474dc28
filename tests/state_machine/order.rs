//! The machine that most tests ask.

use idem::StateMachine;
use idem::machine::GuardError;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, rename_all = "snake_case", entity = Order)]
#[transition(pay: Unpaid => Paid)]
#[transition(ship: Paid => InTransit, guard = has_address)]
#[transition(deliver: InTransit => Delivered, guard = has_address, guard_sql = "address IS NOT NULL", fence = version)]
#[transition(cancel: Unpaid | Paid => Cancelled, audit)]
pub(crate) enum OrderStatus {
    Unpaid,
    Paid,
    InTransit,
    #[state(final)]
    Delivered,
    #[state(final, code = "void", alias = "cancelled", alias = "canceled")]
    Cancelled,
}

#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) address: Option<String>,
}

fn has_address(order: &Order) -> Result<(), GuardError> {
    order.address.as_ref().map(drop).ok_or(GuardError::new("the order has no address"))
}
