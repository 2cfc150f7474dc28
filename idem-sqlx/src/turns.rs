//! Who writes next, in a database that has one writer at a time, and would have all others sleep and try again.
//!
//! A turn is a courtesy: the database itself keeps writers apart. So nobody waits for one for long. Its holder may be on a
//! thread that a body blocks.

use std::time::Duration;

use idem_core::StoreError;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// How long one who holds a claim waits for a writer that does not end.
const PATIENCE_OF_HOLDERS: Duration = Duration::from_millis(25);
/// How long the first of those who do not waits for one.
const PATIENCE: Duration = Duration::from_secs(1);

/// The queue of the writers of this process. Those who hold a claim have at most one of the others before them.
#[derive(Debug)]
pub(crate) struct Turns {
    others: Semaphore,
    writer: Semaphore,
}

/// A place in the queue. It is given up with it.
#[derive(Debug, Default)]
pub(crate) struct Turn<'a> {
    _first: Option<SemaphorePermit<'a>>,
    _writer: Option<SemaphorePermit<'a>>,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { others: Semaphore::new(1), writer: Semaphore::new(1) }
    }

    /// Waits to be the first of those who hold no claim; those behind hold no connection.
    pub(crate) async fn first(&self, longest: Duration) -> Result<Turn<'_>, StoreError> {
        match timeout(longest, self.others.acquire()).await {
            Ok(first) => Ok(Turn { _first: first.ok(), _writer: None }),
            Err(elapsed) => Err(StoreError::not_now(
                "others in this process wrote to the database all the time; try again",
                Some(elapsed.into()),
            )),
        }
    }

    /// Waits to be the one who writes, as the first of those who hold no claim.
    pub(crate) async fn writer<'a>(&'a self, first: Turn<'a>) -> Turn<'a> {
        Turn { _writer: self.write_within(PATIENCE).await, ..first }
    }

    /// Waits to be the one who writes, as a holder.
    pub(crate) async fn holder(&self) -> Turn<'_> {
        Turn { _first: None, _writer: self.write_within(PATIENCE_OF_HOLDERS).await }
    }

    async fn write_within(&self, patience: Duration) -> Option<SemaphorePermit<'_>> {
        if let Ok(writer) = self.writer.try_acquire() {
            return Some(writer);
        }
        timeout(patience, self.writer.acquire()).await.ok()?.ok()
    }
}
