//! The databases, and all that is compared on each.

pub mod sqlite;
pub mod postgres;
pub mod mysql;

use std::pin::Pin;

use crate::by_hand::{BoxError, Learnt};
use crate::log;
use crate::orders::{Order, Receipt};

/// As many connections as there are callers at most, for every contender.
const CONNECTIONS: u32 = 64;

/// How a call is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By a lease: each statement is a transaction of its own. The body writes nothing.
    Lease,
    /// By the caller's transaction, in which the body writes one row.
    Transaction,
}

/// Who makes a call safe to retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    /// By hand, as one writes it for one function.
    Lean,
    /// By hand, with the statements of idem.
    Same,
    /// idem.
    Idem,
}

impl Contender {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lean, Self::Same, Self::Idem];

    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lean => "by hand, lean",
            Self::Same => "by hand, the same statements",
            Self::Idem => "idem",
        }
    }
}

/// A database with empty tables, one pool, and all contenders.
pub trait Database: Clone + Send + Sync + 'static {
    /// Its name in the table.
    const NAME: &str;

    /// Charges, or answers what was answered before.
    fn call(
        &self,
        contender: Contender,
        mode: Mode,
        order: &Order,
    ) -> impl Future<Output = Result<Receipt, BoxError>> + Send;

    /// How many bytes of its log the database has written.
    fn log_bytes(&self) -> impl Future<Output = Result<u64, BoxError>> + Send;
}

/// What idem sends for a first call.
async fn learn(call: Pin<Box<impl Future<Output = Result<Receipt, BoxError>>>>) -> Result<Learnt, BoxError> {
    let (called, sent) = log::listen(call).await;
    called?;
    Learnt::from(sent)
}

/// An order that nothing else uses. Its key comes before all others: a row at the end of idem's table alone would make MariaDB
/// split the page of every later insert in the middle, and write twice the log.
fn sample(mode: Mode) -> Order {
    let mut order = Order::batch(0, 1).remove(0);
    order.id = format!("0-sample-{mode:?}");
    order
}
