use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial, strict = true, rename_all = snake_case, entity = "Order")]
#[transition(pay: Unpaid => Paid, audit = "orders", fence = versoin, guard = |order| true)]
#[transition(hold: Unpaid => Paid, fence(key), allow, guard_sql = total > 0)]
#[transition(ship: Unpaid => Paid, allow(unreachable), audit, audit)]
#[transition(drop: Unpaid => Paid guard = f)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

fn main() {}
