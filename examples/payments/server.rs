//! The server process: reads requests from its input, answers on its output.

use std::path::Path;
use std::sync::Arc;

use idem::{MemoryStore, SqliteStore};
use tokio::io::{AsyncBufReadExt, BufReader};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::Failure;
use crate::gateway::Gateway;
use crate::protocol::{Message, Request, say};
use crate::service::Payments;

/// Serves until the input ends.
pub async fn serve(store: &str, ledger: &Path) -> Result<(), Failure> {
    tracing_subscriber::registry().with(Ends).init();
    let idem: Arc<dyn idem::Store> = match store.strip_prefix("sqlite:") {
        Some(path) => Arc::new(SqliteStore::open(path).await?),
        None => Arc::new(MemoryStore::new()),
    };
    let payments = Arc::new(Payments { idem, gateway: Gateway::open(ledger)? });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut running = tokio::task::JoinSet::new();
    while let Some(line) = lines.next_line().await? {
        let Request { number, payment } = serde_json::from_str(&line)?;
        let payments = Arc::clone(&payments);
        running.spawn(async move {
            let result = payments.charge(&payment).await;
            say(&Message::Answer { number, result });
        });
    }
    running.join_all().await;
    Ok(())
}

/// Tells the client how calls end: each is one `tracing` event of the target `idem`.
struct Ends;

impl<S: tracing::Subscriber> Layer<S> for Ends {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "idem" {
            event.record(&mut Told);
        }
    }
}

struct Told;

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "end" {
            say(&Message::Ended(value.to_owned()));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" && format!("{value:?}").starts_with("takeover") {
            say(&Message::Takeover);
        }
    }
}
