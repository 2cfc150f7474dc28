//! Sessions that take no writes any more: a write on a pool says that it may be repeated, and finds another one then.

use idem_sqlx::entity::{Deletion, EntityError, StoredIn, Versioned as _};

use crate::common::{self, become_readers};
use crate::samples::Order;
use crate::{EntityTest, applied, inserted};

common::on_each_database! {
    a_write_on_a_session_that_takes_no_writes_any_more_works_when_it_is_repeated
}

/// What a write is answered when it is repeated, if it says that it may be. Where SQLite begins a transaction it says there that the
/// session takes no writes, and then another one is taken at once.
async fn repeated<D: EntityTest, T>(write: impl AsyncFn() -> Result<T, EntityError>) -> T {
    match write().await {
        Ok(written) => {
            assert_eq!(D::NAME, "sqlite", "a reader");
            written
        }
        Err(error) => {
            assert!(error.is_retryable(), "{error:?}");
            write().await.expect("another session")
        }
    }
}

async fn a_write_on_a_session_that_takes_no_writes_any_more_works_when_it_is_repeated<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    database.execute(D::TABLES).await;
    let pool = database.pool(1).await;
    become_readers::<D>(&pool).await;
    let mut row = inserted(repeated::<D, _>(async || Order::new(1).insert_once(&pool).await).await);

    // In a transaction of its own, and alone once the table is known to have no triggers.
    for quantity in 2..5 {
        become_readers::<D>(&pool).await;
        row = applied(repeated::<D, _>(async || row.update_to(&row.of(quantity), &pool).await).await);
    }
    become_readers::<D>(&pool).await;
    let pairs = [(row.clone(), row.of(9))];
    row = applied(repeated::<D, _>(async || Order::update_many(&pool, &pairs).await).await.remove(0));
    become_readers::<D>(&pool).await;
    assert!(matches!(repeated::<D, _>(async || row.delete(&pool).await).await, Deletion::Deleted));
    assert_eq!(database.number("SELECT count(*) FROM orders").await, 0);
}
