//! What the store does when it is asked.

use std::time::Duration;

use async_trait::async_trait;
use idem_core::decision::{HolderWrite, decide_claim};
use idem_core::{Claim, ClaimDecision, ClaimId, ClaimRequest, Key, Observed, Outcome, Resolution, Store, StoreError};
use sqlx::AssertSqlSafe;

use super::parameters::{on_claim, with_outcome};
use super::statements::Statements;
use super::{MOST_RACES, SqliteStore, too_many_races};
use crate::row;

#[async_trait]
impl Store for SqliteStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        for _ in 0..MOST_RACES {
            let found = self.find(&request.key).await?;
            let claim = match decide_claim(found.record.as_ref(), found.now, request) {
                ClaimDecision::Acquired(claim) => claim,
                decision => return Ok(decision),
            };
            if let Some(fence) = self.acquire(request, &claim, &found).await? {
                return Ok(ClaimDecision::Acquired(Claim { fence, ..claim }));
            }
        }
        Err(too_many_races())
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        let statement = &self.inner.statements.extend;
        self.write(claim, HolderWrite::Extend, || {
            on_claim(statement, &claim.key, claim.claim_id).bind(row::micros(lease))
        })
        .await
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        let statement = &self.inner.statements.complete;
        self.write(claim, HolderWrite::Complete, || {
            with_outcome(on_claim(statement, &claim.key, claim.claim_id), outcome, retention)
        })
        .await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let statement = &self.inner.statements.release;
        self.write(claim, HolderWrite::Release, || on_claim(statement, &claim.key, claim.claim_id)).await
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        Ok(self.find(key).await?.observed())
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        let Statements { resolve_rerun, resolve_finish, .. } = &self.inner.statements;
        let query = match resolution {
            Resolution::Rerun => on_claim(resolve_rerun, key, claim_id),
            Resolution::Finish { outcome, retention } => {
                with_outcome(on_claim(resolve_finish, key, claim_id), outcome, *retention)
            }
        };
        match self.execute(query).await? {
            0 => Err(StoreError::claim_lost()),
            _ => Ok(()),
        }
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let query = sqlx::query(AssertSqlSafe(self.inner.statements.purge.clone()));
        self.execute(query.bind(i64::from(limit))).await
    }
}
