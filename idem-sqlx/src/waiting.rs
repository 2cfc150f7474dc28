//! What waits for an operator.

use idem_core::{AbandonedClaim, AbandonedPage, Cursor, Observed, Scope, StoreError};

use crate::backend::Backend;
use crate::pooled::{Pooled, no_answer};
use crate::races::Races;
use crate::row::{Found, Listed};
use crate::values;

impl<B: Backend> Pooled<B> {
    /// Some of the claims that lapsed under `refuse`, in the order of their keys. There is no index of them, which every claim
    /// would have to write: the records behind the cursor are looked through.
    pub(crate) async fn abandoned_page(&self, from: Option<&Cursor>, limit: u32) -> Result<AbandonedPage, StoreError> {
        let after = from.map(Cursor::key).transpose()?;
        let mut rows = limit.max(1);
        let deadline = self.deadline();
        let call = async {
            let mut races = Races::of(&self.pool);
            while races.go_on() {
                let mut on = self.connection(deadline).await?;
                match self.records.backend.list(&mut on, &values::page(after.as_ref(), B::BEFORE_ALL, rows)).await {
                    Ok(listed) => {
                        if let Some(page) = page(listed, rows) {
                            return Ok(page);
                        }
                        rows = rows.saturating_mul(2);
                    }
                    Err(failed) => drop(self.failed::<()>(&mut on, failed, &mut races).await?),
                }
            }
            Err(races.lost::<B>(&self.records.table))
        };
        deadline.of(call).await.unwrap_or_else(|| Err(no_answer(deadline)))
    }
}

/// The claims among the rows that were found. One that somebody damaged must not hide the others, nor the next page; `None` if
/// there may be more rows, and none of these has a key behind which they begin.
fn page(listed: Vec<Result<Listed, StoreError>>, rows: u32) -> Option<AbandonedPage> {
    let is_last = listed.len() < usize::try_from(rows).unwrap_or(usize::MAX);
    let last = listed.iter().rev().find_map(|listed| listed.as_ref().ok());
    let next = last.filter(|_| !is_last).map(|last| Cursor::after(&last.key));
    if next.is_none() && !is_last {
        return None;
    }
    let claims = listed.into_iter().filter_map(claim).collect();
    Some(AbandonedPage { claims, next })
}

fn claim(listed: Result<Listed, StoreError>) -> Option<AbandonedClaim> {
    let scope = listed.as_ref().ok().map(|listed| listed.key.scope().clone());
    match listed.and_then(|listed| listed.found) {
        Ok(Found { record, now }) => AbandonedClaim::of(&Observed { record: record?, now }),
        Err(error) => {
            let scope = scope.as_ref().map(Scope::as_str);
            tracing::warn!(target: "idem", %error, scope, "a claim that waits for a decision cannot be read");
            None
        }
    }
}
