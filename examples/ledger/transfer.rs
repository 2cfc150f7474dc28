//! The messages, and what they come to.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::Failure;

/// A message: so many cents from one account to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transfer {
    pub id: String,
    pub from: String,
    pub to: String,
    pub amount: i64,
}

impl Transfer {
    /// The messages of a file, as they are to be delivered.
    pub fn read(path: &str) -> Result<Vec<Self>, Failure> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        std::fs::read_to_string(path)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }

    /// What it does to each account.
    pub fn entries(&self) -> [(&str, i64); 2] {
        let mut entries = [(self.from.as_str(), -self.amount), (self.to.as_str(), self.amount)];
        // Always in the same order, so that two transfers are not in each other's way.
        entries.sort_unstable();
        entries
    }
}

/// What the accounts must have in the end: each transfer once, however often it stands in the file.
pub fn balances(messages: &[Transfer]) -> BTreeMap<String, i64> {
    let mut balances = BTreeMap::new();
    let mut seen = HashSet::new();
    for transfer in messages.iter().filter(|transfer| seen.insert(&transfer.id)) {
        for (account, amount) in transfer.entries() {
            *balances.entry(account.to_owned()).or_default() += amount;
        }
    }
    balances
}
