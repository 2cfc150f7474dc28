//! A state is one of a machine.

use idem::Versioned;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OrderStatus {
    Unpaid,
    Paid,
}

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[versioned(state)]
    status: OrderStatus,
}

fn main() {}
