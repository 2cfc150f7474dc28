//! What becomes of a message, on any database: the file to read after `order.rs`.

use std::sync::atomic::{AtomicU64, Ordering};

use idem::entity::{Database, StoredIn};
use idem::{Join, Retry, Versioned, idempotent, in_transaction};
use sqlx::{Pool, Transaction};

use crate::Failure;
use crate::answer::{inserted, moved, written};
use crate::message::{Command, Message};
use crate::order::{Order, order_status};

/// The orders in a database, and the store of the operations on them.
pub struct Service<DB: Database, Store> {
    pub pool: Pool<DB>,
    pub store: Store,
    /// How often a body ran, to tell what was replayed.
    runs: AtomicU64,
}

impl<DB, Store> Service<DB, Store>
where
    DB: Database,
    Store: for<'t> Join<Transaction<'t, DB>>,
    Order: StoredIn<DB>,
{
    pub fn new(pool: Pool<DB>, store: Store) -> Self {
        Self { pool, store, runs: AtomicU64::new(0) }
    }

    /// A message of the queue: what it does, its audit row and its answer are one commit.
    pub async fn receive(&self, message: &Message) -> Result<String, Failure> {
        let before = self.runs.load(Ordering::Relaxed);
        let answer = in_transaction(&self.pool, async |mut tx| self.handle(&mut tx, message).await).await?;
        let is_replayed = self.runs.load(Ordering::Relaxed) == before;
        Ok(if is_replayed { format!("replayed: {answer}") } else { answer })
    }

    /// An answer is given once: a message that comes again gets the same, whatever has become of the order since. An error
    /// is no answer: it leaves nothing behind, and the message may come again.
    #[idempotent(store = self.store, scope = "orders.handle", key = message.id, fingerprint = message, tx = tx)]
    async fn handle(&self, tx: &mut Transaction<'_, DB>, message: &Message) -> Result<String, Failure> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let order = message.address();
        match &message.command {
            Command::Place { quantity, price, address } => {
                let new = Order::new(message, *quantity, *price, address.as_deref());
                Ok(inserted(&new.insert_once(&mut *tx).await?))
            }
            // One statement for the audit row, one for the order, and no read. The audit keeps the operation's key.
            Command::Pay => moved(Order::fire(order, order_status::Pay).actor("bank").execute(&mut *tx).await?),
            Command::Ship => moved(Order::fire(order, order_status::Ship).actor("stock").execute(&mut *tx).await?),
            // Carriers scan a parcel as often as they like. There is no audit row, and the status tells that it was done.
            Command::Deliver => moved(Order::fire(order, order_status::Deliver).execute(&mut *tx).await?),
            // The desk may send the same command, outside of this operation: so its key is the message's id on both ways.
            Command::Cancel => {
                let cancel = Order::fire(order, order_status::Cancel).key(&message.id).actor("shop");
                moved(cancel.reason("the customer asked for it").execute(&mut *tx).await?)
            }
            // Its guard is in Rust, so it fires on an order that was loaded.
            Command::Refund => match Order::load(order, &mut *tx).await? {
                Some(order) => moved(order.transition(order_status::Refund).actor("bank").execute(&mut *tx).await?),
                None => Ok("not found".to_owned()),
            },
            Command::Readdress { version, address } => match Order::load(order, &mut *tx).await? {
                Some(order) => {
                    let shown = Order { version: *version, ..order };
                    let draft = Order { address: Some(address.clone()), ..shown.clone() };
                    Ok(written(&shown.update_to(&draft, &mut *tx).await?))
                }
                None => Ok("not found".to_owned()),
            },
            Command::Correct { .. } => Err("only the desk corrects".into()),
        }
    }

    /// A form of the desk. There is no operation around it: what it does is safe to repeat by itself.
    pub async fn submit(&self, message: &Message) -> Result<String, Failure> {
        let order = message.address();
        match &message.command {
            Command::Cancel => moved(
                Order::fire(order, order_status::Cancel).key(&message.id).actor("desk").execute(&self.pool).await?,
            ),
            // The second time nothing differs, and nothing is sent.
            Command::Correct { address } => {
                let retry = Retry::times(3);
                let correct = Order::modify(&self.pool, order, retry, |order| order.address = Some(address.clone()));
                Ok(written(&correct.await?))
            }
            Command::Ship => {
                moved(Order::fire(order, order_status::Ship).key(&message.id).actor("desk").execute(&self.pool).await?)
            }
            _ => Err("the desk has no form for it".into()),
        }
    }
}
