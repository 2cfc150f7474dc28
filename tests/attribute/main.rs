//! What `#[idempotent]` makes of a function: every shape of function runs once per key and replays, every option does what
//! its row says. Mistakes are in `tests/ui`, shadowed names and lints in `tests/hygiene.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::mixed_attributes_style,
    reason = "tests: a panic is a failure; and attributes of both styles are tested"
)]

mod arguments;
mod shapes;
mod other_attributes;
mod scopes;
mod keys;
mod options;
mod endings;
mod tokens;
mod to_the_end;
mod ledger;
mod transactions;
mod transaction_shapes;
mod lent;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use idem::{Error, MemoryStore};
use serde::{Deserialize, Serialize};

/// A store, and a count of how often bodies ran.
#[derive(Clone)]
struct World {
    idem: MemoryStore,
    runs: Arc<AtomicU32>,
}

impl World {
    fn new() -> Self {
        Self { idem: MemoryStore::new(), runs: Arc::default() }
    }

    /// Counts a run, and says which one it is.
    fn run(&self) -> u32 {
        self.runs.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn runs(&self) -> u32 {
        self.runs.load(Ordering::SeqCst)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Receipt {
    id: u64,
    run: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum PayError {
    Declined(u32),
    Unreachable(u32),
    Idem(String),
}

impl PayError {
    fn is_final(&self) -> bool {
        matches!(self, Self::Declined(_))
    }
}

impl From<Error> for PayError {
    fn from(error: Error) -> Self {
        Self::Idem(error.to_string())
    }
}
