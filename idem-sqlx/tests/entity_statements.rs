//! The statements of transitions: what they say, and how many of them a transition sends.
#![cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]

mod common;
#[path = "entity/machines.rs"]
mod machines;
#[path = "entity/order.rs"]
mod order;
#[path = "entity/rooms.rs"]
mod rooms;
#[path = "entity/tables.rs"]
mod tables;

use std::fmt::Write as _;

use common::{log, on_each_database};
use idem_core::machine::Event;
use idem_sqlx::entity::{Database, HasState, Transition, Versioned as _, statements_of_event};
use machines::{OrderStatus, door, lamp, order_status};
use order::{EntityDatabase, Order, order_id};
use rooms::{Line, Room};
use tables::{closed_rooms, tables, unpaid_orders};

/// `BLESS=1` writes the file anew.
#[test]
fn the_statements_are_those_of_the_golden_file() {
    let mut listing = String::new();
    list::<sqlx::Postgres>(&mut listing, "PostgreSQL");
    list::<sqlx::MySql>(&mut listing, "MySQL");
    list::<sqlx::Sqlite>(&mut listing, "SQLite");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/transitions.sql");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &listing).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(path).expect("the golden file is there; write it with BLESS=1");
    assert!(
        listing == golden,
        "the statements have changed; write the file anew with BLESS=1, and read the difference"
    );
}

fn list<DB: Database>(listing: &mut String, name: &str) {
    writeln!(listing, "-- {name}").expect("a string");
    list_event::<Order, order_status::Pay, DB>(listing);
    list_event::<Order, order_status::Release, DB>(listing);
    list_event::<Order, order_status::Abandon, DB>(listing);
    list_event::<Order, order_status::Cancel, DB>(listing);
    list_event::<Order, order_status::Settle, DB>(listing);
    list_event::<Line, order_status::Abandon, DB>(listing);
    list_event::<Room, door::Open, DB>(listing);
    list_event::<Room, lamp::Off, DB>(listing);
}

fn list_event<T: HasState<E::Machine>, E: Event, DB: Database>(listing: &mut String) {
    for (name, sql) in statements_of_event::<T, E, DB>() {
        writeln!(listing, "\n-- {} of {}: {name}\n{sql};", E::NAME, T::TABLE.name).expect("a string");
    }
    listing.push('\n');
}

on_each_database! { a_transition_sends_one_statement_if_it_can_and_no_more_than_it_must }

async fn a_transition_sends_one_statement_if_it_can_and_no_more_than_it_must<D: EntityDatabase>(database: &D) {
    tables(database).await;
    unpaid_orders(database, 1..6).await;
    closed_rooms(database, [1]).await;
    let pool = database.pool(1).await;
    let order = Order::load(order_id(2), &pool).await.expect("an answer").expect("a row");
    let (returns, joins) = (D::NAME != "mysql", D::NAME == "postgres");

    let pay = async |id| Order::fire(order_id(id), order_status::Pay).execute(&pool).await;
    assert_eq!(sent(database, pay(1)).await, ["UPDATE"]);
    assert_eq!(sent(database, pay(1)).await, ["UPDATE", "SELECT"]);
    assert_eq!(sent(database, order.transition(order_status::Pay).execute(&pool)).await, ["UPDATE"]);

    let abandon = async || Order::fire(order_id(3), order_status::Abandon).execute(&pool).await;
    assert_eq!(sent(database, abandon()).await, if joins { &["UPDATE"] as &[_] } else { &["SELECT", "UPDATE"] });
    let cancel = async || Order::fire(order_id(4), order_status::Cancel).key("k").execute(&pool).await;
    let recorded: &[_] = if returns { &["INSERT", "UPDATE"] } else { &["SELECT", "INSERT", "UPDATE"] };
    assert_eq!(sent(database, cancel()).await, recorded);
    assert_eq!(sent(database, cancel()).await, if returns { ["INSERT", "SELECT"] } else { ["SELECT", "SELECT"] });
    let review = Order::fire(order_id(5), order_status::Review).execute(&pool);
    assert_eq!(sent(database, review).await, ["SELECT", "UPDATE"]);
    let open = Room::fire(1, door::Open).key("k").execute(&pool);
    assert_eq!(sent(database, open).await, ["INSERT", "UPDATE"], "one source needs no look");
}

/// MySQL counts what a session is asked, a `BEGIN` too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn one_update_needs_no_transaction_around_it() {
    use common::TestDatabase as _;

    let database = common::mysql::Database::empty().await;
    tables(&database).await;
    unpaid_orders(&database, [1, 2]).await;
    let pool = database.pool(1).await;
    let asked = async || {
        let row: (String, String) =
            sqlx::query_as("SHOW SESSION STATUS LIKE 'Questions'").fetch_one(&pool).await.expect("a row");
        row.1.parse::<u64>().expect("a number")
    };
    let prepare = Order::fire(order_id(1), order_status::Pay).execute(&pool).await;
    assert!(matches!(prepare, Ok(Transition::Applied { .. })));
    let before = asked().await;
    let pay = Order::fire(order_id(2), order_status::Pay).execute(&pool).await;
    assert!(matches!(pay, Ok(Transition::Applied { to: OrderStatus::Paid, .. })));
    assert_eq!(asked().await - before, 2, "the update, and the question how many there were");
}

/// The first words of the statements about orders and rooms that are sent.
async fn sent<D: EntityDatabase, T>(database: &D, work: impl Future<Output = T>) -> Vec<String> {
    log::take();
    work.await;
    // A statement is logged when it has ended, which may be after its answer; this one comes after that.
    database.number("SELECT count(*) FROM orders WHERE id = -1").await;
    let log = log::take();
    let own = log.iter().filter(|sql| sql.contains("orders") || sql.contains("order_") || sql.contains("room"));
    own.filter(|sql| !sql.contains("id = -1")).map(|sql| sql.split(' ').next().unwrap_or_default().to_owned()).collect()
}
