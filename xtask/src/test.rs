//! Running tests, with servers and without.

use std::io::{Write, stdout};
use std::process::Command;
use std::time::Instant;

use crate::beside::{self, Job};
use crate::cargo::{Failed, cargo};
use crate::programs::{self, Program};
use crate::run;
use crate::servers::{self, Servers};
use crate::tally::{self, Report};

/// Every test there is, beside the servers. What is missing is installed first.
pub(crate) fn all() -> Result<(), Failed> {
    servers::install()?;
    let programs = programs::build()?;
    let servers = Servers::start()?;
    every(&programs, Some(&servers))
}

/// The tests that need no server; the others are reported as ignored, with the reason.
pub(crate) fn embedded() -> Result<(), Failed> {
    every(&programs::build()?, None)
}

/// These begin first, since they take longest: the others fill the gaps beside them.
const LONGEST: [&str; 9] = [
    "idem-ui::ui",
    "documentation",
    "idem-sqlx::contract",
    "idem-rs::faults",
    "idem-sqlx::history",
    "idem-core::model",
    "idem-redis::contract",
    "idem-sqlx::decision",
    "idem-rs::crash",
];

/// These run with nothing beside them: they count what the shared server writes in all, or what becomes of a page under the
/// load of their own.
const ALONE: [&str; 3] = ["idem-sqlx::postgres_log", "idem-sqlx::mysql_statements", "idem-sqlx::postgres_heap_only"];

/// Runs all programs and the examples of the documentation, whatever fails, and ends with one summary.
fn every(programs: &[Program], servers: Option<&Servers>) -> Result<(), Failed> {
    let (began, libraries) = (Instant::now(), programs::libraries()?);
    let jobs = programs.iter().map(|program| job(program, servers, &libraries));
    let mut jobs: Vec<_> = jobs.chain([documentation()]).collect();
    let place = |job: &Job| LONGEST.iter().position(|name| *name == job.name).unwrap_or(LONGEST.len());
    jobs.sort_by_key(place);
    let mut reports = beside::run(jobs)?;
    let good = reports.iter().all(Report::is_good);
    let summary = tally::summary(&mut reports, began.elapsed());
    write!(stdout(), "\n{summary}").map_err(|error| Failed::new(error.to_string()))?;
    if good { Ok(()) } else { Err(Failed::told()) }
}

fn job(program: &Program, servers: Option<&Servers>, libraries: &str) -> Job {
    let (name, mut command) = (program.name(), program.command(servers.is_some(), libraries));
    command.envs(servers.into_iter().flat_map(Servers::environment));
    Job { alone: ALONE.contains(&name.as_str()), name, command }
}

fn documentation() -> Job {
    let command = cargo(["test", "--workspace", "--all-features", "--no-fail-fast", "--doc"]).command();
    Job { name: "documentation".to_owned(), command, alone: false }
}

/// The suites whose long form [`chaos`] runs.
const SUITES: [&str; 3] = ["faults", "redis_faults", "edges"];

/// The suites of faults, or the one that comes first, for as long as they like to run, or for the seconds that come next.
/// `arguments` are otherwise those of their test programs, which would take a number for a part of a test's name and run nothing.
pub(crate) fn chaos(arguments: &[&str]) -> Result<(), Failed> {
    let (suites, arguments) = match arguments {
        [suite, rest @ ..] if SUITES.contains(suite) => (vec![*suite], rest),
        all => (SUITES.to_vec(), all),
    };
    let (seconds, arguments) = match arguments {
        [first, rest @ ..] if first.parse::<u64>().is_ok() => (Some(("IDEM_CHAOS_SECONDS", *first)), rest),
        all => (None, all),
    };
    let servers = Servers::start()?;
    let package = ["test", "--release", "--package", "idem-rs", "--all-features"];
    let suites = suites.into_iter().flat_map(|suite| ["--test", suite]);
    // What one of them finds keeps none of the others from telling its figure.
    let rest = ["--no-fail-fast", "--", "--include-ignored", "--nocapture"];
    cargo(package.into_iter().chain(suites).chain(rest).chain(arguments.iter().copied()))
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
