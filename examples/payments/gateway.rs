//! The payment gateway: another company's system, which charges cards and keeps a ledger of its own.
//!
//! Like the real ones it takes an idempotency key, and charges once per key.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::protocol::{Card, Message, Payment, say};
use crate::service::PayError;

/// A charge in the ledger.
#[derive(Debug, Serialize, Deserialize)]
pub struct Charge {
    pub number: u64,
    pub key: String,
    pub merchant: String,
    pub order: String,
    pub amount: u64,
}

/// Reads a ledger, which need not be there yet.
pub fn ledger(path: &Path) -> Result<Vec<Charge>, Failure> {
    let lines = std::fs::read_to_string(path).unwrap_or_default();
    lines.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

pub struct Gateway {
    books: Mutex<Books>,
}

struct Books {
    file: File,
    by_key: HashMap<String, u64>,
    busy: HashSet<String>,
}

impl Gateway {
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let by_key = ledger(path)?.into_iter().map(|charge| (charge.key, charge.number)).collect();
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { books: Mutex::new(Books { file, by_key, busy: HashSet::new() }) })
    }

    /// Charges a card, once per key, and answers with the number of the charge.
    pub async fn charge(&self, payment: &Payment, key: &str) -> Result<u64, PayError> {
        say(&Message::Charging);
        network().await;
        let charged = self.books.lock().unwrap_or_else(PoisonError::into_inner).charge(payment, key);
        // The answer is on its way back: a caller that dies here has charged, and does not know.
        network().await;
        charged
    }
}

impl Books {
    fn charge(&mut self, payment: &Payment, key: &str) -> Result<u64, PayError> {
        match payment.card {
            Card::Declined => return Err(PayError::Declined),
            Card::BusyOnce if self.busy.insert(key.to_owned()) => return Err(PayError::Busy),
            Card::Ok | Card::BusyOnce => {}
        }
        if let Some(number) = self.by_key.get(key) {
            say(&Message::KnownToGateway);
            return Ok(*number);
        }
        let number = self.by_key.len() as u64 + 1;
        let Payment { merchant, order, amount, .. } = payment.clone();
        let line = serde_json::to_string(&Charge { number, key: key.to_owned(), merchant, order, amount });
        line.map_err(std::io::Error::from)
            .and_then(|line| writeln!(self.file, "{line}"))
            .map_err(|error| PayError::Unavailable(error.to_string()))?;
        self.by_key.insert(key.to_owned(), number);
        Ok(number)
    }
}

async fn network() {
    tokio::time::sleep(Duration::from_millis(8)).await;
}
