//! All that an expansion may name. Not a public interface: it changes with the macros, which are pinned to this version.

pub use idem_core::expansion::*;
pub use idem_core::{Abandoned, Execution, InFlight, Site};
