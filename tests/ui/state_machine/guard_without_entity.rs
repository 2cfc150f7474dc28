use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid)]
#[transition(pay: Unpaid => Paid, guard = rules::is_covered)]
enum OrderStatus {
    Unpaid,
    #[state(final)]
    Paid,
}

/// The mistake is not reported again where the event fires.
fn fire() {
    fn by_id(_: impl idem::machine::FiresById) {}
    by_id(order_status::Pay);
}

fn main() {}
