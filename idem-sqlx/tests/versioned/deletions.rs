//! Rows that are deleted, and rows that are marked as deleted.

use idem_sqlx::entity::{Deletion, StoredIn, Versioned as _, Write};

use crate::samples::{Note, Order, Ticket};
use crate::{EntityTest, LONG_AGO, applied, common, inserted, tables, with_order};

common::on_each_database! {
    a_deletion_that_is_repeated_finds_nothing
    a_row_that_somebody_else_has_written_is_not_deleted
    a_row_may_be_marked_by_the_time_of_its_deletion
    a_row_may_be_marked_by_a_flag
}

async fn a_deletion_that_is_repeated_finds_nothing<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let foreign = Order { tenant_id: 8, ..order.clone() };
    assert_eq!(foreign.delete(&pool).await.expect("an answer"), Deletion::NotFound);
    assert_eq!(order.delete(&pool).await.expect("an answer"), Deletion::Deleted);
    assert_eq!(order.delete(&pool).await.expect("an answer"), Deletion::NotFound);
    assert_eq!(database.number("SELECT count(*) FROM orders").await, 0);
}

async fn a_row_that_somebody_else_has_written_is_not_deleted<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let found = applied(order.update_to(&order.of(2), &pool).await.expect("an answer"));
    let deletion = order.delete(&pool).await.expect("an answer");
    assert_eq!(deletion, Deletion::Conflict { expected: Some(1), found: found.clone() });
    assert_eq!(found.delete(&pool).await.expect("an answer"), Deletion::Deleted);
}

async fn a_row_may_be_marked_by_the_time_of_its_deletion<D: EntityTest>(database: &D)
where
    Note: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let note = inserted(Note::new(1, "N-1").insert_once(&pool).await.expect("an answer"));
    let draft = Note { body: "b".to_owned(), ..note.clone() };
    let note = applied(note.update_to(&draft, &pool).await.expect("an answer"));
    assert_eq!(note.delete(&pool).await.expect("an answer"), Deletion::Deleted);
    assert_eq!(Note::load(1, &pool).await.expect("an answer"), None);
    assert_eq!(note.delete(&pool).await.expect("an answer"), Deletion::NotFound);
    let draft = Note { body: "c".to_owned(), ..note.clone() };
    assert_eq!(note.update_to(&draft, &pool).await.expect("an answer"), Write::NotFound);
    assert_eq!(database.rows("SELECT version, body FROM notes").await, [[Some("3".to_owned()), Some("b".to_owned())]]);

    let mut on = pool.acquire().await.expect("a connection");
    D::execute_on(&mut on, "CREATE TABLE kept AS SELECT deleted_at FROM notes").await.expect("SQL of this test");
    D::execute_on(&mut on, "UPDATE notes SET deleted_at = NULL").await.expect("SQL of this test");
    let back = Note::load(1, &pool).await.expect("an answer").expect("it is there again");
    let copied = Note { deleted_at: Some(LONG_AGO), version: 4, ..back };
    let copied = applied(copied.apply_newer(&pool).await.expect("an answer"));
    assert_eq!(copied.deleted_at, Some(LONG_AGO));
    let later = "SELECT count(*) FROM kept WHERE deleted_at > (SELECT deleted_at FROM notes)";
    assert_eq!(database.number(later).await, 1, "the clock of the database, written as sqlx writes a time");
}

async fn a_row_may_be_marked_by_a_flag<D: EntityTest>(database: &D)
where
    Ticket: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let ticket = inserted(Ticket::new("a").insert_once(&pool).await.expect("an answer"));
    let closed = Ticket { state: "closed".to_owned(), ..ticket.clone() };
    let deletion = closed.delete(&pool).await.expect("an answer");
    assert_eq!(deletion, Deletion::Conflict { expected: None, found: ticket.clone() });
    assert_eq!(ticket.delete(&pool).await.expect("an answer"), Deletion::Deleted);
    assert_eq!(ticket.delete(&pool).await.expect("an answer"), Deletion::NotFound);
    assert_eq!(Ticket::load("a".to_owned(), &pool).await.expect("an answer"), None);
    assert_eq!(database.number("SELECT count(*) FROM tickets WHERE is_deleted").await, 1);
}
