//! What transaction mode has to show: the side effects of each order beside the answers of its callers.

use std::collections::BTreeMap;

use crate::bank::{Bank, amount};
use crate::journal::{Entry, Receipt};

/// What happened to one order.
#[derive(Debug, Default)]
struct Order {
    effects: Vec<Receipt>,
    /// By caller.
    answers: Vec<(u32, Receipt)>,
}

/// The figures.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Audit {
    /// The orders that at least one caller has an answer to.
    pub(crate) operations: usize,
    pub(crate) requests: usize,
    pub(crate) duplicates: usize,
    /// The orders that were answered, and have no side effect.
    pub(crate) missing: usize,
    /// The answers that tell of another run than that whose side effect is there.
    pub(crate) wrong_answers: usize,
    /// What is on the accounts beyond what the side effects put there.
    pub(crate) surplus: i64,
    /// An order with wrong answers.
    example: Option<String>,
}

impl Audit {
    pub(crate) async fn of(bank: &Bank, journal: Vec<Entry>) -> Self {
        let mut orders: BTreeMap<u32, Order> = BTreeMap::new();
        for entry in journal {
            if let Entry::Answered { order, caller, answer: Ok(receipt) } = entry {
                orders.entry(order).or_default().answers.push((caller, receipt));
            }
        }
        for receipt in bank.effects().await {
            orders.entry(receipt.order).or_default().effects.push(receipt);
        }
        let mut audit = Self { surplus: bank.balance().await, ..Self::default() };
        for (number, order) in orders {
            audit.add(number, &order);
        }
        audit
    }

    fn add(&mut self, number: u32, order: &Order) {
        self.operations += usize::from(!order.answers.is_empty());
        self.requests += order.answers.len();
        self.duplicates += order.effects.len().saturating_sub(1);
        self.missing += usize::from(order.effects.is_empty());
        let wrong = order.answers.iter().filter(|(_, answer)| Some(answer) != order.effects.first()).count();
        self.wrong_answers += wrong;
        if wrong > 0 {
            self.example.get_or_insert_with(|| format!("{order:?}"));
        }
        self.surplus -= amount(number);
    }

    /// Whether every order happened once, and everybody was told so.
    pub(crate) fn is_sound(&self) -> bool {
        (self.duplicates, self.missing, self.wrong_answers, self.surplus) == (0, 0, 0, 0)
    }
}
