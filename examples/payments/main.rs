//! A payment service and its flaky client.
//!
//! ```text
//! cargo run --example payments
//! cargo run --example payments -- --store memory
//! cargo run --example payments -- --store sqlite:/tmp/payments.db
//! ```
//!
//! The client sends `examples/data/payments.jsonl` to a server process: retries, duplicates in flight, a key that comes
//! back with another amount, cards that are declined. In the middle it kills the server (`kill -9`), starts it again and
//! sends once more whatever had no answer. At the end the gateway's ledger is compared with the requests: every payment
//! must be charged once.
//!
//! `service.rs` is the file to read: the annotated function is all of idem that the service sees.
#![expect(clippy::print_stdout, reason = "an example talks to the person who runs it")]
#![expect(unreachable_pub, reason = "an example reads better with plain `pub`")]

mod service;
mod gateway;
mod server;
mod client;
mod protocol;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tempfile::TempDir;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let ended = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await;
    // What is still on its way to the store is stored before the process ends.
    let left = idem::drained(std::time::Duration::from_secs(10)).await;
    if !left.is_nothing() {
        eprintln!("payments: {left}");
    }
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("payments: {failure}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: &[&str]) -> Result<bool, Failure> {
    match arguments {
        [] => story(&Place::temporary()?).await,
        ["--store", store] => story(&Place::of(store)?).await,
        ["serve", store, ledger] => server::serve(store, Path::new(ledger)).await.map(|()| true),
        _ => Err("usage: payments [--store memory | --store sqlite:PATH]".into()),
    }
}

/// Where the records and the gateway's ledger are kept.
struct Place {
    store: String,
    ledger: PathBuf,
    /// Removed at the end, with all that is in it.
    _folder: Option<TempDir>,
}

impl Place {
    fn temporary() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let store = format!("sqlite:{}", folder.path().join("payments.db").display());
        Ok(Self { store, ledger: folder.path().join("ledger.jsonl"), _folder: Some(folder) })
    }

    fn of(store: &str) -> Result<Self, Failure> {
        match store.split_once(':') {
            None if store == "memory" => {
                let place = Self::temporary()?;
                Ok(Self { store: store.into(), ..place })
            }
            Some(("sqlite", path)) if !path.is_empty() => {
                Ok(Self { store: store.into(), ledger: format!("{path}.ledger.jsonl").into(), _folder: None })
            }
            _ => Err(format!("`{store}` is no store; write `memory` or `sqlite:PATH`").into()),
        }
    }
}

/// Tells the story, and whether every payment was charged once.
async fn story(place: &Place) -> Result<bool, Failure> {
    let requests = protocol::requests(include_str!("../data/payments.jsonl"))?;
    let tally = client::send_all(&requests, place).await?;
    let charges = gateway::ledger(&place.ledger)?;
    Ok(report::conclude(&requests, &tally, &charges))
}
