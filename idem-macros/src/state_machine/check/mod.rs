//! The rules across the machine. Each is one function and one file in `tests/ui/state_machine`.

mod branches;
mod events;
mod graph;
mod retries;

use super::item::Item;
pub(crate) use graph::{trap_message, traps};

use super::machine::Machine;
use crate::errors::Errors;

/// Checks all rules. Those about the graph only if nothing of it is missing.
pub(crate) fn check(errors: &mut Errors, machine: &Machine, item: &Item) {
    events::check(errors, machine, item);
    branches::check(errors, machine);
    graph::check_initial(errors, machine, item);
    if machine.is_whole && !graph::check_ways_out_of_final_states(errors, machine) {
        graph::check(errors, machine);
        retries::check(errors, machine);
    }
}
