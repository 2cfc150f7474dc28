//! The shop: a form with a token, and what its button does.

use std::sync::Arc;
use std::time::Duration;

use idem::{Store, Token, Tokens, idempotent};
use serde::{Deserialize, Serialize};

use crate::bank::Bank;

#[derive(Clone)]
pub struct Shop {
    idem: Arc<dyn Store>,
    pub bank: Bank,
}

/// Who is logged in. That comes from the session, and not from the form.
#[derive(Debug, Clone)]
pub struct User(pub &'static str);

/// What stands in the form, and what comes back with a click. The token is a hidden field.
#[derive(Debug, Clone)]
pub struct Form {
    pub token: String,
    pub cents: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub number: u64,
}

impl Shop {
    pub fn new(idem: Arc<dyn Store>) -> Self {
        Self { idem, bank: Bank::default() }
    }

    /// The page with the button.
    pub async fn form(&self, user: &User, cents: u64) -> Result<Form, idem::Error> {
        let tokens = Tokens::new(&self.idem, "checkout.pay").lifetime(Duration::from_mins(30));
        Ok(Form { token: tokens.issue_to(user.0).await?.to_string(), cents })
    }

    /// The button. A text that is no token, a token that was never issued and one of another buyer's are all the same
    /// here: unknown.
    #[idempotent(
        store = self.idem,
        scope = "checkout.pay",
        token = form.token.parse::<Token>()?.of(user.0),
        fingerprint = form.cents,
        in_flight = wait("10s")
    )]
    pub async fn pay(&self, user: &User, form: &Form) -> Result<Receipt, CheckoutError> {
        Ok(Receipt { number: self.bank.charge(user.0, form.cents).await? })
    }
}

#[derive(Debug)]
pub enum CheckoutError {
    /// The bank did not answer.
    BankIsAway,
    Idem(idem::Error),
}

impl From<idem::Error> for CheckoutError {
    fn from(error: idem::Error) -> Self {
        Self::Idem(error)
    }
}

impl CheckoutError {
    /// What the page says.
    pub fn page(&self) -> String {
        match self {
            Self::BankIsAway => "the bank does not answer; click again".to_owned(),
            Self::Idem(error) if error.is_not_issued() => "this form is not valid any more; load it again".to_owned(),
            Self::Idem(error) if error.is_mismatch() => "this form was sent before with another amount".to_owned(),
            Self::Idem(error) => error.to_string(),
        }
    }
}
