//! Making room in a bounded store.

use crate::decision::is_expired;
use crate::{Record, State, StoreError, Timestamp};

use super::Records;

/// Frees about a tenth of the store, so that a full one does not search all records for each new one.
pub(super) fn make(records: &mut Records, now: Timestamp) -> Result<(), StoreError> {
    if remove(records, usize::MAX, |record| is_expired(record, now)) > 0 {
        return Ok(());
    }
    let mut candidates: Vec<_> = records.values().filter_map(worth).collect();
    candidates.sort_unstable();
    let tenth = records.len().div_ceil(10).min(candidates.len());
    let Some(most) = tenth.checked_sub(1).map(|last| candidates[last]) else {
        return Err(StoreError::unavailable(
            "the memory store is full of running claims and unused tokens; raise its capacity",
        ));
    };
    remove(records, tenth, |record| worth(record).is_some_and(|worth| worth <= most));
    Ok(())
}

/// What a record is worth when room is needed; `None` if it must stay.
fn worth(record: &Record) -> Option<(bool, Timestamp)> {
    match record.state {
        State::Issued | State::Running { .. } => None,
        State::Released => Some((false, record.updated_at)),
        State::Finished(_) => Some((true, record.updated_at)),
    }
}

pub(super) fn remove(records: &mut Records, limit: usize, which: impl Fn(&Record) -> bool) -> u64 {
    let mut removed = 0;
    records.retain(|_, record| {
        let keep = removed >= limit || !which(record);
        removed += usize::from(!keep);
        keep
    });
    removed as u64
}
