//! A store inside a transaction of the caller's.

use std::time::Duration;

use async_trait::async_trait;
use idem_core::{Claim, ClaimDecision, ClaimRequest, JoinedStore, Outcome, StoreError};
use sqlx::Connection as _;

use crate::backend::{Backend, Connection, Failed, Within};
use crate::races::Races;
use crate::records::{Records, Step, Write};
use crate::transaction::inside;

/// The records of one table, as a transaction of the caller's sees and writes them.
pub(crate) struct Joined<'t, B: Backend> {
    records: &'t Records<B>,
    on: &'t mut Connection<B>,
}

impl<'t, B: Backend> Joined<'t, B> {
    pub(crate) fn new(records: &'t Records<B>, on: &'t mut Connection<B>) -> Self {
        Self { records, on }
    }

    /// A write that is not repeated: only the caller can run a transaction again.
    async fn write(&mut self, claim: &Claim, write: Write<'_>) -> Result<(), StoreError> {
        if let Err(ended) = inside::check::<B::Database>(self.on).await {
            return Err(self.records.explain(self.on, ended.into()).await);
        }
        let mut races = Races::without_reconnecting();
        while races.go_on() {
            match self.records.write_once(self.on, claim, &write, Within::Caller).await {
                Ok(Some(answer)) => return answer,
                Ok(None) => races.unwritten::<()>(),
                Err(failed) => return Err(self.records.explain(self.on, failed).await),
            };
        }
        Err(races.lost::<B>(&self.records.table))
    }
}

#[async_trait]
impl<B: Backend> JoinedStore for Joined<'_, B> {
    async fn claim(&mut self, request: &ClaimRequest, patience: Option<Duration>) -> Result<ClaimDecision, StoreError> {
        if !self.on.is_in_transaction() {
            return Err(StoreError::refused(
                "no transaction is open on this connection; begin one, and let the call join it: \
                 `let mut tx = pool.begin().await?`",
                None,
            ));
        }
        if let Err(ended) = inside::check::<B::Database>(self.on).await {
            return Err(self.records.explain(self.on, ended.into()).await);
        }
        match self.records.backend.claim_joined(self.records, self.on, request, patience).await {
            Ok(decision) => Ok(decision),
            Err(failed) => Err(self.records.explain(self.on, failed).await),
        }
    }

    async fn complete(&mut self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        self.write(claim, Write::complete(claim, outcome, retention)).await
    }

    async fn release(&mut self, claim: &Claim) -> Result<(), StoreError> {
        self.write(claim, Write::release(claim)).await
    }
}

/// Claims in a transaction in which every statement sees what was committed before it.
pub(crate) async fn claim<B: Backend>(
    records: &Records<B>,
    on: &mut Connection<B>,
    request: &ClaimRequest,
) -> Result<ClaimDecision, Failed> {
    let statements = records.backend.statements(Within::Caller);
    let mut races = Races::without_reconnecting();
    while races.go_on() {
        match records.ask(on, request, Within::Caller).await? {
            Step::Decided(decision) => return Ok(decision),
            Step::Acquire(claim, found) => {
                if let Some(decision) = records.acquire(on, request, claim, &found, statements).await? {
                    return Ok(decision);
                }
                if found.record.is_none() {
                    races.unseen::<()>();
                }
            }
            Step::Raced => {
                races.unseen::<()>();
            }
        }
    }
    Err(races.lost::<B>(&records.table).into())
}
