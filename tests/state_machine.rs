//! What `#[derive(StateMachine)]` makes of an enum, without a database: what it can be asked, in constants where possible, and
//! what it says about a mistake at run time.

#[path = "state_machine/order.rs"]
mod order;

#[path = "state_machine/branches.rs"]
mod branches;
#[path = "state_machine/codes.rs"]
mod codes;
#[path = "state_machine/events.rs"]
mod events;
#[path = "state_machine/facts.rs"]
mod facts;
#[path = "state_machine/moves.rs"]
mod moves;
#[path = "state_machine/passed.rs"]
mod passed;
#[path = "state_machine/typed.rs"]
mod typed;
