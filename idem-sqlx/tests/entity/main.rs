//! Entities: their statements on real databases.
#![cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]

#[path = "../common/mod.rs"]
mod common;
mod machines;
mod order;
mod rooms;
mod tables;
mod levels;

mod retries;
mod guards;
mod moves;
mod fences;
mod snapshots;
mod operations;
mod dropped;
mod ended;
mod columns;
mod comparing;
mod triggers;
mod stress;
#[cfg(feature = "postgres")]
mod enums;
#[cfg(feature = "postgres")]
mod pgbouncer;
