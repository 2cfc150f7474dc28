//! The statements, composed from the facts at compile time, each of them once for all databases.

pub(in crate::entity) mod dialect;
pub(in crate::entity) mod text;
pub(in crate::entity) mod columns;
pub(in crate::entity) mod clauses;
pub(in crate::entity) mod wanted;
pub(in crate::entity) mod statements;
pub(in crate::entity) mod upsert;
pub(in crate::entity) mod unique;
