use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Payed)]
#[transition(hold: Zebra | Unpiad => Paid)]
enum OrderStatus {
    Unpaid,
    Paid,
    #[state(final)]
    Shipped,
}

// What is generated is there all the same.
const _: fn() -> Result<OrderStatus, idem::machine::IllegalTransition<OrderStatus>> =
    || OrderStatus::INITIAL.apply(OrderStatusEvent::Pay);
const _: order_status::Hold = order_status::Hold;

fn main() {}
