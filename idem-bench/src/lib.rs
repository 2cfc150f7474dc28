//! What idem costs, next to hand-written code and to its peers.
//!
//! Contenders take turns inside one run, and medians over many rounds are compared: on a shared machine the ratios hold
//! where the absolute figures do not. That is why this is not criterion, which finishes one contender before the next.

pub mod by_hand;
pub mod contenders;
pub mod databases;
pub mod entities;
pub mod figures;
pub mod log;
pub mod methods;
pub mod orders;
pub mod pairs;
pub mod turns;
pub mod redis;
