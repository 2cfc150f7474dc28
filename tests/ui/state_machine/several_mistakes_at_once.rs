use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpayd, rename_all = "snake")]
#[transition(pay: Unpaid => Payed)]
#[transition(ship: Paid => Shipped, gaurd = f, fence = key)]
enum OrderStatus {
    Unpaid,
    #[state(fina)]
    Paid,
    #[state(final, code = "it's")]
    Shipped,
}

fn main() {}
