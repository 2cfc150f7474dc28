//! Sessions that take no writes any more: a write on a pool says that it may be repeated, and finds another one then.

use idem_sqlx::entity::{Deletion, EntityError, StoredIn, Versioned as _};

use crate::common::{self, become_readers};
use crate::samples::Order;
use crate::{EntityTest, applied, inserted};

common::on_each_database! {
    a_write_on_a_session_that_takes_no_writes_any_more_works_when_it_is_repeated
}

fn may_be_repeated<T: std::fmt::Debug>(answer: Result<T, EntityError>) {
    let error = answer.expect_err("a reader");
    assert!(error.is_retryable(), "{error:?}");
}

async fn a_write_on_a_session_that_takes_no_writes_any_more_works_when_it_is_repeated<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    database.execute(D::TABLES).await;
    let pool = database.pool(1).await;
    become_readers::<D>(&pool).await;
    may_be_repeated(Order::new(1).insert_once(&pool).await);
    let order = inserted(Order::new(1).insert_once(&pool).await.expect("another session"));

    // In a transaction of its own, and alone once the table is known to have no triggers.
    let mut row = order;
    for quantity in 2..5 {
        become_readers::<D>(&pool).await;
        may_be_repeated(row.update_to(&row.of(quantity), &pool).await);
        row = applied(row.update_to(&row.of(quantity), &pool).await.expect("another session"));
    }
    become_readers::<D>(&pool).await;
    may_be_repeated(Order::update_many(&pool, &[(row.clone(), row.of(9))]).await);
    row = applied(Order::update_many(&pool, &[(row.clone(), row.of(9))]).await.expect("another session").remove(0));
    become_readers::<D>(&pool).await;
    may_be_repeated(row.delete(&pool).await);
    assert!(matches!(row.delete(&pool).await.expect("another session"), Deletion::Deleted));
    assert_eq!(database.number("SELECT count(*) FROM orders").await, 0);
}
