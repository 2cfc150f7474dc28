//! The project's own commands, `cargo xtask <command>`.
//!
//! - `test` runs every test: unit, behaviour, contract, compile errors, documentation.
//! - `ci` runs what else must hold: formatting, lints, documentation, each feature alone, dependency edges,
//!   the README's first snippet in a fresh crate, the examples.
//! - `bless` rewrites the pinned compile errors and golden files; read what it changed before you commit it.

mod cargo;
mod check;
mod edges;
mod features;
mod readme;

use std::process::ExitCode;

use cargo::{Failed, cargo};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => test(),
        ["ci"] => check::all(),
        ["bless"] => bless(),
        _ => {
            eprintln!("usage: cargo xtask test | ci | bless");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { what }) => {
            eprintln!("\nxtask: {what} failed");
            ExitCode::FAILURE
        }
    }
}

/// Every test there is. Those that kill and stop processes print their figure, so nothing is captured for them.
fn test() -> Result<(), Failed> {
    cargo(["test", "--workspace", "--all-features", "--all-targets"]).run()?;
    cargo(["test", "--workspace", "--all-features", "--doc"]).run()
}

/// Rewrites pinned output. `BLESS` is the project's own variable, `TRYBUILD` that of the compile-error suite.
fn bless() -> Result<(), Failed> {
    cargo(["test", "--package", "idem-ui"]).env("TRYBUILD", "overwrite").run()?;
    cargo(["test", "--package", "idem-macros", "--package", "idem-core", "--all-features"]).env("BLESS", "1").run()
}
