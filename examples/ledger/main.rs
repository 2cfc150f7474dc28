//! Transfers between accounts, applied exactly once from a queue that delivers twice and out of order.
//!
//! ```text
//! cargo run --example ledger
//! cargo run --example ledger --features postgres -- postgres://postgres@localhost/postgres
//! cargo run --example ledger --features mysql -- mysql://root@localhost/test
//! ```
//!
//! `examples/data/transfers.jsonl` has 500 transfers, many of them twice, and none in its place. Eight consumers take them at
//! once; one in five dies, before its commit or after it and before it could acknowledge, and then its message comes again.
//! At the end the accounts must have what the file says, to the cent.
//!
//! `sqlite.rs` is the file to read: the annotated function and its transaction. `postgres.rs` and `mysql.rs` are the same
//! for their databases.
#![expect(clippy::print_stdout, reason = "an example talks to the person who runs it")]
#![expect(unreachable_pub, reason = "an example reads better with plain `pub`")]

mod sqlite;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "mysql")]
mod mysql;
mod transfer;
mod queue;

use std::process::ExitCode;

use queue::Books;
use transfer::{Transfer, balances};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("ledger: {failure}");
            ExitCode::from(2)
        }
    }
}

async fn run(url: Option<&str>) -> Result<bool, Failure> {
    let folder = tempfile::tempdir()?;
    match url {
        None => story(sqlite::Ledger::open(&folder.path().join("ledger.db")).await?).await,
        Some(url) if url.starts_with("sqlite:") => {
            story(sqlite::Ledger::open(url.trim_start_matches("sqlite:").as_ref()).await?).await
        }
        #[cfg(feature = "postgres")]
        Some(url) if url.starts_with("postgres") => story(postgres::Ledger::open(url).await?).await,
        #[cfg(feature = "mysql")]
        Some(url) if url.starts_with("mysql") => story(mysql::Ledger::open(url).await?).await,
        Some(url) => Err(format!(
            "`{url}` is of no database that this was built with; give sqlite:PATH, or a URL and `--features postgres` or \
             `--features mysql`"
        )
        .into()),
    }
}

/// Delivers the file, and compares the accounts with it.
async fn story(books: impl Books) -> Result<bool, Failure> {
    let messages = Transfer::read("examples/data/transfers.jsonl")?;
    let expected = balances(&messages);
    let deliveries = queue::deliver(&books, &messages).await?;
    println!("{deliveries}");

    let actual = books.balances().await?;
    for (account, balance) in &actual {
        let wanted = expected.get(account).copied().unwrap_or_default();
        let verdict = if wanted == *balance { "as the file says" } else { "NOT as the file says" };
        println!("{account:>8} {balance:>10}  {verdict}");
    }
    let right = actual == expected;
    println!("balances {} those of the file", if right { "equal" } else { "DIFFER from" });
    Ok(right)
}
