//! Events with several transitions from one state, and those that fire from every state.

use idem::StateMachine;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = New)]
#[transition(decide: New => Approved, guard_sql = "score > 7")]
#[transition(decide: New => Rejected)]
#[transition(remind: New => New, reenter)]
#[transition(Held => New, allow(refire))]
#[transition(hold: New => Held, allow(refire))]
#[transition(withdraw: _ => Withdrawn)]
enum Application {
    New,
    Held,
    #[state(final)]
    Approved,
    #[state(final)]
    Rejected,
    #[state(allow(unreachable))]
    Imported,
    #[state(final)]
    Withdrawn,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Draft)]
#[transition(r#type: Draft | Legacy => Typed)]
#[transition(print: Typed => Printed)]
enum Letter {
    Draft,
    #[state(allow(unreachable))]
    Legacy,
    Typed,
    #[state(final)]
    Printed,
}

#[test]
fn where_guards_choose_the_graph_alone_refuses() {
    let refused = Application::New.apply(ApplicationEvent::Decide).expect_err("it is refused");
    assert!(refused.is_guarded());
    assert_eq!(
        refused.to_string(),
        "where `decide` leads to from `New` is for its guards to say, which need the loaded entity"
    );
    assert!(Application::New.can(ApplicationEvent::Decide));
    assert!(Application::New.can_transition_to(Application::Approved));
    assert!(Application::New.can_transition_to(Application::Rejected));
}

#[test]
fn an_underscore_stands_for_every_state_that_is_not_final_but_the_target() {
    let fires: Vec<_> = Application::ALL.iter().filter(|state| state.can(ApplicationEvent::Withdraw)).collect();
    assert_eq!(fires, [&Application::New, &Application::Held, &Application::Imported]);
}

#[test]
fn a_transition_without_a_name_is_called_after_its_target() {
    assert_eq!(Application::Held.apply(ApplicationEvent::ToNew), Ok(Application::New));
    assert_eq!(ApplicationEvent::ToNew.name(), "to_new");
}

#[test]
fn a_state_may_be_entered_again() {
    assert_eq!(Application::New.apply(ApplicationEvent::Remind), Ok(Application::New));
    assert!(Application::New.next_states().contains(&Application::New));
}

#[test]
fn a_state_that_may_be_unreachable_is_a_beginning_too() {
    assert!(Letter::Printed.has_passed(Letter::Typed));
    assert!(!Letter::Printed.has_passed(Letter::Draft), "it may have been imported as `Legacy`");
    assert_eq!(LetterEvent::Type.name(), "type");
}
