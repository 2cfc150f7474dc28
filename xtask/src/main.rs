//! The project's own commands, `cargo xtask <command>`.
//!
//! - `test` runs every test: unit, behaviour, contract, compile errors, documentation, and those that need a server,
//!   for which it starts private PostgreSQL, MariaDB, PgBouncer, Redis and Redis Cluster (and, as root on Debian, installs
//!   what is missing). Test programs run side by side, and whatever fails, all of them run and one summary ends it. `test
//!   --embedded` runs all but those that need a server.
//! - `ci` runs what else must hold: formatting, lints, documentation, each feature alone, dependency edges,
//!   the README's programs in a fresh crate, the examples.
//! - `bless` rewrites the pinned compile errors and golden files, beside the servers for those of statements that are
//!   taken down from them; read what it changed before you commit it.
//! - `with-servers COMMAND…` runs a command beside the same servers, with the variables that name them; without a
//!   command it prints the variables and keeps the servers until Ctrl-C.
//! - `chaos SUITE SECONDS ARGUMENTS…` runs the long form of a suite of faults, `faults`, `redis_faults` or `edges`, or of all of
//!   them; the arguments are for their test programs.

mod run;
mod cargo;
mod servers;
mod programs;
mod tally;
mod beside;
mod test;
mod check;
mod edges;
mod features;
mod readme;

use std::process::ExitCode;

use cargo::Failed;

const USAGE: &str = "usage: cargo xtask test [--embedded] | ci | bless | with-servers [COMMAND…] | chaos [SUITE] [SECONDS] [ARGUMENTS…]";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let done = run::listen().and_then(|()| match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => test::all(),
        ["test", "--embedded"] => test::embedded(),
        ["ci"] => check::all(),
        ["bless"] => test::bless(),
        ["with-servers"] => test::servers_alone(),
        ["with-servers", program, arguments @ ..] => test::with_servers(program, arguments),
        ["chaos", arguments @ ..] => test::chaos(arguments),
        _ => Err(Failed::new(USAGE)),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { what }) => {
            if !what.is_empty() {
                eprintln!("\nxtask: {what}");
            }
            ExitCode::from(if what == USAGE { 2 } else { 1 })
        }
    }
}
