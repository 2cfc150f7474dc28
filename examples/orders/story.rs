//! Delivers the messages, and compares what becomes of them with what must.

use std::error::Error;

use idem::entity::{Database, StoredIn};
use idem::{EntityError, InTenant, Join};
use sqlx::{Pool, Transaction};

use crate::Failure;
use crate::message::{Line, Sender};
use crate::order::{Order, OrderAddress, OrderStatus};
use crate::service::Service;

/// A row of the audit, as the transitions wrote it.
#[derive(Debug, sqlx::FromRow)]
pub struct Entry {
    event: String,
    from_state: String,
    to_state: String,
    version: i64,
    actor: Option<String>,
    reason: Option<String>,
    key: Option<String>,
}

/// Whether every line became what it must.
pub async fn tell<DB, Store>(
    service: &Service<DB, Store>,
    audit: impl AsyncFn(&Pool<DB>, OrderAddress) -> Result<Vec<Entry>, Failure>,
) -> Result<bool, Failure>
where
    DB: Database,
    Store: for<'t> Join<Transaction<'t, DB>>,
    Order: StoredIn<DB>,
{
    let mut all_right = true;
    println!("{:<5} {:<48} {:<46} must become", "id", "why", "became");
    for line in Line::read("examples/data/orders.jsonl")? {
        let delivered = match line.from {
            Sender::Queue => service.receive(&line.message).await,
            Sender::Desk => service.submit(&line.message).await,
        };
        let became = delivered.unwrap_or_else(|failure| refused(&*failure));
        let is_right = became == line.becomes;
        let verdict = if is_right { "that" } else { &*format!("{}  <-- DIFFERS", line.becomes) };
        println!("{:<5} {:<48} {became:<46} {verdict}", line.message.id, line.why);
        all_right &= is_right;
    }

    println!("\nThe audit of acme's order 1:\n");
    for entry in audit(&service.pool, InTenant("acme".to_owned(), 1)).await? {
        println!("{entry}");
    }
    println!("\nIts states, as Mermaid draws them:\n\n{}", OrderStatus::MERMAID);
    println!("{}", if all_right { "Every line became what it must." } else { "Some lines became SOMETHING ELSE." });
    Ok(all_right)
}

/// An error in words: it has left nothing behind.
fn refused(failure: &(dyn Error + Send + Sync + 'static)) -> String {
    let is_mismatch = failure.downcast_ref::<idem::Error>().is_some_and(idem::Error::is_mismatch);
    let is_reused = failure.downcast_ref::<EntityError>().is_some_and(EntityError::is_key_reused);
    match (is_mismatch, is_reused) {
        (true, _) => "refused: another message had this id".to_owned(),
        (_, true) => "refused: the key is of another event".to_owned(),
        _ => format!("refused: {failure}"),
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { event, from_state, to_state, version, actor, reason, key } = self;
        write!(f, "{version:>3} {event:<8} {:<22}", format!("{from_state} -> {to_state}"))?;
        write!(f, " by {:<6} {}", actor.as_deref().unwrap_or("-"), key.as_deref().unwrap_or("-"))?;
        reason.as_ref().map_or(Ok(()), |reason| write!(f, " ({reason})"))
    }
}
