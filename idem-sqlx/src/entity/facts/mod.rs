//! What the derives write of a table and of its values, and what they ask of the types of its fields.

pub(in crate::entity) mod describe;
pub(in crate::entity) mod stored;
#[doc(hidden)]
pub mod state;
pub(in crate::entity) mod field;
#[doc(hidden)]
pub mod compare;
pub(in crate::entity) mod bind;
