//! First calls and replays on PostgreSQL, MariaDB and SQLite: idem against the same work by hand in sqlx, taking turns.
//!
//! `cargo xtask with-servers cargo bench --manifest-path idem-bench/Cargo.toml --ignore-rust-version --bench databases`
//!
//! After `--`: `postgres`, `mysql` or `sqlite` for those alone, `lease` or `transaction` for one mode alone, and `--quick`
//! for a fourth of the time.

use std::time::Duration;

use idem_bench::by_hand::BoxError;
use idem_bench::databases::mysql::MariaDb;
use idem_bench::databases::postgres::Postgres;
use idem_bench::databases::sqlite::Sqlite;
use idem_bench::databases::{Contender, Database, Mode};
use idem_bench::figures::{Times, head, readable, row};
use idem_bench::log;
use idem_bench::turns::{Bench, Calls, PARTS};

/// How many call at once.
const CALLERS: [usize; 3] = [1, 16, 64];
/// The calls of one turn of one caller, where calls follow calls of the same kind and find the caches warm.
const TURN: usize = 50;
/// The calls of one turn of each of many callers.
const TURN_OF_MANY: usize = 8;
/// What was asked for on the command line.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    /// For each measurement of all contenders.
    time: Duration,
    lease: bool,
    transaction: bool,
}

/// The address of a server, or what to do.
fn server(variable: &str) -> Option<String> {
    let url = std::env::var(variable).ok();
    if url.is_none() {
        eprintln!(
            "\n{variable} is not set, so its database is left out. For all: cargo xtask with-servers cargo bench \
             --manifest-path idem-bench/Cargo.toml --ignore-rust-version --bench databases"
        );
    }
    url
}

async fn all(arguments: Vec<String>, folder: std::path::PathBuf) -> Result<(), BoxError> {
    let among = |names: &[&str]| names.iter().any(|name| arguments.iter().any(|argument| argument == name));
    let wants = |name, group: &[&str]| among(&[name]) || !among(group);
    let databases = ["postgres", "mysql", "sqlite"];
    let modes = ["lease", "transaction"];
    let time = Duration::from_secs(if among(&["--quick"]) { 2 } else { 7 });
    let wanted = Wanted { time, lease: wants("lease", &modes), transaction: wants("transaction", &modes) };
    if wants("postgres", &databases)
        && let Some(url) = server("IDEM_TEST_POSTGRES_URL")
    {
        Box::pin(run(Postgres::open(&url).await?, wanted)).await?;
    }
    if wants("mysql", &databases)
        && let Some(url) = server("IDEM_TEST_MYSQL_URL")
    {
        Box::pin(run(MariaDb::open(&url).await?, wanted)).await?;
    }
    if wants("sqlite", &databases) {
        Box::pin(run(Sqlite::open(&folder.join("bench.db")).await?, wanted)).await?;
    }
    Ok(())
}

async fn run<D: Database>(database: D, wanted: Wanted) -> Result<(), BoxError> {
    let mut bench = Bench::new(database).await?;
    let modes = [(Mode::Lease, wanted.lease), (Mode::Transaction, wanted.transaction)];
    let modes = modes.into_iter().filter_map(|(mode, wants)| wants.then_some(mode)).collect::<Vec<_>>();
    println!("\n## {}: statements and bytes of log for each call\n", D::NAME);
    head(["mode", "call", "contender", "statements", "bytes"]);
    for mode in &modes {
        costs(&mut bench, *mode).await?;
    }
    println!("\n## {}: time for each call\n", D::NAME);
    head(["mode", "call", "callers", "contender", "p10", "median", "p90", "over lean", "over the same"]);
    // One caller first, while the pool has one connection.
    for callers in CALLERS {
        for mode in &modes {
            times(&mut bench, wanted.time, *mode, callers).await?;
        }
    }
    Ok(())
}

async fn costs<D: Database>(bench: &mut Bench<D>, mode: Mode) -> Result<(), BoxError> {
    for replay in [false, true] {
        let call = if replay { "replay" } else { "first call" };
        for (contender, cost) in Contender::ALL.into_iter().zip(bench.costs(mode, replay).await?) {
            row([
                &format!("{mode:?}").to_lowercase(),
                call,
                contender.name(),
                &cost.statements.to_string(),
                &cost.bytes.to_string(),
            ]);
        }
    }
    Ok(())
}

async fn times<D: Database>(bench: &mut Bench<D>, time: Duration, mode: Mode, callers: usize) -> Result<(), BoxError> {
    let (turn, replays) = if callers == 1 { (TURN, &[TURN, 1][..]) } else { (TURN_OF_MANY, &[TURN_OF_MANY][..]) };
    let first = Calls { mode, replay: false, callers, turn: turn * callers };
    report(first, &bench.compare(first, time).await?);
    for turn in replays {
        let replay = Calls { mode, replay: true, callers, turn: turn * callers };
        report(replay, &bench.compare(replay, time).await?);
    }
    Ok(())
}

fn report(calls: Calls, all: &[Times; 3]) {
    for (contender, times) in Contender::ALL.iter().zip(all) {
        let quantiles = [0.1, 0.5, 0.9].map(|share| readable(times.quantile(share)));
        let over =
            [0, 1].map(|base| if *contender as usize > base { overhead(times, &all[base]) } else { String::new() });
        let callers = calls.callers.to_string();
        let mode = format!("{:?}", calls.mode).to_lowercase();
        row([
            &mode,
            &calls.name(),
            &callers,
            contender.name(),
            &quantiles[0],
            &quantiles[1],
            &quantiles[2],
            &over[0],
            &over[1],
        ]);
    }
}

/// How much longer the median is, and the least and the most of that in the parts of the run.
fn overhead(times: &Times, base: &Times) -> String {
    let over = |(times, base): (Times, Times)| (times.median() / base.median() - 1.0) * 100.0;
    let mut parts: Vec<_> = times.parts(PARTS).into_iter().zip(base.parts(PARTS)).map(over).collect();
    parts.sort_by(f64::total_cmp);
    format!("{:+.1} % ({:+.1} to {:+.1})", over((times.clone(), base.clone())), parts[0], parts[PARTS - 1])
}

fn main() -> Result<(), BoxError> {
    log::prepare();
    // On the disk of the build, since a temporary folder may be memory, where a commit costs nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let path = folder.path().to_owned();
    runtime.block_on(async { tokio::spawn(all(std::env::args().skip(1).collect(), path)).await })?
}
