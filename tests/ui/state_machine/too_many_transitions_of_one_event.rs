use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = A)]
#[transition(go: A => B, guard_sql = "x = 1")]
#[transition(go: A => B, guard_sql = "x = 2")]
#[transition(go: A => B, guard_sql = "x = 3")]
#[transition(go: A => B, guard_sql = "x = 4")]
#[transition(go: A => B, guard_sql = "x = 5")]
#[transition(go: A => B, guard_sql = "x = 6")]
#[transition(go: A => B, guard_sql = "x = 7")]
#[transition(go: A => B, guard_sql = "x = 8")]
#[transition(go: A => B, guard_sql = "x = 9")]
enum Letter {
    A,
    #[state(final)]
    B,
}

fn main() {}
