use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid)]
enum OrderStatus {
    Unpaid,
    #[state(finl)]
    Paid,
    #[state(allow(refire), code)]
    Shipped,
    #[state(terminal, code = paid)]
    Held,
}

fn main() {}
