//! What waits for an operator.

use crate::{AbandonedClaim, AbandonedPage, Cursor, Observed, Record, StoreError, Timestamp};

/// The page of `records` behind a cursor, in the order of their keys.
pub(super) fn page<'a>(
    records: impl Iterator<Item = &'a Record>,
    now: Timestamp,
    from: Option<&Cursor>,
    limit: u32,
) -> Result<AbandonedPage, StoreError> {
    let after = from.map(Cursor::key).transpose()?;
    let after = after.as_ref().map(|key| (key.scope(), key.text()));
    let mut claims: Vec<_> = records
        .filter(|record| after.is_none_or(|after| (record.key.scope(), record.key.text()) > after))
        .filter_map(|record| AbandonedClaim::of(&Observed { record: record.clone(), now }))
        .collect();
    claims.sort_unstable_by(|one, other| (one.key.scope(), one.key.text()).cmp(&(other.key.scope(), other.key.text())));
    let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let is_last = claims.len() <= limit;
    claims.truncate(limit);
    let next = claims.last().filter(|_| !is_last).map(|last| Cursor::after(&last.key));
    Ok(AbandonedPage { claims, next })
}
