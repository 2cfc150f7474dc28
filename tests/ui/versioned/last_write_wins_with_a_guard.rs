//! A guard that is there guards.

use idem::{StateMachine, Versioned};

#[derive(Versioned, Clone)]
#[versioned(table = "orders", last_write_wins)]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

#[derive(Versioned, Clone)]
#[versioned(table = "invoices", last_write_wins)]
struct Invoice {
    #[versioned(id)]
    id: i64,
    #[versioned(state)]
    status: InvoiceStatus,
}

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Open)]
#[transition(pay: Open => Paid)]
enum InvoiceStatus {
    Open,
    #[state(final)]
    Paid,
}

fn main() {}
