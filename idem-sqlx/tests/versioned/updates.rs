//! Updates of one row.

use idem_sqlx::entity::{Deletion, InTenant, StoredIn, Versioned as _, Write};

use crate::samples::{Order, Rule, Ticket};
use crate::{EntityTest, LONG_AGO, applied, common, conflict, inserted, tables, with_order};

common::on_each_database! {
    an_update_returns_the_row_as_the_database_has_it
    an_update_of_nothing_answers_so_and_touches_nothing
    an_ignored_column_is_written_with_others_and_not_alone
    an_update_of_a_row_that_somebody_else_has_written_is_a_conflict_with_what_they_wrote
    a_repeated_update_finds_its_own_values_in_the_way
    a_row_of_another_tenant_is_not_found
    a_draft_that_differs_where_no_update_writes_is_an_error_that_names_the_field
    without_a_version_the_state_guards_an_update
    a_state_that_only_its_column_takes_for_the_same_is_a_conflict
    without_version_and_state_the_last_write_wins
    a_composite_id_addresses_one_row
    an_outcome_becomes_an_error_where_the_row_is_not_as_it_was_to_be
}

async fn an_update_returns_the_row_as_the_database_has_it<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    assert_eq!(order.total, 10);
    assert!(order.created_at > LONG_AGO && order.updated_at > LONG_AGO, "{order:?}");
    database.execute("UPDATE orders SET created_at = '2001-09-09 01:46:40', updated_at = '2001-09-09 01:46:40'").await;
    let order = Order::load(order.address(), &pool).await.expect("an answer").expect("a row");
    assert_eq!((order.created_at, order.updated_at), (LONG_AGO, LONG_AGO));

    let new = applied(order.update_to(&order.of(3), &pool).await.expect("an answer"));
    let expected = Order { quantity: 3, total: 30, version: 2, updated_at: new.updated_at, ..order.clone() };
    assert_eq!(new, expected);
    assert!(new.updated_at > LONG_AGO, "{new:?}");
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(new));
}

async fn an_update_of_nothing_answers_so_and_touches_nothing<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    assert_eq!(order.update_to(&order.clone(), &pool).await.expect("an answer"), Write::Unchanged);
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(order));
}

async fn an_ignored_column_is_written_with_others_and_not_alone<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let seen = Order { seen: 9, ..order.clone() };
    assert_eq!(order.update_to(&seen, &pool).await.expect("an answer"), Write::Unchanged);
    let new = applied(order.update_to(&seen.of(2), &pool).await.expect("an answer"));
    assert_eq!((new.seen, new.quantity, new.version), (9, 2, 2));
}

async fn an_update_of_a_row_that_somebody_else_has_written_is_a_conflict_with_what_they_wrote<D: EntityTest>(
    database: &D,
) where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let theirs = applied(order.update_to(&order.of(2), &pool).await.expect("an answer"));
    for _naive_retry in 0..2 {
        let write = order.update_to(&order.of(3), &pool).await.expect("an answer");
        assert_eq!(conflict(write), (Some(1), theirs.clone()));
    }
    let mut tx = pool.begin().await.expect("a transaction");
    let write = order.update_to(&order.of(3), &mut tx).await.expect("an answer");
    assert_eq!(conflict(write), (Some(1), theirs.clone()));
    tx.commit().await.expect("nothing was written");
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(theirs));
}

async fn a_repeated_update_finds_its_own_values_in_the_way<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let draft = order.of(2);
    applied(order.update_to(&draft, &pool).await.expect("an answer"));
    let (_, found) = conflict(order.update_to(&draft, &pool).await.expect("an answer"));
    assert!(found.is_unchanged(&draft), "the row has the values that were to be written: {found:?}");
    let (_, found) = conflict(order.update_to(&order.of(3), &pool).await.expect("an answer"));
    assert!(!found.is_unchanged(&order.of(3)), "{found:?}");
}

async fn a_row_of_another_tenant_is_not_found<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let foreign = Order { tenant_id: 8, ..order.clone() };
    assert_eq!(Order::load(InTenant(8, order.id), &pool).await.expect("an answer"), None);
    assert_eq!(foreign.update_to(&foreign.of(2), &pool).await.expect("an answer"), Write::NotFound);
    let missing = Order::new(2);
    assert_eq!(missing.update_to(&missing.of(2), &pool).await.expect("an answer"), Write::NotFound);
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(order));
}

async fn a_draft_that_differs_where_no_update_writes_is_an_error_that_names_the_field<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let changed = order.of(2);
    let drafts = [
        ("tenant_id", Order { tenant_id: 8, ..changed.clone() }),
        ("status", Order { status: "paid".to_owned(), ..changed.clone() }),
        ("version", Order { version: 5, ..changed.clone() }),
        ("channel", Order { channel: "app".to_owned(), ..changed }),
    ];
    for (field, draft) in drafts {
        let error = order.update_to(&draft, &pool).await.expect_err("a field that no update writes");
        assert!(error.to_string().contains(&format!("`{field}` of the draft differs")), "{error}");
        assert!(!error.is_retryable() && !error.is_conflict(), "{error:?}");
    }
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(order));
}

