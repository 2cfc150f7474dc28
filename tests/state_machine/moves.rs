//! Where a state leads to.

use crate::order::{OrderStatus, OrderStatusEvent as Event};

#[test]
fn an_event_leads_from_its_sources_to_its_target() {
    assert_eq!(OrderStatus::INITIAL, OrderStatus::Unpaid);
    assert_eq!(OrderStatus::Unpaid.apply(Event::Pay), Ok(OrderStatus::Paid));
    assert_eq!(OrderStatus::Unpaid.apply(Event::Cancel), Ok(OrderStatus::Cancelled));
    assert_eq!(OrderStatus::Paid.apply(Event::Cancel), Ok(OrderStatus::Cancelled));
}

#[test]
fn an_illegal_event_is_refused_with_what_is_legal() {
    let illegal = OrderStatus::Paid.apply(Event::Pay).expect_err("it is refused");
    assert_eq!((illegal.state(), illegal.event()), (OrderStatus::Paid, Event::Pay));
    assert_eq!(illegal.legal(), [Event::Ship, Event::Cancel]);
    assert!(!illegal.is_guarded());
    assert_eq!(illegal.to_string(), "`pay` cannot fire in `Paid`; legal there: `ship`, `cancel`");

    let illegal = OrderStatus::Delivered.apply(Event::Cancel).expect_err("it is refused");
    assert_eq!(illegal.to_string(), "`cancel` cannot fire in `Delivered`; no event can");
}

#[test]
fn all_questions_have_one_answer() {
    for state in OrderStatus::ALL {
        for event in Event::ALL {
            assert_eq!(state.can(*event), state.apply(*event).is_ok(), "{state:?} {event}");
            assert_eq!(state.can(*event), state.events().contains(event), "{state:?} {event}");
        }
        for other in OrderStatus::ALL {
            let leads = Event::ALL.iter().any(|event| state.apply(*event) == Ok(*other));
            assert_eq!(state.can_transition_to(*other), leads, "{state:?} {other:?}");
            assert_eq!(state.next_states().contains(other), leads, "{state:?} {other:?}");
        }
        assert_eq!(state.is_final(), state.next_states().is_empty(), "{state:?}");
    }
}

#[test]
fn answers_are_constants() {
    const NEXT: &[OrderStatus] = OrderStatus::Unpaid.next_states();
    const CODE: &str = OrderStatus::Cancelled.code();
    const CAN: bool = OrderStatus::Paid.can(Event::Ship);
    const EVENTS: &[Event] = OrderStatus::Delivered.events();
    assert_eq!(NEXT, [OrderStatus::Paid, OrderStatus::Cancelled]);
    assert_eq!((CODE, CAN, EVENTS), ("void", true, &[] as &[Event]));
    const { assert!(OrderStatus::Delivered.has_passed(OrderStatus::Paid)) };
}

#[test]
fn diagrams_show_all_of_it() {
    let mermaid = "stateDiagram-v2
    [*] --> Unpaid
    Unpaid --> Paid: pay
    Paid --> InTransit: ship [has_address]
    InTransit --> Delivered: deliver [has_address]
    Unpaid --> Cancelled: cancel
    Paid --> Cancelled: cancel
    Delivered --> [*]
    Cancelled --> [*]
";
    assert_eq!(OrderStatus::MERMAID, mermaid);
    let dot = r#"digraph "OrderStatus" {
    rankdir=LR;
    node [shape=box, style=rounded];
    "" [shape=point];
    "Delivered" [peripheries=2];
    "Cancelled" [peripheries=2];
    "" -> "Unpaid";
    "Unpaid" -> "Paid" [label="pay"];
    "Paid" -> "InTransit" [label="ship [has_address]"];
    "InTransit" -> "Delivered" [label="deliver [has_address]"];
    "Unpaid" -> "Cancelled" [label="cancel"];
    "Paid" -> "Cancelled" [label="cancel"];
}
"#;
    assert_eq!(OrderStatus::DOT, dot);
}
