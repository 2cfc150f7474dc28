//! Orders that are paid, shipped, cancelled and refunded by messages that come twice, late, and from two sides.
//!
//! ```text
//! cargo run --example orders
//! cargo run --example orders --features postgres -- postgres://postgres@localhost/postgres
//! cargo run --example orders --features mysql -- mysql://root@localhost/test
//! ```
//!
//! `examples/data/orders.jsonl` has the messages, and what each must become: applied, recognised as a retry, or refused, with
//! the reason. At the end stand what each did become, the audit of one order, and the diagram of its states.
//!
//! Read `order.rs` first: the states and the row. Then `service.rs`: what a message does, once for all databases.
//! `sqlite.rs`, `postgres.rs` and `mysql.rs` have the tables.
#![expect(clippy::print_stdout, reason = "an example talks to the person who runs it")]
#![expect(unreachable_pub, reason = "an example reads better with plain `pub`")]

mod order;
mod service;
mod answer;
mod message;
mod story;
mod sqlite;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "mysql")]
mod mysql;

use std::process::ExitCode;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = run(std::env::args().nth(1).as_deref()).await;
    // What is still on its way to the store is stored before the process ends.
    let left = idem::drained(std::time::Duration::from_secs(10)).await;
    if !left.is_nothing() {
        eprintln!("orders: {left}");
    }
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("orders: {failure}");
            ExitCode::from(2)
        }
    }
}

async fn run(url: Option<&str>) -> Result<bool, Failure> {
    match url {
        None => {
            let folder = tempfile::tempdir()?;
            let service = sqlite::open(&folder.path().join("orders.db")).await?;
            story::tell(&service, sqlite::audit).await
        }
        #[cfg(feature = "postgres")]
        Some(url) if url.starts_with("postgres") => story::tell(&postgres::open(url).await?, postgres::audit).await,
        #[cfg(feature = "mysql")]
        Some(url) if url.starts_with("mysql") => story::tell(&mysql::open(url).await?, mysql::audit).await,
        Some(url) => Err(format!(
            "`{url}` is of no database that this was built with; give a URL and `--features postgres` or `--features mysql`"
        )
        .into()),
    }
}
