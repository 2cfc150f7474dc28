//! What the client and the server say to each other, a line of JSON each.

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::service::{PayError, Receipt};

/// A payment as a client asks for it. The merchant and the order are its key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Payment {
    pub merchant: String,
    pub order: String,
    pub amount: u64,
    pub card: Card,
}

/// How the bank takes a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Card {
    Ok,
    Declined,
    /// The first try fails, the second succeeds.
    BusyOnce,
}

/// A payment, numbered by its line in the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    pub number: usize,
    pub payment: Payment,
}

/// What the server says.
#[derive(Debug, Serialize, Deserialize)]
pub enum Message {
    /// The service's body began: the gateway is being called.
    Charging,
    /// The gateway knew the downstream key, and did not charge again.
    KnownToGateway,
    /// idem took over the claim of a caller that died.
    Takeover,
    /// idem ended a call this way.
    Ended(String),
    /// The answer to a request.
    Answer { number: usize, result: Result<Receipt, PayError> },
}

/// Says something to the other side. One call is one line, whichever task it comes from.
pub fn say(message: &Message) {
    if let Ok(line) = serde_json::to_string(message) {
        println!("{line}");
    }
}

/// Reads the requests of a file.
pub fn requests(lines: &str) -> Result<Vec<Request>, Failure> {
    lines
        .lines()
        .enumerate()
        .map(|(index, line)| Ok(Request { number: index + 1, payment: serde_json::from_str(line)? }))
        .collect()
}
