//! What the stores do with their records, on one connection.

use std::time::Duration;

use idem_core::decision::{HolderWrite, Holding, decide_claim, decide_issue, decide_write};
use idem_core::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, IssueDecision, Key, Origin, Outcome, Resolution, StoreError,
};

use sqlx::Connection as _;

use crate::backend::{Asked, Backend, Connection, Failed, Within};
use crate::error::{Meaning, meaning_of, store_error};
use crate::row::Found;
use crate::statement::{Statement, Value};
use crate::statements::Statements;
use crate::table::Table;
use crate::values::{self, Values};

/// The records of one table.
#[derive(Debug)]
pub(crate) struct Records<B> {
    pub(crate) backend: B,
    pub(crate) table: Table,
}

/// How far a claim got in one look.
#[expect(clippy::large_enum_variant, reason = "it lives from one statement to the next")]
pub(crate) enum Step {
    Decided(ClaimDecision),
    /// The claim is to be written, if what was found is still there.
    Acquire(Claim, Found),
    /// Somebody else was faster; ask again.
    Raced,
}

impl<B: Backend> Records<B> {
    pub(crate) fn new(backend: B, table: Table) -> Self {
        Self { backend, table }
    }

    pub(crate) async fn find(&self, on: &mut Connection<B>, key: &Key, within: Within) -> Result<Found, Failed> {
        self.backend.find(on, &self.backend.statements(within).find, &values::on_key(key), key).await
    }

    /// Looks, and decides.
    pub(crate) async fn ask(
        &self,
        on: &mut Connection<B>,
        request: &ClaimRequest,
        within: Within,
    ) -> Result<Step, Failed> {
        Ok(match self.backend.ask(self, on, request, within).await? {
            Asked { found, claimed: None } => Self::decide(request, found),
            Asked { claimed: Some(fence), .. } => Step::Decided(ClaimDecision::Acquired(Claim {
                key: request.key.clone(),
                claim_id: request.claim_id,
                fence,
                attempt: 1,
                origin: Origin::Free,
            })),
        })
    }

    /// What is to be done about what was found.
    pub(crate) fn decide(request: &ClaimRequest, found: Found) -> Step {
        match decide_claim(found.record.as_ref(), found.now, request) {
            ClaimDecision::Acquired(_) if found.record.is_none() && B::CLAIMS_WHEN_ASKED => Step::Raced,
            ClaimDecision::Acquired(claim) => Step::Acquire(claim, found),
            decision => Step::Decided(decision),
        }
    }

    /// Writes what the decision `claim` says, if the record is still as it was found.
    pub(crate) async fn acquire(
        &self,
        on: &mut Connection<B>,
        request: &ClaimRequest,
        claim: Claim,
        found: &Found,
        Statements { insert, take, .. }: &Statements,
    ) -> Result<Option<ClaimDecision>, Failed> {
        let values = values::claimed(request, claim.claim_id, claim.attempt);
        let (statement, values) = match &found.record {
            None => (insert, values),
            Some(record) => (take, values::as_found(values, &claim, record, found.now)),
        };
        let fence = self.backend.acquire(on, statement, &values).await?;
        Ok(fence.map(|fence| ClaimDecision::Acquired(Claim { fence, ..claim })))
    }

    /// Applies a write by the holder of `claim`, and reads why if nothing was written; `None` if it is to be repeated.
    pub(crate) async fn write_once(
        &self,
        on: &mut Connection<B>,
        claim: &Claim,
        write: &Write<'_>,
        within: Within,
    ) -> Result<Option<Result<(), StoreError>>, Failed> {
        if let Some(bytes) = write.large {
            self.backend.check_size(on, bytes).await?;
        }
        let statement = write.statement(self.backend.statements(within));
        if self.execute(on, statement, &write.values).await? > 0 {
            return Ok(Some(Ok(())));
        }
        let found = self.find(on, &claim.key, within).await?;
        Ok(match decide_write(found.record.as_ref(), claim.claim_id, write.kind) {
            // The same claim was acquired again in between, by a request that was repeated.
            Holding::Held => None,
            Holding::Repeated => Some(Ok(())),
            Holding::Lost => Some(Err(StoreError::claim_lost())),
        })
    }

