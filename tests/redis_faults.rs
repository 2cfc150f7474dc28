//! What faults do on Redis: workers and servers killed with `kill -9`, processes paused, connections cut with their
//! acknowledgements, networks parted.
//!
//! This binary starts itself again as a worker, which may reach its server through a proxy that fails. The servers are this
//! suite's own and sync their log before they answer, so that no answer is lost with one of them; what a failover loses is
//! in `failover.rs` of `idem-redis`. On the Cluster, which is shared, only workers meet faults. Workers, faults and figures
//! are those of the suites for SQL.
#![cfg(target_os = "linux")]

#[path = "crash/random.rs"]
mod random;
#[path = "faults/spawner.rs"]
mod spawner;
#[path = "faults/port.rs"]
mod port;
#[path = "faults/server.rs"]
#[expect(dead_code, reason = "transactions and folders are what servers of SQL have")]
mod server;
#[path = "redis_faults/redis.rs"]
mod redis;
#[path = "redis_faults/database.rs"]
mod database;
#[path = "redis_faults/wire.rs"]
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
#[path = "crash/strikes.rs"]
mod strikes;
#[path = "faults/chaos.rs"]
mod chaos;

#[path = "redis_faults/lease.rs"]
mod lease;
#[path = "redis_faults/acknowledgement.rs"]
mod acknowledgement;
#[path = "redis_faults/wakeups.rs"]
mod wakeups;
#[path = "redis_faults/cluster.rs"]
mod cluster;
#[path = "redis_faults/named.rs"]
mod named;

/// Not a test but a worker, when this binary was started as one.
#[test]
fn worker() {
    if let Some(task) = process::task() {
        worker::work(&task);
    }
}
