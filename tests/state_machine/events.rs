//! Events by name.

use idem::machine::MachineEvent;
use serde_json::json;

use crate::order::{OrderStatus, OrderStatusEvent as Event};

#[test]
fn every_event_is_parsed_from_what_it_is_shown_as() {
    for event in Event::ALL {
        assert_eq!(event.to_string().parse(), Ok(*event));
        assert_eq!(event.to_string(), event.name());
    }
    assert_eq!(format!("{:>6}|", Event::Pay), "   pay|");
    assert_eq!(<Event as MachineEvent>::ALL, Event::ALL);
}

#[test]
fn an_unknown_name_is_refused_with_those_that_are_known() {
    let unknown = "Pay".parse::<Event>().expect_err("it is refused");
    assert_eq!(unknown.name(), "Pay");
    assert_eq!(unknown.known(), ["pay", "ship", "deliver", "cancel"]);
    assert_eq!(
        unknown.to_string(),
        "`OrderStatus` has no event `Pay`; its events are `pay`, `ship`, `deliver`, `cancel`"
    );
}

#[test]
fn serde_writes_and_reads_the_name() {
    for event in Event::ALL {
        let json = serde_json::to_string(event).expect("a name is text");
        assert_eq!(json, format!("\"{event}\""));
        assert_eq!(serde_json::from_str::<Event>(&json).expect("it was written so"), *event);
        assert_eq!(serde_json::from_value::<Event>(json!(event)).expect("it was written so"), *event);
    }
    let error = serde_json::from_str::<Event>("\"fly\"").expect_err("it is refused").to_string();
    assert!(error.starts_with("`OrderStatus` has no event `fly`; its events are"), "{error}");
    let error = serde_json::from_str::<Event>("7").expect_err("it is refused").to_string();
    assert!(error.contains("expected the name of an event of `OrderStatus`"), "{error}");
}

#[test]
fn what_was_queued_by_name_is_applied() {
    let commands: Vec<Event> = serde_json::from_str(r#"["pay", "ship", "deliver"]"#).expect("they are events");
    let last = commands.into_iter().try_fold(OrderStatus::INITIAL, OrderStatus::apply);
    assert_eq!(last, Ok(OrderStatus::Delivered));
}
