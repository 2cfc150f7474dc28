//! Calls inside the caller's transaction, on each database: what commits together, what vanishes together, and what a
//! duplicate gets meanwhile.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

#[path = "../common/mod.rs"]
mod common;
mod databases;
mod ledger;
mod together;
mod duplicates;
mod again;
mod isolation;
mod dropped;
mod ended;
mod inside;
mod nested;
mod readers;
mod codes;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod hung;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod nobody;
