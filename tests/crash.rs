//! What crashes do: real processes on one `SQLite` file, killed with `kill -9` and paused past their leases.
//!
//! This binary starts itself again as a worker, which runs operations on a store that ends or stops its own process at a
//! named point. Whatever must outlive a worker is a line in a journal: claims, side effects and answers.
#![cfg(target_os = "linux")]

#[path = "crash/journal.rs"]
mod journal;
#[path = "crash/account.rs"]
mod account;
#[path = "crash/fault.rs"]
mod fault;
#[path = "crash/faulty.rs"]
mod faulty;
#[path = "crash/worker.rs"]
mod worker;
#[path = "crash/process.rs"]
mod process;
#[path = "crash/site.rs"]
mod site;

#[path = "crash/kill.rs"]
mod kill;
#[path = "crash/pause.rs"]
mod pause;
#[path = "crash/race.rs"]
mod race;
#[path = "crash/chaos.rs"]
mod chaos;

/// Not a test but a worker, when this binary was started as one.
#[test]
fn worker() {
    if let Some(task) = process::task() {
        worker::work(&task);
    }
}
