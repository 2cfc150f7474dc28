use idem::StateMachine;

#[derive(StateMachine)]
struct Order {
    id: u64,
}

fn main() {}
