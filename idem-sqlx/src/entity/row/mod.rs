//! Rows: loaded, locked, inserted, updated and deleted, each write guarded by what its caller has seen.

pub(in crate::entity) mod outcome;
mod read;
pub(in crate::entity) mod update;
pub(in crate::entity) mod modify;
pub(in crate::entity) mod lock;
pub(in crate::entity) mod insert;
pub(in crate::entity) mod delete;
pub(in crate::entity) mod newer;
pub(in crate::entity) mod upsert;