async fn without_a_version_the_state_guards_an_update<D: EntityTest>(database: &D)
where
    Ticket: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let ticket = inserted(Ticket::new("a").insert_once(&pool).await.expect("an answer"));
    for order in ["2", "3"] {
        let draft = Ticket { order: order.to_owned(), ..ticket.clone() };
        assert_eq!(applied(ticket.update_to(&draft, &pool).await.expect("an answer")), draft);
    }
    database.execute("UPDATE tickets SET state = 'closed'").await;
    let draft = Ticket { order: "4".to_owned(), ..ticket.clone() };
    let (expected, found) = conflict(ticket.update_to(&draft, &pool).await.expect("an answer"));
    assert_eq!((expected, &*found.state, &*found.order), (None, "closed", "3"));
}

async fn without_version_and_state_the_last_write_wins<D: EntityTest>(database: &D)
where
    Rule: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let rule = inserted(Rule::new("mail", "from", "a").insert_once(&pool).await.expect("an answer"));
    for value in ["b", "c"] {
        let draft = Rule::new("mail", "from", value);
        assert_eq!(applied(rule.update_to(&draft, &pool).await.expect("an answer")), draft);
    }
    let missing = Rule::new("mail", "to", "a");
    let write = missing.update_to(&Rule::new("mail", "to", "b"), &pool).await.expect("an answer");
    assert_eq!(write, Write::NotFound);
}

async fn a_composite_id_addresses_one_row<D: EntityTest>(database: &D)
where
    Rule: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    for (area, name) in [("x", "y"), ("y", "x"), ("x", "x")] {
        inserted(Rule::new(area, name, "1").insert_once(&pool).await.expect("an answer"));
    }
    let rule = Rule::new("x", "y", "1");
    applied(rule.update_to(&Rule::new("x", "y", "2"), &pool).await.expect("an answer"));
    let values = database.texts("SELECT value FROM rules ORDER BY area, name").await;
    assert_eq!(values, ["1", "2", "1"]);
}

async fn an_outcome_becomes_an_error_where_the_row_is_not_as_it_was_to_be<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
    Ticket: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let unchanged = order.update_to(&order.clone(), &pool).await.and_then(Write::accepted);
    assert_eq!(unchanged.expect("there was nothing to write"), None);
    let new = order.update_to(&order.of(2), &pool).await.and_then(Write::accepted);
    let new = new.expect("it was written").expect("a row");
    let error = order.update_to(&order.of(3), &pool).await.and_then(Write::accepted).expect_err("a conflict");
    assert!(error.is_conflict() && !error.is_not_found() && !error.is_retryable(), "{error:?}");
    assert_eq!(error.to_string(), "the row of `orders` has version 2, and not 1");
    let error = order.delete(&pool).await.and_then(Deletion::accepted).expect_err("a conflict");
    assert!(error.is_conflict(), "{error:?}");
    for _repeated in 0..2 {
        new.delete(&pool).await.and_then(Deletion::accepted).expect("it is gone");
    }
    let error = new.update_to(&new.of(3), &pool).await.and_then(Write::accepted).expect_err("it is gone");
    assert!(error.is_not_found() && !error.is_conflict(), "{error:?}");

    let ticket = inserted(Ticket::new("a").insert_once(&pool).await.expect("an answer"));
    let closed = Ticket { state: "closed".to_owned(), ..ticket };
    let error = closed.delete(&pool).await.and_then(Deletion::accepted).expect_err("a conflict");
    assert_eq!(error.to_string(), "the row of `tickets` is in another state");
}

/// What the column takes for the state that was loaded may be one that nobody can read.
async fn a_state_that_only_its_column_takes_for_the_same_is_a_conflict<D: EntityTest>(database: &D)
where
    Ticket: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let caseless = match D::NAME {
        "postgres" => {
            "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
             ALTER TABLE tickets ALTER COLUMN state TYPE TEXT COLLATE caseless"
        }
        "mysql" => "ALTER TABLE tickets MODIFY state VARCHAR(20) COLLATE utf8mb4_general_ci",
        _ => {
            "DROP TABLE tickets; CREATE TABLE tickets (id TEXT PRIMARY KEY, state TEXT COLLATE NOCASE NOT NULL, \
             \"order\" TEXT NOT NULL, is_deleted BOOLEAN NOT NULL)"
        }
    };
    database.execute(caseless).await;
    let ticket = inserted(Ticket::new("a").insert_once(&pool).await.expect("an answer"));
    database.execute("UPDATE tickets SET state = 'OPEN'").await;
    assert_eq!(database.number("SELECT count(*) FROM tickets WHERE state = 'open'").await, 1);
    let draft = Ticket { order: "2".to_owned(), ..ticket.clone() };
    let (_, found) = conflict(ticket.update_to(&draft, &pool).await.expect("an answer"));
    assert_eq!((found.state.as_str(), found.order.as_str()), ("OPEN", "1"));
    assert!(matches!(ticket.delete(&pool).await, Ok(Deletion::Conflict { .. })));
}
