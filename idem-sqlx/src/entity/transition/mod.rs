//! Transitions: what a caller asks for, the statements that move a row, and the table that tells a retry from an illegal move.

pub(in crate::entity) mod outcome;
mod answer;
pub(in crate::entity) mod steps;
pub(in crate::entity) mod fire;
pub(in crate::entity) mod given;
mod firing;
