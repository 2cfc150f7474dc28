//! What a body of `in_transaction` holds while something in it asks for more.
//!
//! A body that waits for what its own transaction holds waits for itself: for the one writer of an SQLite database, or for a
//! connection of a pool whose connections it has all. Sooner or later the database would say that somebody is in the way, and not
//! who. So whoever would wait asks here first.

use std::cell::RefCell;
use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::pin::pin;

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};

use super::error::Reason;
use super::{TransactionDatabase, TransactionError};

thread_local! {
    /// What the bodies hold that this thread is polling.
    static HELD: RefCell<Vec<Held>> = const { RefCell::new(Vec::new()) };
}

/// What a transaction holds.
pub(super) struct Held {
    /// The pool, by where its options are, which is nowhere else for as long as one of its connections is held.
    pool: usize,
    /// The database, if it has one writer at a time.
    writer: Option<PathBuf>,
}

impl Held {
    pub(super) fn by<DB: TransactionDatabase>(pool: &Pool<DB>) -> Self {
        Self { pool: identity(pool), writer: DB::only_writer(&pool.connect_options()) }
    }
}

fn identity<DB: Database>(pool: &Pool<DB>) -> usize {
    std::ptr::from_ref(pool.options()).addr()
}

/// Polls a body, and knows meanwhile what it holds. Work that a body hands to another task is not seen.
pub(super) async fn during<Body: Future>(held: Held, body: Body) -> Body::Output {
    let mut body = pin!(body);
    let mut held = Some(held);
    poll_fn(|context| {
        let entered = Entered(&mut held);
        HELD.with_borrow_mut(|all| all.extend(entered.0.take()));
        body.as_mut().poll(context)
    })
    .await
}

/// Gives back what was held also if the body panics.
struct Entered<'h>(&'h mut Option<Held>);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        *self.0 = HELD.with_borrow_mut(Vec::pop);
    }
}

/// A connection of a pool, unless the one that it asks for it has all of them.
pub(crate) async fn acquire<DB: Database>(pool: &Pool<DB>) -> Result<PoolConnection<DB>, sqlx::Error> {
    check_pool(pool)?;
    pool.acquire().await
}

/// Fails if a body around this call has all connections of the pool that it asks for another one.
fn check_pool<DB: Database>(pool: &Pool<DB>) -> Result<(), sqlx::Error> {
    let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(usize::MAX);
    let has_all = HELD.with_borrow(|all| {
        !all.is_empty() && {
            let pool = identity(pool);
            all.iter().filter(|held| held.pool == pool).count() >= most
        }
    });
    if has_all { Err(TransactionError::new(Reason::HoldsPool, None).into_sqlx()) } else { Ok(()) }
}

/// Fails if a body around this call is the one writer of the database that it is about to write to.
pub(crate) fn check_writer<DB: TransactionDatabase>(pool: &Pool<DB>) -> Result<(), sqlx::Error> {
    let is_writer = HELD.with_borrow(|all| {
        // Mostly there is nothing, and then there is nothing to look up.
        !all.is_empty() && {
            let writer = DB::only_writer(&pool.connect_options());
            writer.is_some_and(|writer| {
                all.iter().filter_map(|held| held.writer.as_deref()).any(|held| is_same(held, &writer))
            })
        }
    });
    if is_writer { Err(TransactionError::new(Reason::HoldsWriter, None).into_sqlx()) } else { Ok(()) }
}

/// Whether two paths lead to one file: relative or not, and through whatever links.
fn is_same(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
