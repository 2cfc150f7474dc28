//! The figures at the end.

use std::collections::{BTreeMap, BTreeSet};

use crate::gateway::Charge;
use crate::protocol::{Card, Message, Request};
use crate::service::PayError;

/// What the client has seen.
#[derive(Debug, Default)]
pub struct Tally {
    pub sent: usize,
    pub answered: usize,
    pub executed: usize,
    pub replayed: usize,
    pub waited: usize,
    pub takeovers: usize,
    pub known_to_gateway: usize,
    pub busy: usize,
    pub charged: usize,
    pub declined: usize,
    pub mismatches: usize,
}

impl Tally {
    /// Counts a message.
    pub fn take(&mut self, message: &Message) {
        match message {
            Message::Charging => self.executed += 1,
            Message::KnownToGateway => self.known_to_gateway += 1,
            Message::Takeover => self.takeovers += 1,
            Message::Ended(how) if how == "replayed" => self.replayed += 1,
            Message::Ended(how) if how == "waited_and_replayed" => self.waited += 1,
            Message::Answer { result: Err(PayError::Busy), .. } => self.busy += 1,
            Message::Ended(_) | Message::Answer { result: Err(PayError::Unavailable(_)), .. } => {}
            Message::Answer { result, .. } => {
                self.answered += 1;
                match result {
                    Ok(_) => self.charged += 1,
                    Err(PayError::Mismatch) => self.mismatches += 1,
                    Err(_) => self.declined += 1,
                }
            }
        }
    }
}

/// Prints the table, and says whether every payment was charged exactly once.
pub fn conclude(requests: &[Request], tally: &Tally, charges: &[Charge]) -> bool {
    let mut per_payment = BTreeMap::<_, usize>::new();
    for charge in charges {
        *per_payment.entry((&charge.merchant, &charge.order)).or_default() += 1;
    }
    let duplicates: usize = per_payment.values().map(|charges| charges - 1).sum();
    let payable: BTreeSet<_> = requests
        .iter()
        .filter(|request| request.payment.card != Card::Declined)
        .map(|request| (&request.payment.merchant, &request.payment.order))
        .collect();
    let missing = payable.iter().filter(|payment| !per_payment.contains_key(*payment)).count();

    println!();
    for (name, figure) in [
        ("requests in the file", requests.len()),
        ("requests sent, with tries", tally.sent),
        ("executed: the body ran", tally.executed),
        ("  of them found the bank busy", tally.busy),
        ("replayed: it had run before", tally.replayed),
        ("waited: it ran meanwhile", tally.waited),
        ("takeovers after the crash", tally.takeovers),
        ("  of them charged before it", tally.known_to_gateway),
        ("answered: charged", tally.charged),
        ("answered: declined", tally.declined),
        ("answered: mismatch", tally.mismatches),
        ("payments to be charged", payable.len()),
        ("charges in the ledger", charges.len()),
        ("payments not charged", missing),
    ] {
        println!("  {name:<30} {figure:>5}");
    }
    println!("\nduplicates = {duplicates}");
    duplicates == 0 && missing == 0 && tally.answered == requests.len()
}
