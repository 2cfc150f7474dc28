//! Changes that are made again on top of what others have written.

use idem_sqlx::entity::{EntityError, Retry, StoredIn, Versioned as _, Write};
use sqlx::Pool;
use tokio::runtime::Handle;
use tokio::task::{JoinSet, block_in_place};

use crate::samples::Order;
use crate::{EntityTest, applied, common, conflict, with_order};

common::on_each_database! {
    a_change_is_made_again_on_top_of_what_somebody_else_has_written
    a_change_that_loses_each_time_ends_in_a_conflict
    a_change_that_fails_writes_nothing_and_returns_its_own_error
    a_change_of_nothing_and_one_of_no_row_say_so
    changes_of_many_callers_at_once_are_all_made
}

/// Writes the row while its change is under way.
fn somebody_else_writes<D: EntityTest>(pool: &Pool<D::Sqlx>, order: &Order)
where
    Order: StoredIn<D::Sqlx>,
{
    let theirs = Order { address: Some(format!("written at version {}", order.version)), ..order.clone() };
    let write = block_in_place(|| Handle::current().block_on(order.update_to(&theirs, pool)));
    applied(write.expect("an answer"));
}

async fn a_change_is_made_again_on_top_of_what_somebody_else_has_written<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let mut seen = Vec::new();
    let write = Order::modify(&pool, order.address(), Retry::times(3), |order| {
        if seen.len() < 2 {
            somebody_else_writes::<D>(&pool, order);
        }
        seen.push(order.version);
        order.quantity += 1;
        Ok::<_, EntityError>(())
    });
    let new = applied(write.await.expect("an answer"));
    assert_eq!(seen, [1, 2, 3]);
    assert_eq!((new.quantity, new.address.as_deref(), new.version), (2, Some("written at version 2"), 4));
}

async fn a_change_that_loses_each_time_ends_in_a_conflict<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let mut attempts = 0;
    let write = Order::modify(&pool, order.address(), Retry::times(2), |order| {
        somebody_else_writes::<D>(&pool, order);
        attempts += 1;
        order.quantity += 1;
        Ok::<_, EntityError>(())
    });
    let (expected, found) = conflict(write.await.expect("an answer"));
    assert_eq!((attempts, expected, found.version, found.quantity), (3, Some(3), 4, 1));
}

async fn a_change_that_fails_writes_nothing_and_returns_its_own_error<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    #[derive(Debug)]
    enum Error {
        TooMany(i32),
        Entity(EntityError),
    }

    impl From<EntityError> for Error {
        fn from(error: EntityError) -> Self {
            Self::Entity(error)
        }
    }

    let (pool, order) = with_order(database).await;
    let write = Order::modify(&pool, order.address(), Retry::times(3), |order| {
        order.quantity += 10;
        Err(Error::TooMany(order.quantity))
    });
    let error = write.await.expect_err("the change failed");
    assert!(matches!(error, Error::TooMany(11)), "{error:?}");
    let write = Order::modify(&pool, order.address(), Retry::times(3), |order| {
        order.version += 1;
        Ok::<_, Error>(())
    });
    let error = write.await.expect_err("a field that no update writes");
    assert!(matches!(&error, Error::Entity(error) if error.to_string().contains("`version`")), "{error:?}");
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(order));
}

async fn a_change_of_nothing_and_one_of_no_row_say_so<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let write = Order::modify(&pool, order.address(), Retry::times(3), |_| Ok::<_, EntityError>(()));
    assert_eq!(write.await.expect("an answer"), Write::Unchanged);
    let missing = Order::new(2).address();
    let write = Order::modify(&pool, missing, Retry::times(3), |_| -> Result<(), EntityError> {
        panic!("there is nothing to change")
    });
    assert_eq!(write.await.expect("an answer"), Write::NotFound);
}

async fn changes_of_many_callers_at_once_are_all_made<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let mut tasks = JoinSet::new();
    for _ in 0..6 {
        let (pool, address) = (pool.clone(), order.address());
        tasks.spawn(async move {
            for _ in 0..5 {
                let write = Order::modify(&pool, address, Retry::times(1_000), |order| {
                    order.quantity += 1;
                    Ok::<_, EntityError>(())
                });
                applied(write.await.expect("an answer"));
            }
        });
    }
    tasks.join_all().await;
    let order = Order::load(order.address(), &pool).await.expect("an answer").expect("a row");
    assert_eq!((order.quantity, order.version), (31, 31));
}
