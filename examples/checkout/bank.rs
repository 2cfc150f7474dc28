//! The bank: it takes its time, does not answer the first question, and knows nothing of tokens.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::shop::CheckoutError;

#[derive(Debug, Clone, Default)]
pub struct Bank {
    books: Arc<Mutex<Books>>,
}

#[derive(Debug, Default)]
struct Books {
    asked: u64,
    charges: Vec<(&'static str, u64)>,
}

impl Bank {
    /// Charges, every time that it is asked, and tells the number of the charge.
    pub async fn charge(&self, user: &'static str, cents: u64) -> Result<u64, CheckoutError> {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        books.asked += 1;
        if books.asked == 1 {
            return Err(CheckoutError::BankIsAway);
        }
        books.charges.push((user, cents));
        Ok(books.charges.len() as u64)
    }

    /// How often it was asked, and whom it charged how much.
    pub fn books(&self) -> (u64, Vec<(&'static str, u64)>) {
        let books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        (books.asked, books.charges.clone())
    }
}
