//! The connection that serves a line at the moment: opened when it is needed, and given up when it is of no more use.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::{RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::watch;
use tokio::time::{timeout, timeout_at};

use crate::error::Failure;
use crate::wire::{Opening, Piece, Wire};

/// How long it takes at most until a connection stands. A Cluster has one to each node that it knows.
const OPENING: Duration = Duration::from_secs(3);

pub(crate) struct Serving {
    opening: Opening,
    current: Mutex<Current>,
}

/// All who need the connection while it is opened wait for the same attempt, and share its error.
#[derive(Default)]
struct Current {
    /// How many have been opened.
    number: u64,
    wire: Option<watch::Receiver<Option<RedisResult<Wire>>>>,
}

impl Serving {
    pub(crate) fn new(opening: Opening) -> Self {
        Self { opening, current: Mutex::default() }
    }

    pub(crate) fn is_cluster(&self) -> bool {
        self.opening.is_cluster()
    }

    /// The connection, and its number.
    pub(crate) async fn wire(self: &Arc<Self>) -> RedisResult<(u64, Wire)> {
        let (number, mut opened) = self.opened();
        let opened = opened.wait_for(Option::is_some).await;
        match opened.as_deref() {
            Ok(Some(wire)) => wire.clone().map(|wire| (number, wire)),
            // The task that opens it says what became of it.
            Ok(None) | Err(_) => Err(io::Error::other("the connection was not opened").into()),
        }
    }

    /// The connection that there is, or that is being opened. That is done by a task of its own, since those who wait for it
    /// may give up.
    fn opened(self: &Arc<Self>) -> (u64, watch::Receiver<Option<RedisResult<Wire>>>) {
        let mut current = self.current();
        if let Some(wire) = &current.wire {
            return (current.number, wire.clone());
        }
        let (sender, wire) = watch::channel(None);
        current.number += 1;
        current.wire = Some(wire.clone());
        let number = current.number;
        let serving = Arc::clone(self);
        tokio::spawn(async move {
            let opened = match timeout(OPENING, serving.opening.open()).await {
                Ok(opened) => opened,
                Err(_) => Err(RedisError::from(io::Error::from(io::ErrorKind::TimedOut))),
            };
            if opened.is_err() {
                serving.give_up(number);
            }
            sender.send_replace(Some(opened));
        });
        (number, wire)
    }

    /// Sends a piece, and gives the connection up where the next piece would fare no better on it.
    pub(crate) async fn send(self: &Arc<Self>, piece: &Piece, until: Instant) -> Result<Vec<Value>, Failure> {
        let until = until.into();
        let (number, wire) = match timeout_at(until, self.wire()).await {
            Ok(wire) => wire.map_err(Failure::NotSent)?,
            Err(_) => return Err(Failure::NotSent(io::Error::from(io::ErrorKind::TimedOut).into())),
        };
        match timeout_at(until, wire.send(piece)).await {
            Ok(Ok(values)) => {
                if values.iter().any(is_of_a_replica) {
                    self.give_up(number);
                }
                Ok(values)
            }
            Ok(Err(error)) if error.is_unrecoverable_error() => {
                self.give_up(number);
                Err(Failure::Broken(error))
            }
            Ok(Err(error)) => Err(Failure::Unknown(error)),
            // Whatever is between us and the server may have stopped forwarding, on this connection and on no other.
            Err(_) => {
                self.give_up(number);
                Err(Failure::Late)
            }
        }
    }

    /// The next piece opens another connection, unless somebody has done so since.
    fn give_up(&self, number: u64) {
        let given_up = {
            let mut current = self.current();
            if current.number == number { current.wire.take() } else { None }
        };
        drop(given_up);
    }

    /// Nothing panics under this lock, so a poisoned one protects nothing.
    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a primary that became a replica said this. A new connection finds the new primary where a name or a proxy leads to
/// it.
fn is_of_a_replica(value: &Value) -> bool {
    let Value::ServerError(error) = value else { return false };
    matches!(error.kind(), Some(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown))
}
