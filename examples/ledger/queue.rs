//! A queue as they are: it delivers what was not acknowledged again, to whoever comes next.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::task::JoinSet;

use crate::Failure;
use crate::transfer::Transfer;

const CONSUMERS: usize = 8;

/// A ledger in some database.
pub trait Books: Clone + Send + Sync + 'static {
    /// Applies a transfer in a transaction, and commits it if the consumer lives for so long.
    fn handle(&self, transfer: &Transfer, fate: Fate) -> impl Future<Output = Result<(), Failure>> + Send;

    /// What is on the accounts.
    fn balances(&self) -> impl Future<Output = Result<BTreeMap<String, i64>, Failure>> + Send;
}

/// What becomes of the consumer of a delivery.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    Acknowledges,
    DiesBeforeCommit,
    DiesBeforeAcknowledgement,
}

/// The messages that wait, and what became of all.
struct Queue {
    waiting: VecDeque<Transfer>,
    told: Deliveries,
}

/// What became of the messages.
#[derive(Debug, Clone, Default)]
pub struct Deliveries {
    messages: usize,
    delivered: usize,
    died_before_commit: usize,
    died_before_acknowledgement: usize,
}

/// Delivers all messages until each of them is acknowledged.
pub async fn deliver(books: &impl Books, messages: &[Transfer]) -> Result<Deliveries, Failure> {
    let told = Deliveries { messages: messages.len(), ..Deliveries::default() };
    let queue = Arc::new(Mutex::new(Queue { waiting: messages.iter().cloned().collect(), told }));
    let mut consumers = JoinSet::new();
    for _ in 0..CONSUMERS {
        consumers.spawn(consume(books.clone(), Arc::clone(&queue)));
    }
    while let Some(consumer) = consumers.join_next().await {
        consumer??;
    }
    let told = lock(&queue).told.clone();
    Ok(told)
}

async fn consume(books: impl Books, queue: Arc<Mutex<Queue>>) -> Result<(), Failure> {
    loop {
        let Some((transfer, fate)) = lock(&queue).next() else { return Ok(()) };
        books.handle(&transfer, fate).await?;
        if fate != Fate::Acknowledges {
            lock(&queue).waiting.push_back(transfer);
        }
    }
}

impl Queue {
    /// The next delivery. One consumer in ten dies before its commit, and one after it.
    fn next(&mut self) -> Option<(Transfer, Fate)> {
        let transfer = self.waiting.pop_front()?;
        self.told.delivered += 1;
        let fate = match self.told.delivered % 10 {
            3 => Fate::DiesBeforeCommit,
            7 => Fate::DiesBeforeAcknowledgement,
            _ => Fate::Acknowledges,
        };
        match fate {
            Fate::Acknowledges => {}
            Fate::DiesBeforeCommit => self.told.died_before_commit += 1,
            Fate::DiesBeforeAcknowledgement => self.told.died_before_acknowledgement += 1,
        }
        Some((transfer, fate))
    }
}

impl fmt::Display for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "messages={} deliveries={} died before commit={} died before acknowledgement={}",
            self.messages, self.delivered, self.died_before_commit, self.died_before_acknowledgement
        )
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().expect("nobody panics with it")
}
