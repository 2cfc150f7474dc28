//! What faults do on PostgreSQL and MariaDB: workers and servers killed with `kill -9`, processes paused, connections cut
//! with their acknowledgements, networks parted, clocks wrong.
//!
//! This binary starts itself again as a worker, which reaches its server through a proxy that fails. The suite for `SQLite`
//! is `crash.rs`, with which this one shares its workers of lease mode.
#![cfg(target_os = "linux")]

#[path = "crash/random.rs"]
mod random;
#[path = "faults/spawner.rs"]
mod spawner;
#[path = "faults/port.rs"]
mod port;
#[path = "faults/server.rs"]
mod server;
#[path = "faults/postgres.rs"]
mod postgres;
#[path = "faults/mariadb.rs"]
mod mariadb;
#[path = "faults/database.rs"]
mod database;
#[path = "faults/wire.rs"]
mod wire;
#[path = "faults/network.rs"]
mod network;
#[path = "faults/proxy.rs"]
mod proxy;

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

#[path = "faults/bank.rs"]
mod bank;
#[path = "faults/teller.rs"]
mod teller;
#[path = "faults/audit.rs"]
mod audit;
#[path = "faults/chaos.rs"]
mod chaos;

#[path = "faults/transaction.rs"]
mod transaction;
#[path = "faults/dropped.rs"]
mod dropped;
#[path = "faults/lease.rs"]
mod lease;
#[path = "faults/clock.rs"]
mod clock;
#[path = "faults/acknowledgement.rs"]
mod acknowledgement;
#[path = "faults/conflict.rs"]
mod conflict;
#[path = "faults/named.rs"]
mod named;
#[path = "faults/refused.rs"]
mod refused;

/// Not a test but a worker of lease mode, when this binary was started as one.
#[test]
fn worker() {
    if let Some(task) = process::task() {
        worker::work(&task);
    }
}

/// Not a test but a worker of transaction mode, when this binary was started as one.
#[test]
fn teller() {
    if let Some(task) = process::task() {
        teller::work(&task);
    }
}
