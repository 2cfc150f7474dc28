//! What is stored for a state, and back.

use idem::StateMachine;
use idem::machine::{Code, CodeType};

use crate::order::OrderStatus;

#[test]
fn every_state_comes_back_from_its_code_and_its_aliases() {
    for state in OrderStatus::ALL {
        assert_eq!(OrderStatus::from_code(state.code()), Ok(*state));
    }
    for alias in ["cancelled", "canceled"] {
        assert_eq!(OrderStatus::from_code(alias), Ok(OrderStatus::Cancelled));
    }
    assert_eq!(OrderStatus::InTransit.code(), "in_transit");
    assert_eq!(OrderStatus::Cancelled.code(), "void");
}

#[test]
fn an_unknown_code_is_refused_with_those_that_are_known() {
    for code in ["Unpaid", "UNPAID", "unpaid ", ""] {
        let unknown = OrderStatus::from_code(code).expect_err("it is refused");
        assert_eq!(unknown.code(), code);
        assert_eq!(unknown.known(), ["unpaid", "paid", "in_transit", "delivered", "void"]);
    }
    assert_eq!(
        OrderStatus::from_code("open").expect_err("it is refused").to_string(),
        "`OrderStatus` has no state with the code `open`; its codes are `unpaid`, `paid`, `in_transit`, `delivered`, `void`"
    );
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Low, store = "int16")]
#[transition(rise: Low => High)]
enum Level {
    Low = -32768,
    #[state(final, alias = 7, alias = -7)]
    High = 0x7FFF,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Low, store = "int32")]
#[transition(rise: Low => High)]
enum Wide {
    Low = 1_000_000,
    #[state(final)]
    High = (-(5)),
}

#[test]
fn numbers_are_stored_in_the_width_that_was_chosen() {
    let codes: [i16; 2] = [Level::Low.code(), Level::High.code()];
    assert_eq!(codes, [i16::MIN, i16::MAX]);
    let codes: [i32; 2] = [Wide::Low.code(), Wide::High.code()];
    assert_eq!(codes, [1_000_000, -5]);
    assert_eq!((Level::STORE, Wide::STORE, OrderStatus::STORE), (CodeType::Int16, CodeType::Int32, CodeType::Text));
}

#[test]
fn numbers_come_back_too() {
    assert_eq!(Level::from_code(7), Ok(Level::High));
    assert_eq!(Level::from_code(-7), Ok(Level::High));
    assert_eq!(Level::from_code(32_767), Ok(Level::High));
    let unknown = Level::from_code(65_535).expect_err("it is refused");
    assert_eq!(unknown.to_string(), "`Level` has no state with the code `65535`; its codes are `-32768`, `32767`");
}

#[test]
fn a_text_is_no_number_and_a_number_no_text() {
    assert_eq!(Level::from_text("7"), None);
    assert_eq!(Level::from_number(7), Some(Level::High));
    assert_eq!(OrderStatus::from_number(0), None);
    assert_eq!(OrderStatus::from_text("canceled"), Some(OrderStatus::Cancelled));
    assert_eq!(StateMachine::code(Level::High), Code::Number(32_767));
    assert_eq!(StateMachine::code(OrderStatus::InTransit), Code::Text("in_transit"));
}

macro_rules! spelt {
    ($machine:ident, $case:literal) => {{
        #[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
        #[state_machine(initial = InTransit, rename_all = $case)]
        #[transition(InTransit => Arrived)]
        enum $machine {
            InTransit,
            #[state(final)]
            Arrived,
        }
        $machine::InTransit.code()
    }};
}

#[test]
fn rename_all_spells_the_names_of_the_states() {
    assert_eq!(spelt!(Lower, "lowercase"), "intransit");
    assert_eq!(spelt!(Snake, "snake_case"), "in_transit");
    assert_eq!(spelt!(Upper, "UPPERCASE"), "INTRANSIT");
    assert_eq!(spelt!(Screaming, "SCREAMING_SNAKE_CASE"), "IN_TRANSIT");
    assert_eq!(spelt!(Kebab, "kebab-case"), "in-transit");
    assert_eq!(spelt!(Camel, "camelCase"), "inTransit");
    assert_eq!(spelt!(Pascal, "PascalCase"), "InTransit");
}

#[test]
fn a_code_may_have_blanks_between_its_words() {
    #[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
    #[state_machine(initial = Open)]
    #[transition(start: Open => InProgress)]
    enum Work {
        Open,
        #[state(final, code = "In Progress", alias = "in progress")]
        InProgress,
    }
    assert_eq!(Work::InProgress.code(), "In Progress");
    assert_eq!(Work::from_code("In Progress"), Ok(Work::InProgress));
    assert_eq!(Work::from_code("in progress"), Ok(Work::InProgress));
    assert_eq!(Work::MOVES[0].target_code, Code::Text("In Progress"));
}
