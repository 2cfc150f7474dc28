//! Running tests, with servers and without.

use std::io::{Write, stdout};
use std::process::Command;

use crate::cargo::{Failed, cargo};
use crate::run;
use crate::servers::{self, Servers};

/// Every test there is. What is missing is installed before the first of them, and the servers start when the tests
/// that need none have passed: a mistake that these find is not worth waiting for a server.
pub(crate) fn all() -> Result<(), Failed> {
    servers::install()?;
    without_servers()?;
    let servers = Servers::start()?;
    let packages = ["--package", "idem-sqlx", "--package", "idem-redis", "--package", "idem-rs"];
    cargo(["test"].iter().chain(&packages).chain(&["--all-features", "--tests", "--", "--ignored"]).copied())
        .envs(servers.environment())
        .run()?;
    drop(servers);
    documentation()
}

/// The tests that need no server; the others are reported as ignored, with the reason.
pub(crate) fn embedded() -> Result<(), Failed> {
    without_servers()?;
    documentation()
}

/// The suites of faults for as long as they like to run, or for the seconds that come first. `arguments` are otherwise
/// those of their test programs, which would take a number for a part of a test's name and run nothing.
pub(crate) fn chaos(arguments: &[&str]) -> Result<(), Failed> {
    let (seconds, arguments) = match arguments {
        [first, rest @ ..] if first.parse::<u64>().is_ok() => (Some(("IDEM_CHAOS_SECONDS", *first)), rest),
        all => (None, all),
    };
    let servers = Servers::start()?;
    let package = ["test", "--release", "--package", "idem-rs", "--all-features"];
    // What one of them finds keeps none of the others from telling its figure.
    let suites = ["--test", "faults", "--test", "redis_faults", "--no-fail-fast", "--", "--ignored", "--nocapture"];
    cargo(package.iter().chain(&suites).chain(arguments).copied())
        .env("IDEM_CHAOS", "long")
        .envs(seconds.into_iter().chain(servers.environment()))
        .run()
}

/// Rewrites pinned output. `BLESS` is the project's own variable, `TRYBUILD` that of the compile-error suite. What needs no
/// server comes first.
pub(crate) fn bless() -> Result<(), Failed> {
    cargo(["test", "--package", "idem-ui"]).env("TRYBUILD", "overwrite").run()?;
    cargo(["test", "--package", "idem-macros", "--package", "idem-core", "--all-features"]).env("BLESS", "1").run()?;
    let servers = Servers::start()?;
    let statements = ["--test", "entity_statements", "--test", "versioned_statements", "--", "--include-ignored"];
    cargo(["test", "--package", "idem-sqlx", "--all-features"].iter().chain(&statements).copied())
        .env("BLESS", "1")
        .envs(servers.environment())
        .run()
}

/// Runs a command beside the servers, for benchmarks and for a look with `psql`.
pub(crate) fn with_servers(program: &str, arguments: &[&str]) -> Result<(), Failed> {
    let servers = Servers::start()?;
    for (name, value) in servers.environment() {
        eprintln!("{name}={value}");
    }
    let mut command = Command::new(program);
    command.args(arguments).envs(servers.environment());
    run::beside_us(command, &format!("`{program}`"))
}

/// Keeps the servers until a signal, which is how this ends in good order.
pub(crate) fn servers_alone() -> Result<(), Failed> {
    let servers = Servers::start()?;
    for (name, value) in servers.environment() {
        writeln!(stdout(), "export {name}='{value}'").map_err(|error| Failed::new(error.to_string()))?;
    }
    eprintln!("# Ctrl-C stops them");
    run::until_signal();
    Ok(())
}

/// Tests that kill and stop processes print their figure, so nothing is captured for them.
fn without_servers() -> Result<(), Failed> {
    cargo(["test", "--workspace", "--all-features", "--all-targets"]).run()
}

fn documentation() -> Result<(), Failed> {
    cargo(["test", "--workspace", "--all-features", "--doc"]).run()
}
