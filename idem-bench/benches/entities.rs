//! Transitions and versioned updates on PostgreSQL, MariaDB and SQLite: idem against the same by hand in sqlx, taking turns.
//!
//! `cargo xtask with-servers cargo bench --manifest-path idem-bench/Cargo.toml --ignore-rust-version --bench entities`
//!
//! After `--`: `postgres`, `mysql` or `sqlite` for those alone, and `--quick` for a fourth of the time.

use std::path::Path;
use std::time::Duration;

use idem::entity::StoredIn;
use idem_bench::by_hand::BoxError;
use idem_bench::entities::{Bench, ByHand, Case, Order};
use idem_bench::figures::{head, readable, row};
use idem_bench::log;

async fn run<DB: ByHand>(place: &Path, url: &str, time: Duration) -> Result<(), BoxError>
where
    Order: StoredIn<DB>,
{
    let mut bench = Bench::<DB>::new(place, url).await?;
    for case in Case::ALL {
        let measured = bench.compare(case, time).await?;
        let [over, least, most] = measured.overhead();
        row([
            <DB as ByHand>::NAME,
            case.name(),
            &measured.statements.to_string(),
            &readable(measured.by_hand.median()),
            &readable(measured.idem.median()),
            &format!("{over:+.1} % ({least:+.1} to {most:+.1})"),
        ]);
    }
    Ok(())
}

async fn all(arguments: Vec<String>, place: std::path::PathBuf) -> Result<(), BoxError> {
    let among = |names: &[&str]| names.iter().any(|name| arguments.iter().any(|argument| argument == name));
    let wants = |name| among(&[name]) || !among(&["postgres", "mysql", "sqlite"]);
    let time = Duration::from_secs(if among(&["--quick"]) { 2 } else { 8 });
    println!("\n## Entities: time for each call of one caller\n");
    head(["database", "call", "statements", "by hand", "idem", "over by hand"]);
    if wants("postgres") {
        Box::pin(run::<sqlx::Postgres>(&place, &server("IDEM_TEST_POSTGRES_URL")?, time)).await?;
    }
    if wants("mysql") {
        Box::pin(run::<sqlx::MySql>(&place, &server("IDEM_TEST_MYSQL_URL")?, time)).await?;
    }
    if wants("sqlite") {
        Box::pin(run::<sqlx::Sqlite>(&place, "", time)).await?;
    }
    Ok(())
}

fn server(variable: &str) -> Result<String, BoxError> {
    std::env::var(variable).map_err(|_| {
        format!(
            "{variable} is not set; cargo xtask with-servers cargo bench --manifest-path idem-bench/Cargo.toml \
             --ignore-rust-version --bench entities, or `-- sqlite` for what needs no server"
        )
        .into()
    })
}

fn main() -> Result<(), BoxError> {
    log::prepare();
    // On the disk of the build, since a temporary folder may be memory, where a commit costs nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let path = folder.path().to_owned();
    runtime.block_on(async { tokio::spawn(all(std::env::args().skip(1).collect(), path)).await })?
}
