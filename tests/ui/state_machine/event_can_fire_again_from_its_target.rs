use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Draft)]
#[transition(advance: Draft => Review)]
#[transition(advance: Review => Published)]
enum Page {
    Draft,
    Review,
    #[state(final)]
    Published,
}

fn main() {}
