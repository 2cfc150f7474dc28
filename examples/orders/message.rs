//! The messages of `examples/data/orders.jsonl`, and what each of them must become.

use idem::InTenant;
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::order::OrderAddress;

/// A line of the file: a message, who brings it, and what it must become.
#[derive(Debug, Deserialize)]
pub struct Line {
    /// Why it stands there.
    pub why: String,
    #[serde(default)]
    pub from: Sender,
    #[serde(flatten)]
    pub message: Message,
    pub becomes: String,
}

/// Who brings a message.
#[derive(Debug, Default, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// It delivers until somebody acknowledges: twice, late, and out of order.
    #[default]
    Queue,
    /// A person in front of a form, who clicks again when nothing happens.
    Desk,
}

/// What is to be done with an order. Its id is the same in every delivery.
#[derive(Debug, Serialize, Deserialize)]
pub struct Message {
    pub id: String,
    pub tenant: String,
    pub order: i64,
    #[serde(flatten)]
    pub command: Command,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    Place {
        quantity: i64,
        price: i64,
        address: Option<String>,
    },
    Pay,
    Ship,
    Deliver,
    Cancel,
    Refund,
    /// Gives an order the address that its form shows, unless the order has changed since the form was made.
    Readdress {
        version: i64,
        address: String,
    },
    /// Gives an order this address, whatever it had.
    Correct {
        address: String,
    },
}

impl Message {
    pub fn address(&self) -> OrderAddress {
        InTenant(self.tenant.clone(), self.order)
    }
}

impl Line {
    /// The lines of a file, in their order.
    pub fn read(path: &str) -> Result<Vec<Self>, Failure> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        std::fs::read_to_string(path)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}
