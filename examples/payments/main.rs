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

mod service;
mod gateway;
mod server;
mod client;
mod protocol;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => story(&Place::temporary()).await,
        ["--store", store] => match Place::of(store) {
            Some(place) => story(&place).await,
            None => Err(format!("`{store}` is no store; write `memory` or `sqlite:PATH`").into()),
        },
        ["serve", store, ledger] => server::serve(store, Path::new(ledger)).await.map(|()| true),
        _ => Err("usage: payments [--store memory | --store sqlite:PATH]".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("payments: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Where the records and the gateway's ledger are kept.
struct Place {
    store: String,
    ledger: PathBuf,
    temporary: Option<PathBuf>,
}

impl Place {
    /// A folder that is removed at the end.
    fn temporary() -> Self {
        let folder = std::env::temp_dir().join(format!("idem-payments-{}", std::process::id()));
        let store = format!("sqlite:{}", folder.join("payments.db").display());
        Self { store, ledger: folder.join("ledger.jsonl"), temporary: Some(folder) }
    }

    fn of(store: &str) -> Option<Self> {
        match store.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => {
                Some(Self { store: store.into(), ledger: format!("{path}.ledger.jsonl").into(), temporary: None })
            }
            None if store == "memory" => Some(Self { store: store.into(), ..Self::temporary() }),
            _ => None,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Tells the story, and whether every payment was charged once.
async fn story(place: &Place) -> Result<bool, Failure> {
    if let Some(folder) = place.ledger.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let requests = protocol::requests(include_str!("../data/payments.jsonl"))?;
    let tally = client::send_all(&requests, place).await?;
    let charges = gateway::ledger(&place.ledger)?;
    Ok(report::conclude(&requests, &tally, &charges))
}
