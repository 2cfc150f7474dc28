use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
enum OrderStatus {
    Unpaid,
    Paid,
}

fn main() {}
