//! Connections of their own for those who hold a claim.
//!
//! Whoever holds a claim must be able to renew and to end it while new claims want every connection of the application's
//! pool, and while bodies hold them all. A connection to a server also makes progress only while the runtime that opened it
//! does, which a body may block; the thread that renews leases has a runtime of its own, and so has the connection that it
//! opens. Either is opened when it is needed for the first time, and closed with the pool.
//!
//! A pool that the application has closed gives no connection any more, and bodies may return after that: an application closes its
//! pool when it ends. What they owe is written on a connection as the pool would have opened it, which is closed soon after.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::Poll;
use std::time::Duration;

use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::{Database, Pool};

use crate::backend::Backend;

/// How long one who ends a claim waits for the pool alone.
const A_MOMENT: Duration = Duration::from_millis(20);

/// A spare gets at least this long to open. Nobody waits for it as long as that: the next write of a holder finds it
/// open, where the limit of an impatient pool would end the attempt, and each attempt after it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the connection in place of a closed pool stays open for the next of those who owe something.
const CLOSES_AFTER: Duration = Duration::from_secs(1);

/// A pool of one connection, with the options of another pool.
pub(crate) struct Spare<DB: Database> {
    /// Beside the pool, and closed with it.
    beside: OnceLock<Pool<DB>>,
    /// In place of the pool, once that is closed.
    instead: OnceLock<Pool<DB>>,
}

impl<DB: Database> Spare<DB> {
    /// The spare of a pool; `None` if another connection would see another database.
    pub(crate) fn of<B: Backend<Database = DB>>(&self, pool: &Pool<DB>) -> Option<Connecting<'_, DB>> {
        if !B::is_shared(&pool.connect_options()) {
            return None;
        }
        let is_instead = pool.is_closed();
        let spare = if is_instead {
            self.instead.get_or_init(|| instead_of(pool))
        } else {
            self.beside.get_or_init(|| open(pool))
        };
        if spare.size() == 0 {
            // The application may have changed them since, such as a password.
            spare.set_connect_options(pool.connect_options().as_ref().clone());
        }
        Some(Connecting { spare, is_instead })
    }

    /// A connection of the pool, or its spare if the pool is closed.
    pub(crate) async fn or<B: Backend<Database = DB>>(
        &self,
        pool: &Pool<DB>,
    ) -> Result<PoolConnection<DB>, sqlx::Error> {
        match self.of::<B>(pool).filter(|spare| spare.is_instead) {
            Some(spare) => spare.acquire().await,
            None => pool.acquire().await,
        }
    }
}

impl<DB: Database> Default for Spare<DB> {
    fn default() -> Self {
        Self { beside: OnceLock::new(), instead: OnceLock::new() }
    }
}

fn open<DB: Database>(pool: &Pool<DB>) -> Pool<DB> {
    let spare = patient(pool).connect_lazy_with(pool.connect_options().as_ref().clone());
    let (closed, closing) = (pool.close_event(), spare.clone());
    tokio::spawn(async move {
        closed.await;
        closing.close().await;
    });
    spare
}

/// A pool of one connection, which is opened when it is asked for as those of `pool` are.
pub(crate) fn of_one<DB: Database>(pool: &Pool<DB>) -> Pool<DB> {
    like(pool).connect_lazy_with(pool.connect_options().as_ref().clone())
}

/// The spare of a pool that is closed.
fn instead_of<DB: Database>(pool: &Pool<DB>) -> Pool<DB> {
    let options = patient(pool).idle_timeout(CLOSES_AFTER);
    options.connect_lazy_with(pool.connect_options().as_ref().clone())
}

fn patient<DB: Database>(pool: &Pool<DB>) -> PoolOptions<DB> {
    like(pool).acquire_timeout(pool.options().get_acquire_timeout().max(PATIENCE))
}

fn like<DB: Database>(pool: &Pool<DB>) -> PoolOptions<DB> {
    pool.options().clone().min_connections(0).max_connections(1)
}

/// A spare that is being waited for.
pub(crate) struct Connecting<'a, DB: Database> {
    spare: &'a Pool<DB>,
    /// The pool is closed, so no connection of its own can be had.
    is_instead: bool,
}

impl<DB: Database> Connecting<'_, DB> {
    /// The connection. It is opened in a task of its own: one who waits less long than that takes would begin again each
    /// time, and never have it.
    pub(crate) async fn acquire(self) -> Result<PoolConnection<DB>, sqlx::Error> {
        if self.spare.size() > 0 {
            return self.spare.acquire().await;
        }
        let spare = self.spare.clone();
        tokio::spawn(async move { spare.acquire().await }).await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }

    /// One of `pool`, or this one if it is to be had sooner. It is not opened for one who would wait a moment at most, such as
    /// for the connection of the statement before, which is on its way back.
    pub(crate) async fn after(self, pool: &Pool<DB>) -> Result<PoolConnection<DB>, sqlx::Error> {
        if self.is_instead {
            return self.acquire().await;
        }
        let mut first = pin!(pool.acquire());
        if self.spare.num_idle() == 0
            && let Ok(acquired) = tokio::time::timeout(A_MOMENT, first.as_mut()).await
        {
            return acquired;
        }
        let mut spare = pin!(usable(self.acquire()));
        poll_fn(|context| match first.as_mut().poll(context) {
            Poll::Pending => spare.as_mut().poll(context).map(Ok),
            Poll::Ready(acquired) => Poll::Ready(acquired),
        })
        .await
    }

    /// This one, or one of `pool` if that is to be had sooner.
    pub(crate) async fn before(self, pool: &Pool<DB>) -> Result<PoolConnection<DB>, sqlx::Error> {
        if self.is_instead {
            return self.acquire().await;
        }
        let (mut spare, mut other) = (pin!(usable(self.acquire())), pin!(pool.acquire()));
        poll_fn(|context| match spare.as_mut().poll(context) {
            Poll::Pending => other.as_mut().poll(context),
            Poll::Ready(acquired) => Poll::Ready(Ok(acquired)),
        })
        .await
    }
}

/// Waits for ever for a connection that there is not.
async fn usable<C>(acquiring: impl Future<Output = Result<C, sqlx::Error>>) -> C {
    match acquiring.await {
        Ok(connection) => connection,
        Err(_) => std::future::pending().await,
    }
}
