#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OrderStatus {
    Unpaid,
    Paid,
}

fn states<M: idem::machine::StateMachine>() -> usize {
    M::ALL.len()
}

fn count() -> usize {
    states::<OrderStatus>()
}

fn main() {}
