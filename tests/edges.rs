//! The edges: threads that are blocked, callers that go away, processes and pooled connections that are killed, stores that
//! refuse, that are full, that only read after a failover, that are locked, and networks that part, under calls with a lease on
//! each of the five stores. Nothing runs a second time without a takeover that was logged.
//!
//! This binary starts itself again as a worker. Workers, faults and the account of what happened are those of the suites of
//! crashes and faults. `cargo xtask chaos edges` is the long form.
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
#[path = "redis_faults/redis.rs"]
mod redis;
#[path = "redis_faults/wire.rs"]
mod wire;
#[path = "faults/network.rs"]
#[expect(dead_code, reason = "faults at a named statement are not this suite's")]
mod network;
#[path = "faults/proxy.rs"]
#[expect(dead_code, reason = "faults at a named statement are not this suite's")]
mod proxy;

#[path = "crash/journal.rs"]
mod journal;
#[path = "crash/account.rs"]
#[expect(dead_code, reason = "other suites have figures of their own")]
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
#[expect(dead_code, reason = "here nothing is held at a named point")]
mod process;
#[path = "crash/site.rs"]
#[expect(dead_code, reason = "here nothing is held at a named point")]
mod site;
#[path = "crash/progress.rs"]
mod progress;
#[path = "crash/slot.rs"]
mod slot;

#[path = "edges/blow.rs"]
mod blow;
#[path = "edges/weather.rs"]
mod weather;
#[path = "edges/moody.rs"]
mod moody;
#[path = "edges/database.rs"]
mod database;
#[path = "edges/place.rs"]
mod place;
#[path = "edges/memory.rs"]
mod memory;
#[path = "edges/sqlite.rs"]
mod sqlite;
#[path = "edges/servers.rs"]
mod servers;
#[path = "edges/postgres_blows.rs"]
mod postgres_blows;
#[path = "edges/mariadb_blows.rs"]
mod mariadb_blows;
#[path = "edges/redis_blows.rs"]
mod redis_blows;
#[path = "edges/storm.rs"]
mod storm;
#[path = "edges/run.rs"]
mod run;

use place::Place;
use storm::Length;

/// Not a test but a worker, when this binary was started as one.
#[test]
fn worker() {
    if let Some(task) = process::task() {
        worker::work(&task);
    }
}

async fn sound(mut place: impl Place) {
    let length = Length::choose();
    run::check(&run::run(&mut place, length).await, length);
}

#[tokio::test(flavor = "multi_thread")]
async fn edges_of_the_store_in_memory() {
    sound(memory::Memory::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edges_of_sqlite() {
    sound(sqlite::Sqlite::new()).await;
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn edges_of_postgres() {
    sound(servers::postgres().await).await;
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn edges_of_mariadb() {
    sound(servers::mariadb().await).await;
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn edges_of_redis() {
    sound(servers::redis().await).await;
}

/// The suite can fail: it finds that a store acknowledges what it forgets.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_forgets_completions_is_found_at_the_edges() {
    let outcome = run::run(&mut memory::Memory::broken(), Length { orders: 100, blows: 5, at_most: None }).await;
    assert!(outcome.account.unlogged() > 0, "nothing was found");
}
