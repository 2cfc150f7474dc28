//! What waits for an operator.

use idem_core::{AbandonedClaim, AbandonedPage, Cursor, Key, Observed, Scope, StoreError};

use crate::backend::{Backend, Connection, Failed};
use crate::pooled::{Pooled, no_answer};
use crate::races::Races;
use crate::row::{Found, Listed};
use crate::values;

/// How many rows are looked at before it is an error that none of their keys can be read.
const MOST_ROWS: u32 = 100_000;

impl<B: Backend> Pooled<B> {
    /// Some of the claims that lapsed under `refuse`, in the order of their keys. There is no index of them, which every claim
    /// would have to write: the records behind the cursor are looked through.
    pub(crate) async fn abandoned_page(&self, from: Option<&Cursor>, limit: u32) -> Result<AbandonedPage, StoreError> {
        let after = from.map(Cursor::key).transpose()?;
        let limit = limit.max(1);
        let deadline = self.deadline();
        let call = async {
            let mut races = Races::of(&self.pool);
            while races.go_on() {
                let mut on = self.connection(deadline).await?;
                match self.page_behind(&mut on, after.as_ref(), limit).await {
                    Ok(page) => return Ok(page),
                    Err(failed) => drop(self.failed::<()>(&mut on, failed, &mut races).await?),
                }
            }
            Err(races.lost::<B>(&self.records.table))
        };
        deadline.of(call).await.unwrap_or_else(|| Err(no_answer(deadline)))
    }

    /// A page cannot end where no key can be read, since the next one would begin there. Then more rows are looked at.
    async fn page_behind(
        &self,
        on: &mut Connection<B>,
        after: Option<&Key>,
        limit: u32,
    ) -> Result<AbandonedPage, Failed> {
        let mut rows = limit;
        loop {
            let listed = self.records.backend.list(on, &values::page(after, B::BEFORE_ALL, rows)).await?;
            if let Some(page) = page(listed, rows) {
                return Ok(cut(page, limit));
            }
            if rows >= MOST_ROWS {
                return Err(Failed::Store(StoreError::corrupt(format!(
                    "the keys of {rows} records in a row of table `{}` cannot be read; mend these records, or delete them",
                    self.records.table
                ))));
            }
            rows = rows.saturating_mul(2);
        }
    }
}

/// The claims of a page, no more than were asked for. The next page begins behind the last of them.
fn cut(page: AbandonedPage, limit: u32) -> AbandonedPage {
    let AbandonedPage { mut claims, next } = page;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if claims.len() <= limit {
        return AbandonedPage { claims, next };
    }
    claims.truncate(limit);
    let next = claims.last().map(|claim| Cursor::after(&claim.key));
    AbandonedPage { claims, next }
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
