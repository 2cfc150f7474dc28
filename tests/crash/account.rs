//! What a journal says of each order, and whether its side effects are accounted for.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::{Entry, Failure, Receipt};

/// What happened to one order.
#[derive(Debug, Default)]
pub(crate) struct Order {
    pub(crate) effects: Vec<Receipt>,
    /// The fences of the claims that were taken over.
    pub(crate) takeovers: BTreeSet<i64>,
    /// How often an operator decided that it may run again.
    reruns: usize,
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) failures: Vec<Failure>,
}

impl Order {
    /// How many side effects there are beyond the one that everybody wants.
    pub(crate) fn duplicates(&self) -> usize {
        self.effects.len().saturating_sub(1)
    }

    /// How many of them did not happen under a claim of this very order that was logged as a takeover. The wanted one is
    /// that of the least fence and not the one that came first: a zombie may have its effect after its successor.
    pub(crate) fn unexplained(&self) -> usize {
        self.fences().iter().skip(1).filter(|fence| !self.takeovers.contains(fence)).count()
    }

    /// How many of them nothing in the journal explains: neither a takeover nor an operator's decision.
    pub(crate) fn unlogged(&self) -> usize {
        let twice_in_a_claim = self.effects.len() - self.fences().len();
        twice_in_a_claim + self.unexplained().saturating_sub(self.reruns)
    }

    fn fences(&self) -> BTreeSet<i64> {
        self.effects.iter().map(|effect| effect.fence).collect()
    }

    /// Every side effect but the wanted one is a takeover or an operator's decision, and no claim had two.
    fn check_effects(&self) {
        assert_eq!(self.fences().len(), self.effects.len(), "a claim ran its body once: {self:#?}");
        assert!(self.unexplained() <= self.reruns, "a duplicate without a takeover: {self:#?}");
    }

    /// All callers were told the same, and it is what an execution returned. The engine may return an outcome that it
    /// could not store, and then says so.
    fn check_receipts(&self, not_stored: &BTreeSet<i64>) {
        let told: Vec<_> = self.receipts.iter().filter(|receipt| !not_stored.contains(&receipt.fence)).collect();
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "two outcomes: {self:#?}");
        assert!(self.receipts.iter().all(|receipt| self.effects.contains(receipt)), "made up: {self:#?}");
    }
}

/// What happened to all orders.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) orders: BTreeMap<u32, Order>,
    /// The fences of the executions whose outcome the engine returned and could not store.
    pub(crate) not_stored: BTreeSet<i64>,
    /// Claims that were found again after a lost acknowledgement.
    pub(crate) repeated: usize,
}

impl Account {
    pub(crate) fn of(entries: Vec<Entry>) -> Self {
        let mut account = Self::default();
        for entry in entries {
            account.add(entry);
        }
        account
    }

    fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Claimed { order, fence, attempt, origin } => {
                let repeated = origin == "Repeated";
                self.repeated += usize::from(repeated);
                // A takeover whose acknowledgement was lost is found again as the caller's own claim.
                if origin == "Takeover" || repeated && attempt > 1 {
                    self.order(order).takeovers.insert(fence);
                }
            }
            Entry::Effect(receipt) => self.order(receipt.order).effects.push(receipt),
            Entry::Answered { order, answer: Ok(receipt), .. } => self.order(order).receipts.push(receipt),
            Entry::Answered { order, answer: Err(failure), .. } => self.order(order).failures.push(failure),
            Entry::Rerun { order } => self.order(order).reruns += 1,
            Entry::NotStored { fence } => drop(self.not_stored.insert(fence)),
        }
    }

    fn order(&mut self, order: u32) -> &mut Order {
        self.orders.entry(order).or_default()
    }

    /// The second executions that no takeover explains, which must be none.
    pub(crate) fn unlogged(&self) -> usize {
        self.orders.values().map(Order::unlogged).sum()
    }

    /// What holds whatever was killed and paused.
    pub(crate) fn check(&self) {
        for order in self.orders.values() {
            order.check_effects();
            order.check_receipts(&self.not_stored);
        }
    }

    pub(crate) fn executions(&self) -> usize {
        self.orders.values().map(|order| order.effects.len()).sum()
    }

    pub(crate) fn duplicates(&self) -> usize {
        self.orders.values().map(Order::duplicates).sum()
    }

    pub(crate) fn takeovers(&self) -> usize {
        self.orders.values().map(|order| order.takeovers.len()).sum()
    }
}
