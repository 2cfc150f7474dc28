//! A connection that goes back to its pool only in a state that is known, and in time.

use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Database};
use tokio::runtime::Handle;

/// How long a server may take to hear that a connection is closed.
pub(crate) const CLOSING: Duration = Duration::from_secs(5);

/// How long a clock that runs ahead is let run each time.
const A_MOMENT: Duration = Duration::from_millis(1);

/// A limit without an end ends after a year: a clock cannot be set to the end of time.
const LONGEST_LIMIT: Duration = Duration::from_hours(365 * 24);

/// Until when a call of the store must have ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    limit: Duration,
}

impl Deadline {
    pub(crate) fn after(limit: Duration) -> Self {
        Self { at: Instant::now() + limit.min(LONGEST_LIMIT), limit }
    }

    /// What `call` answers; `None` if it does not in time, and then it is dropped.
    ///
    /// A clock of tokio's that is paused runs ahead of a database, which answers in real time: what counts is that.
    pub(crate) async fn of<T>(self, call: impl Future<Output = T>) -> Option<T> {
        let mut call = std::pin::pin!(call);
        loop {
            match tokio::time::timeout_at(self.at.into(), call.as_mut()).await {
                Ok(answer) => return Some(answer),
                Err(_) if self.has_passed() => return None,
                Err(_) => tokio::time::sleep(A_MOMENT).await,
            }
        }
    }

    pub(crate) fn limit(self) -> Duration {
        self.limit
    }

    fn has_passed(self) -> bool {
        Instant::now() >= self.at
    }
}

/// A connection on loan from a pool.
pub(crate) struct Borrowed<DB: Database> {
    connection: Option<PoolConnection<DB>>,
    deadline: Deadline,
    is_spoiled: bool,
}

impl<DB: Database> Borrowed<DB> {
    pub(crate) fn new(connection: PoolConnection<DB>, deadline: Deadline) -> Self {
        Self { connection: Some(connection), deadline, is_spoiled: false }
    }

    /// Sees to it that nobody else gets this connection.
    pub(crate) fn spoil(&mut self) {
        self.is_spoiled = true;
    }

    /// Whether another connection is needed to go on.
    pub(crate) fn is_spoiled(&self) -> bool {
        self.is_spoiled
    }
}

impl<DB: Database> Deref for Borrowed<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        self.connection.as_ref().expect("it is taken at the drop alone")
    }
}

impl<DB: Database> DerefMut for Borrowed<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.connection.as_mut().expect("it is taken at the drop alone")
    }
}

impl<DB: Database> Drop for Borrowed<DB> {
    /// A caller may be dropped in the middle of a statement, whose answer is then still to come. The pool asks for a sign of
    /// life before it has the connection back, and would wait for it for ever.
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let Ok(runtime) = Handle::try_current() else {
            drop(connection.detach());
            return;
        };
        if self.is_spoiled || self.deadline.has_passed() {
            // Its place in the pool is free at once, whether or not the server hears of it.
            runtime.spawn(tokio::time::timeout(CLOSING, connection.detach().close()));
        } else {
            runtime.spawn(tokio::time::timeout(self.deadline.limit, connection.return_to_pool()));
        }
    }
}