    /// Issues a key that has no record, or one that has expired; `None` if it is to be repeated.
    pub(crate) async fn issue(
        &self,
        on: &mut Connection<B>,
        key: &Key,
        lifetime: Duration,
    ) -> Result<Option<IssueDecision>, Failed> {
        let Statements { issue, issue_again, .. } = self.backend.statements(Within::Itself);
        let values = values::issued(key, lifetime);
        if self.backend.acquire(on, issue, &values).await?.is_some() {
            return Ok(Some(IssueDecision::Issued));
        }
        let found = self.find(on, key, Within::Itself).await?;
        let Some(record) = found.record else { return Ok(None) };
        match decide_issue(Some(&record), found.now) {
            IssueDecision::Taken => Ok(Some(IssueDecision::Taken)),
            IssueDecision::Issued => {
                let values = values::issued_again(values, &record);
                let fence = self.backend.acquire(on, issue_again, &values).await?;
                Ok(fence.map(|_| IssueDecision::Issued))
            }
        }
    }

    pub(crate) async fn resolve(
        &self,
        on: &mut Connection<B>,
        key: &Key,
        claim_id: ClaimId,
        resolution: &Resolution,
    ) -> Result<Result<(), StoreError>, Failed> {
        let Statements { resolve_rerun, resolve_finish, .. } = self.backend.statements(Within::Itself);
        let values = values::on_claim(key, claim_id);
        let (statement, values) = match resolution {
            Resolution::Rerun => (resolve_rerun, values),
            Resolution::Finish { outcome, retention } => {
                (resolve_finish, values::with_outcome(values, outcome, *retention))
            }
        };
        Ok(match self.execute(on, statement, &values).await? {
            0 => Err(StoreError::claim_lost()),
            _ => Ok(()),
        })
    }

    pub(crate) async fn execute(
        &self,
        on: &mut Connection<B>,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<u64, Failed> {
        Ok(self.backend.execute(on, statement, values).await?)
    }

    /// What the error of a statement means, if it is the database's own, or if the connection is lost.
    pub(crate) fn meaning(failed: &Failed) -> Option<Meaning> {
        match failed {
            Failed::Sqlx(error) => meaning_of(error, B::meaning),
            Failed::Store(_) => None,
        }
    }

    /// The error of the store. A database may have no code for a table that is missing, and then is asked.
    pub(crate) async fn explain(&self, on: &mut Connection<B>, failed: Failed) -> StoreError {
        let error = match failed {
            Failed::Store(error) => return error,
            Failed::Sqlx(error) => error,
        };
        if B::table_is_missing(on, &self.table, &error).await {
            let (table, migrations) = (&self.table, B::MIGRATIONS);
            return StoreError::refused(
                format!("table `{table}` is missing; call `migrate()` or run `{migrations}`"),
                Some(error.into()),
            );
        }
        // Whoever runs the call again, or the caller's transaction, must not meet the same plan.
        if meaning_of(&error, B::meaning) == Some(Meaning::Stale) {
            let _ = on.clear_cached_statements().await;
        }
        store_error(error, B::meaning)
    }
}

/// A write by the holder of a claim.
#[derive(Debug)]
pub(crate) struct Write<'a> {
    kind: HolderWrite,
    values: Values<'a>,
    /// The size of an outcome of which a server may be asked first whether it takes it.
    large: Option<usize>,
}

/// An outcome of less is taken by every server: the smallest `max_allowed_packet` in use is 1 MiB.
const LARGE: usize = 512 * 1024;

impl<'a> Write<'a> {
    pub(crate) fn extend(claim: &'a Claim, lease: Duration) -> Self {
        let values = values::with_lease(values::on_claim(&claim.key, claim.claim_id), lease);
        Self { kind: HolderWrite::Extend, values, large: None }
    }

    pub(crate) fn complete(claim: &'a Claim, outcome: &'a Outcome, retention: Duration) -> Self {
        let values = values::with_outcome(values::on_claim(&claim.key, claim.claim_id), outcome, retention);
        Self { kind: HolderWrite::Complete, values, large: Some(outcome.text.len()).filter(|bytes| *bytes > LARGE) }
    }

    pub(crate) fn release(claim: &'a Claim) -> Self {
        Self { kind: HolderWrite::Release, values: values::on_claim(&claim.key, claim.claim_id), large: None }
    }

    pub(crate) fn abandon(claim: &'a Claim) -> Self {
        Self { kind: HolderWrite::Abandon, values: values::on_claim(&claim.key, claim.claim_id), large: None }
    }

    fn statement<'s>(&self, statements: &'s Statements) -> &'s Statement {
        match self.kind {
            HolderWrite::Extend => &statements.extend,
            HolderWrite::Complete => &statements.complete,
            HolderWrite::Release => &statements.release,
            HolderWrite::Abandon => &statements.abandon,
        }
    }
}
