//! What crashes do: real processes on one `SQLite` file, killed with `kill -9` and paused past their leases.
//!
//! This binary starts itself again as a worker, which runs operations on a store that ends or stops its own process at a
//! named point. Whatever must outlive a worker is a line in a journal: claims, side effects and answers.
#![cfg(target_os = "linux")]

#[path = "crash/random.rs"]
mod random;
#[path = "crash/database.rs"]
mod database;
#[path = "crash/journal.rs"]
mod journal;
#[path = "crash/account.rs"]
mod account;
#[path = "crash/fault.rs"]
mod fault;
#[path = "crash/faulty.rs"]
mod faulty;
#[path = "crash/calls.rs"]
mod calls;
#[path = "crash/worker.rs"]
mod worker;
#[path = "crash/process.rs"]
mod process;
#[path = "crash/site.rs"]
mod site;
#[path = "crash/progress.rs"]
mod progress;
#[path = "crash/slot.rs"]
mod slot;

#[path = "crash/kill.rs"]
mod kill;
#[path = "crash/pause.rs"]
mod pause;
#[path = "crash/named.rs"]
mod named;
#[path = "crash/race.rs"]
mod race;
#[path = "crash/strikes.rs"]
mod strikes;
#[path = "crash/chaos.rs"]
mod chaos;

/// Not a test but a worker, when this binary was started as one.
#[test]
fn worker() {
    if let Some(task) = process::task() {
        worker::work(&task);
    }
}

/// Stands in the list of tests where `faults.rs` does not.
#[cfg(not(all(feature = "postgres", feature = "mysql")))]
#[test]
#[ignore = "needs PostgreSQL and MariaDB: cargo xtask test"]
fn faults_on_postgres_and_mariadb() {
    panic!("run `cargo xtask test`, which starts the servers and turns on the features `postgres` and `mysql`");
}

/// Stands in the list of tests where `redis_faults.rs` does not.
#[cfg(not(feature = "redis"))]
#[test]
#[ignore = "needs Redis: cargo xtask test"]
fn faults_on_redis() {
    panic!("run `cargo xtask test`, which starts the servers and turns on the feature `redis`");
}
