//! What all contenders are called with, and what they answer.

use std::convert::Infallible;

use serde::{Deserialize, Serialize};

/// A small payload; `id` is the key.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Order {
    /// What makes two calls the same call.
    pub id: String,
    /// What is to be paid, in the smallest unit.
    pub amount: u64,
    /// ISO 4217.
    pub currency: String,
}

impl Order {
    /// `count` orders with keys that no other round uses.
    #[must_use]
    pub fn batch(round: usize, count: usize) -> Vec<Self> {
        (0..count)
            .map(|index| Self {
                id: format!("order-{round:06}-{index:06}"),
                amount: 1000 + index as u64,
                currency: "EUR".into(),
            })
            .collect()
    }
}

/// A small result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The order that was paid.
    pub order: String,
    /// What was paid.
    pub amount: u64,
    /// Whether it has arrived.
    pub settled: bool,
}

/// The body of every contender: it costs one small allocation.
///
/// # Errors
///
/// Never.
pub async fn charge(order: &Order) -> Result<Receipt, Infallible> {
    Ok(Receipt { order: order.id.clone(), amount: order.amount, settled: true })
}
