//! The service: one annotated function.

use std::sync::Arc;

use idem::idempotent;
use serde::{Deserialize, Serialize};

use crate::gateway::Gateway;
use crate::protocol::Payment;

/// What a client gets for a payment, and gets again for each retry of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Receipt {
    /// The charge in the gateway's ledger.
    pub charge: u64,
    /// In the smallest unit of the currency.
    pub amount: u64,
}

/// Why a payment has no receipt.
#[derive(Debug, Serialize, Deserialize)]
pub enum PayError {
    /// The bank said no, and will say no again: kept, and replayed to each retry.
    Declined,
    /// The gateway is busy: not kept, so that a retry runs again.
    Busy,
    /// The key came back with another amount.
    Mismatch,
    /// No outcome yet; try again.
    Unavailable(String),
}

impl PayError {
    fn is_final(&self) -> bool {
        matches!(self, Self::Declined)
    }
}

impl From<idem::Error> for PayError {
    fn from(error: idem::Error) -> Self {
        if error.is_mismatch() { Self::Mismatch } else { Self::Unavailable(error.to_string()) }
    }
}

/// Charges cards.
pub struct Payments {
    pub idem: Arc<dyn idem::Store>,
    pub gateway: Gateway,
}

impl Payments {
    /// Charges a card once per merchant and order, however often the client asks.
    ///
    /// If this process dies between the charge and its record, the next attempt runs this body again; the gateway then
    /// sees the same downstream key, and does not charge again either.
    #[idempotent(
        store = self.idem,
        scope = "payments.charge",
        key = (payment.merchant, payment.order),
        fingerprint = payment.amount,
        lease = "1s",
        in_flight = wait("10s"),
        errors = keep_if(PayError::is_final),
        context = execution
    )]
    pub async fn charge(&self, payment: &Payment) -> Result<Receipt, PayError> {
        let charge = self.gateway.charge(payment, &execution.downstream_key("gateway")).await?;
        Ok(Receipt { charge, amount: payment.amount })
    }
}
