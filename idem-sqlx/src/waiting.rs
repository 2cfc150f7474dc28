//! What waits for an operator.

use idem_core::{AbandonedClaim, AbandonedPage, Cursor, Observed, StoreError};

use crate::backend::Backend;
use crate::pooled::{Pooled, no_answer};
use crate::races::Races;
use crate::row::Listed;
use crate::values;

impl<B: Backend> Pooled<B> {
    /// Some of the claims that lapsed under `refuse`, in the order of their keys. There is no index of them, which every claim
    /// would have to write: the records behind the cursor are looked through.
    pub(crate) async fn abandoned_page(&self, from: Option<&Cursor>, limit: u32) -> Result<AbandonedPage, StoreError> {
        let after = from.map(Cursor::key).transpose()?;
        let limit = limit.max(1);
        let values = values::page(after.as_ref(), B::BEFORE_ALL, limit);
        let deadline = self.deadline();
        let call = async {
            let mut races = Races::of(&self.pool);
            while races.go_on() {
                let mut on = self.connection(deadline).await?;
                match self.records.backend.list(&mut on, &values).await {
                    Ok(listed) => return Ok(page(listed, limit)),
                    Err(failed) => self.failed::<()>(&mut on, failed, &mut races).await?,
                };
            }
            Err(races.lost::<B>(&self.records.table))
        };
        deadline.of(call).await.unwrap_or_else(|| Err(no_answer(deadline)))
    }
}

/// One record that somebody damaged must not hide the others, nor the next page.
fn page(listed: Vec<Listed>, limit: u32) -> AbandonedPage {
    let is_last = listed.len() < usize::try_from(limit).unwrap_or(usize::MAX);
    let next = listed.last().filter(|_| !is_last).map(|last| Cursor::after(&last.key));
    let mut claims = Vec::with_capacity(listed.len());
    for Listed { key, found } in listed {
        match found {
            Ok(found) => {
                let now = found.now;
                claims.extend(found.record.and_then(|record| AbandonedClaim::of(&Observed { record, now })));
            }
            Err(error) => tracing::warn!(
                target: "idem", %error, scope = %key.scope(), "a claim that waits for a decision cannot be read"
            ),
        }
    }
    AbandonedPage { claims, next }
}
