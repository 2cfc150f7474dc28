//! What the trait and the types of the events tell those who know the enum as a type parameter only.

use idem::StateMachine;
use idem::machine::{Audit, Code, Event, FiresById, FiresOn, Move};

use crate::order::{Order, OrderStatus, OrderStatusEvent, order_status};

#[test]
fn the_trait_says_what_the_enum_says() {
    fn codes<M: StateMachine>() -> Vec<(&'static str, Code, usize)> {
        M::ALL.iter().map(|state| (state.name(), state.code(), state.events().len())).collect()
    }
    let expected: Vec<_> = OrderStatus::ALL
        .iter()
        .map(|state| (StateMachine::name(*state), Code::Text(state.code()), state.events().len()))
        .collect();
    assert_eq!(codes::<OrderStatus>(), expected);
    assert_eq!(<OrderStatus as StateMachine>::NAME, "OrderStatus");
    assert_eq!(<OrderStatus as StateMachine>::INITIAL, OrderStatus::INITIAL);
    assert_eq!(StateMachine::name(OrderStatus::InTransit), "InTransit");
}

#[test]
fn what_the_entity_needs_is_said_of_the_first_event_that_needs_it() {
    assert_eq!(OrderStatus::NEEDS_VERSION, Some("`OrderStatus::deliver` is fenced by version"));
    assert_eq!(OrderStatus::NEEDS_AUDIT, Some("`OrderStatus::cancel` writes an audit row"));
}

#[test]
fn an_event_has_the_moves_that_were_declared() {
    fn moves<E: Event<Machine = OrderStatus>>() -> (&'static str, bool, Vec<Move<OrderStatus>>) {
        (E::NAME, E::Audit::IS_AUDITED, E::MOVES.to_vec())
    }
    let pay = Move {
        event: "pay",
        sources: &[OrderStatus::Unpaid],
        source_codes: &[Code::Text("unpaid")],
        target: OrderStatus::Paid,
        target_code: Code::Text("paid"),
        guard: None,
        guard_sql: None,
    };
    assert_eq!(moves::<order_status::Pay>(), ("pay", false, vec![pay]));
    let (name, is_audited, cancel) = moves::<order_status::Cancel>();
    assert_eq!((name, is_audited, cancel[0].sources.len()), ("cancel", true, 2));
    assert_eq!(order_status::Cancel::EVENT, OrderStatusEvent::Cancel);
    let deliver = order_status::Deliver::MOVES[0];
    assert_eq!((deliver.guard, deliver.guard_sql), (Some("has_address"), Some("address IS NOT NULL")));
    assert_eq!(
        OrderStatus::MOVES.iter().map(|one| one.event).collect::<Vec<_>>(),
        ["pay", "ship", "deliver", "cancel"]
    );
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Old, rename_all = "snake_case")]
#[transition(renew: Old => New)]
enum Renamed {
    #[state(alias = "ancient", alias = "aged")]
    Old,
    #[state(final, alias = "fresh")]
    New,
}

#[test]
fn a_row_that_holds_an_alias_is_a_source_too() {
    let renew = renamed::Renew::MOVES[0];
    assert_eq!(renew.sources, [Renamed::Old]);
    assert_eq!(renew.source_codes, [Code::Text("old"), Code::Text("ancient"), Code::Text("aged")]);
    assert_eq!(renew.target_code, Code::Text("new"), "an alias is never written");
}

#[test]
fn a_rust_guard_is_asked_of_the_move_that_has_it() {
    let [with, without] = [Some("1 Main Street".to_owned()), None].map(|address| Order { address });
    assert!(order_status::Ship::check(&with, 0).is_ok());
    let refused = order_status::Ship::check(&without, 0).expect_err("it is refused");
    assert_eq!(refused.reason(), "the order has no address");
    assert!(order_status::Ship::check(&without, 1).is_ok(), "there is no such move, so it has no guard");
}

#[test]
fn an_event_without_rust_guards_fires_on_anything_and_by_id() {
    fn by_id<E: FiresById>(_: E) -> &'static str {
        E::NAME
    }
    assert!(order_status::Pay::check("not an order", 0).is_ok());
    assert_eq!([by_id(order_status::Pay), by_id(order_status::Deliver)], ["pay", "deliver"]);
}
