//! Copies of rows that live elsewhere, from messages that come in any order.

use idem_sqlx::entity::{StoredIn, Versioned as _, Write};

use crate::samples::{Note, Order};
use crate::{EntityTest, LONG_AGO, applied, common, conflict, inserted, tables, with_order};

common::on_each_database! {
    a_newer_copy_writes_all_but_what_the_database_generates
    the_same_version_is_nothing_new_and_an_older_one_is_a_conflict
    messages_in_any_order_end_with_the_newest
    a_copy_of_no_row_writes_nothing
    a_copy_may_be_that_of_a_deletion
    a_copy_of_no_row_may_be_inserted
    messages_in_any_order_of_which_any_is_the_first_end_with_the_newest
    a_copy_never_writes_over_a_row_that_only_shares_something_unique
    two_first_copies_at_once_end_with_the_newer
}

async fn a_newer_copy_writes_all_but_what_the_database_generates<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let incoming = Order {
        status: "shipped".to_owned(),
        version: 40,
        address: Some("x".to_owned()),
        quantity: 3,
        channel: "app".to_owned(),
        total: -1,
        created_at: LONG_AGO,
        updated_at: LONG_AGO,
        ..order
    };
    let new = applied(incoming.apply_newer(&pool).await.expect("an answer"));
    assert_eq!(new, Order { total: 30, ..incoming });
}

async fn the_same_version_is_nothing_new_and_an_older_one_is_a_conflict<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let newer = Order { version: 5, ..order.of(5) };
    let newer = applied(newer.apply_newer(&pool).await.expect("an answer"));
    let same = Order { version: 5, ..order.of(6) };
    assert_eq!(same.apply_newer(&pool).await.expect("an answer"), Write::Unchanged);
    let stale = Order { version: 4, ..order.of(4) };
    assert_eq!(conflict(stale.apply_newer(&pool).await.expect("an answer")), (Some(4), newer.clone()));
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(newer));
}

async fn messages_in_any_order_end_with_the_newest<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    for (id, versions) in [[2, 3, 4], [2, 4, 3], [3, 2, 4], [3, 4, 2], [4, 2, 3], [4, 3, 2]].into_iter().enumerate() {
        let id = i64::try_from(id).expect("a number");
        let order = inserted(Order::new(id).insert_once(&pool).await.expect("an answer"));
        let mut newest = 1;
        for version in versions.into_iter().chain(versions) {
            let message = Order { version, ..order.of(i32::try_from(version).expect("a number")) };
            let write = message.apply_newer(&pool).await.expect("an answer");
            assert_eq!(matches!(write, Write::Applied(_)), version > newest, "{write:?}");
            assert_eq!(matches!(write, Write::Unchanged), version == newest, "{write:?}");
            newest = newest.max(version);
        }
        let order = Order::load(order.address(), &pool).await.expect("an answer").expect("a row");
        assert_eq!((order.version, order.quantity), (4, 4), "{versions:?}");
    }
}

async fn a_copy_of_no_row_writes_nothing<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let foreign = Order { tenant_id: 8, version: 9, ..order.clone() };
    assert_eq!(foreign.apply_newer(&pool).await.expect("an answer"), Write::NotFound);
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(order));
    assert_eq!(database.number("SELECT count(*) FROM orders").await, 1);
}

async fn a_copy_may_be_that_of_a_deletion<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let note = inserted(Note::new(1, "N-1").insert_once(&pool).await.expect("an answer"));
    let deleted = Note { version: 2, deleted_at: Some(LONG_AGO), ..note };
    assert_eq!(applied(deleted.apply_newer(&pool).await.expect("an answer")), deleted);
    assert_eq!(deleted.apply_newer(&pool).await.expect("an answer"), Write::NotFound);
}

async fn a_copy_of_no_row_may_be_inserted<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let new = Order { version: 4, created_at: LONG_AGO, updated_at: LONG_AGO, ..Order::new(1) };
    let written = applied(new.insert_or_apply_newer(&pool).await.expect("an answer"));
    assert_eq!(written, Order { total: 10, ..new.clone() });
    assert_eq!(new.insert_or_apply_newer(&pool).await.expect("an answer"), Write::Unchanged);
    let stale = Order { version: 3, ..new.of(3) };
    assert_eq!(conflict(stale.insert_or_apply_newer(&pool).await.expect("an answer")), (Some(3), written.clone()));
    let newer = Order { version: 5, ..new.of(5) };
    let mut tx = pool.begin().await.expect("a transaction");
    let written = applied(newer.insert_or_apply_newer(&mut tx).await.expect("an answer"));
    assert_eq!((written.version, written.quantity, written.total), (5, 5, 50));
    tx.commit().await.expect("a commit");
    assert_eq!(Order::load(new.address(), &pool).await.expect("an answer"), Some(written));
}

async fn messages_in_any_order_of_which_any_is_the_first_end_with_the_newest<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    for (id, versions) in [[2, 3, 4], [2, 4, 3], [3, 2, 4], [3, 4, 2], [4, 2, 3], [4, 3, 2]].into_iter().enumerate() {
        let id = i64::try_from(id).expect("a number");
        let mut newest = 0;
        for version in versions.into_iter().chain(versions) {
            let message = Note { version, body: version.to_string(), ..Note::new(id, &format!("N-{id}")) };
            let write = message.insert_or_apply_newer(&pool).await.expect("an answer");
            assert_eq!(matches!(write, Write::Applied(_)), version > newest, "{write:?}");
            assert_eq!(matches!(write, Write::Unchanged), version == newest, "{write:?}");
            newest = newest.max(version);
        }
        let note = Note::load(id, &pool).await.expect("an answer").expect("a row");
        assert_eq!((note.version, note.body.as_str()), (4, "4"), "{versions:?}");
    }
    let deleted = Note { version: 9, deleted_at: Some(LONG_AGO), ..Note::new(0, "N-0") };
    assert_eq!(applied(deleted.insert_or_apply_newer(&pool).await.expect("an answer")), deleted);
    let error = Note { version: 10, deleted_at: None, ..deleted }.insert_or_apply_newer(&pool).await;
    assert!(error.expect_err("it counts as deleted").is_conflict());
}

async fn a_copy_never_writes_over_a_row_that_only_shares_something_unique<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let note = inserted(Note::new(1, "N-1").insert_once(&pool).await.expect("an answer"));
    let other = Note { version: 9, slug: "another".to_owned(), ..Note::new(2, "N-1") };
    let error = other.insert_or_apply_newer(&pool).await.expect_err("the number is taken");
    assert!(error.is_conflict(), "{error:?}");
    assert_eq!(Note::load(1, &pool).await.expect("an answer"), Some(note));
    assert_eq!(database.number("SELECT count(*) FROM notes").await, 1);
}

async fn two_first_copies_at_once_end_with_the_newer<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let mut tasks = tokio::task::JoinSet::new();
    for version in 1..=8 {
        let pool = pool.clone();
        tasks.spawn(async move {
            let message = Note { version, ..Note::new(1, "N-1") };
            message.insert_or_apply_newer(&pool).await.expect("an answer")
        });
    }
    tasks.join_all().await;
    let note = Note::load(1, &pool).await.expect("an answer").expect("a row");
    assert_eq!(note.version, 8);
}
