//! Who waits for a record is told when its claim ends.
//!
//! The scripts that end a claim publish to a channel with the name of the record, and say nothing there. A store whose calls
//! wait has one connection on which it hears that, opened at the first need and closed when nobody has waited for a while.
//! All who wait for a record share one subscription. What is missed costs time and nothing else, since waiters poll too.

mod ear;
mod session;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use idem_core::Listener;
use redis::{PushInfo, PushKind, Value};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

pub(crate) use ear::EarClient;

use crate::worker::{self, PerProcess};

/// The channels of each process.
pub(crate) struct Ears {
    client: EarClient,
    channels: PerProcess<Arc<Channels>>,
}

impl Ears {
    pub(crate) fn new(client: EarClient) -> Arc<Self> {
        Arc::new(Self { client, channels: PerProcess::new() })
    }

    /// Listens to a channel.
    pub(crate) fn listen(&self, name: String) -> Option<Box<dyn Listener>> {
        let made = self.channels.get_or_make(|| Ok::<_, Infallible>(Channels::new(self.client.clone())));
        let Ok(channels) = made;
        channels.listen(name)
    }
}

/// The channels that somebody in this process listens to.
struct Channels {
    /// A fork copies who listens, and the book as it was, perhaps locked for ever.
    process: u32,
    client: EarClient,
    book: Mutex<Book>,
    /// Tells the task to look at what has changed in the book.
    changed: Notify,
}

#[derive(Default)]
struct Book {
    /// By name, whether the server has confirmed that it sends. Each message counts as a change.
    open: HashMap<Arc<str>, watch::Sender<bool>>,
    /// Those that were opened or left since the task looked.
    changed: Vec<Arc<str>>,
    task: Option<JoinHandle<()>>,
    /// How many connections have been opened. What comes from any but the last is not listened to.
    session: u64,
}

/// One who listens.
struct Listening {
    hears: watch::Receiver<bool>,
    /// Dropped after the receiver, so that the last one finds that it was the last.
    _place: Place,
}

struct Place {
    channels: Arc<Channels>,
    name: Arc<str>,
}

impl Channels {
    fn new(client: EarClient) -> Arc<Self> {
        Arc::new(Self { process: std::process::id(), client, book: Mutex::default(), changed: Notify::new() })
    }

    /// Listens to a channel. The subscription follows, from a task on the thread of `worker.rs`; without that there is none.
    fn listen(self: &Arc<Self>, name: String) -> Option<Box<dyn Listener>> {
        let runtime = worker::runtime().ok()?;
        let name: Arc<str> = name.into();
        let mut book = self.book();
        let hears = if let Some(sender) = book.open.get(&name) {
            sender.subscribe()
        } else {
            let (sender, hears) = watch::channel(false);
            book.open.insert(Arc::clone(&name), sender);
            book.changed.push(Arc::clone(&name));
            self.changed.notify_one();
            hears
        };
        if book.task.as_ref().is_none_or(JoinHandle::is_finished) {
            book.task = Some(runtime.spawn(session::serve(Arc::clone(self))));
        }
        Some(Box::new(Listening { hears, _place: Place { channels: Arc::clone(self), name } }))
    }

    /// Whether anybody listens. If not, the task ends, and whoever comes starts another one.
    fn are_needed(&self) -> bool {
        let mut book = self.book();
        let needed = !book.open.is_empty();
        if !needed {
            book.task = None;
        }
        needed
    }

    /// Begins a connection: its number, and the channels to open on it.
    fn begin_session(&self) -> (u64, Vec<Arc<str>>) {
        let mut book = self.book();
        book.session += 1;
        book.changed.clear();
        (book.session, book.open.keys().cloned().collect())
    }

    /// Ends a connection: nobody hears any more, and everybody asks the store what they may have missed.
    fn end_session(&self) {
        let senders: Vec<_> = {
            let mut book = self.book();
            book.session += 1;
            book.open.values().cloned().collect()
        };
        for sender in senders {
            sender.send_if_modified(std::mem::take);
        }
    }

    /// The channels that were opened or left since the last time, and whether anybody listens to them.
    fn take_changed(&self) -> Vec<(Arc<str>, bool)> {
        let mut book = self.book();
        let changed = std::mem::take(&mut book.changed);
        changed.into_iter().map(|name| (Arc::clone(&name), book.open.contains_key(&name))).collect()
    }

    /// Takes what the server says on the connection of this number. `false` if that connection is of no more use.
    fn take(&self, session: u64, said: &PushInfo) -> bool {
        if said.kind == PushKind::Disconnection {
            return false;
        }
        let Some(Value::BulkString(name)) = said.data.first() else { return true };
        // Cloned first: an executor may poll where it wakes, and one who stops listening takes the lock.
        let sender = {
            let book = self.book();
            let name = std::str::from_utf8(name).ok().filter(|_| book.session == session);
            name.and_then(|name| book.open.get(name).cloned())
        };
        let Some(sender) = sender else { return true };
        match said.kind {
            PushKind::SSubscribe => drop(sender.send_replace(true)),
            PushKind::SMessage => sender.send_modify(|_| ()),
            // Unasked, since somebody listens: the slot has moved, and who serves it must be found out.
            PushKind::SUnsubscribe => return !*sender.borrow(),
            _ => {}
        }
        true
    }

    /// Nothing panics while the book is open, so a poisoned lock protects nothing.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Listener for Listening {
    fn hears(&self) -> bool {
        *self.hears.borrow()
    }

    async fn heard(&mut self) {
        // The sender is in the book for as long as there is a place.
        let _ = self.hears.changed().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.channels.process != std::process::id() {
            return;
        }
        let mut book = self.channels.book();
        if book.open.get(&self.name).is_some_and(|sender| sender.receiver_count() == 0) {
            book.open.remove(&self.name);
            book.changed.push(Arc::clone(&self.name));
            self.channels.changed.notify_one();
        }
    }
}
