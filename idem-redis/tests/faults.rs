//! What faults do on Redis: workers and servers killed with `kill -9`, processes paused, connections cut with their
//! acknowledgements, networks parted.
//!
//! This binary starts itself again as a worker, which may reach its server through a proxy that fails. The servers are this
//! suite's own and sync their log before they answer, so that no answer is lost with one of them; what a failover loses is
//! in `failover.rs`. Workers, faults and figures are those of the suites for SQL.
#![cfg(target_os = "linux")]

#[path = "../../tests/crash/random.rs"]
mod random;
#[path = "../../tests/faults/spawner.rs"]
mod spawner;
#[path = "../../tests/faults/server.rs"]
#[expect(dead_code, reason = "transactions and folders are what servers of SQL have")]
mod server;
#[path = "faults/database.rs"]
mod database;
#[path = "faults/wire.rs"]
mod wire;
#[path = "../../tests/faults/network.rs"]
mod network;
#[path = "../../tests/faults/proxy.rs"]
mod proxy;

#[path = "../../tests/crash/journal.rs"]
mod journal;
#[path = "../../tests/crash/account.rs"]
mod account;
#[path = "../../tests/crash/fault.rs"]
mod fault;
#[path = "../../tests/crash/faulty.rs"]
mod faulty;
#[path = "../../tests/crash/calls.rs"]
mod calls;
#[path = "../../tests/crash/worker.rs"]
mod worker;
#[path = "../../tests/crash/process.rs"]
mod process;
#[path = "../../tests/crash/site.rs"]
mod site;
#[path = "../../tests/crash/progress.rs"]
mod progress;
#[path = "../../tests/crash/slot.rs"]
mod slot;
#[path = "../../tests/crash/kill.rs"]
mod kill;
#[path = "../../tests/crash/pause.rs"]
mod pause;
#[path = "../../tests/faults/chaos.rs"]
mod chaos;

#[path = "faults/lease.rs"]
mod lease;
#[path = "faults/acknowledgement.rs"]
mod acknowledgement;
#[path = "faults/named.rs"]
mod named;

/// Not a test but a worker, when this binary was started as one.
#[test]
fn worker() {
    if let Some(task) = process::task() {
        worker::work(&task);
    }
}
