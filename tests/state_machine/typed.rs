//! States and events as types: what compiles is legal. What is not is in `tests/ui/state_machine`.

use crate::order::order_status::{self, state};

#[test]
fn a_legal_way_compiles_by_states_and_by_events() {
    let paid: state::Paid = state::Unpaid.on(order_status::Pay);
    let sent: state::InTransit = paid.to(state::InTransit);
    let _: state::Delivered = sent.on(order_status::Deliver);
    let _: state::Cancelled = paid.on(order_status::Cancel);
}

#[test]
fn the_way_can_be_a_constant() {
    const END: state::Delivered = state::Unpaid.on(order_status::Pay).on(order_status::Ship).on(order_status::Deliver);
    assert_eq!(format!("{END:?}"), "Delivered");
}
