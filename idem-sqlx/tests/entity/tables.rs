//! The tables of the sample entities, and rows in them.

use super::order::EntityDatabase;

/// How a database writes the types that differ.
struct Types {
    key: &'static str,
    time: &'static str,
    tail: &'static str,
}

fn types<D: EntityDatabase>() -> Types {
    match D::NAME {
        "postgres" => Types { key: "VARCHAR(255)", time: "TIMESTAMPTZ", tail: "" },
        "mysql" => Types { key: "VARBINARY(255)", time: "DATETIME(6)", tail: " ENGINE=InnoDB" },
        _ => Types { key: "TEXT", time: "TEXT", tail: "" },
    }
}

/// Makes the tables; `status` is the type of the state column of orders.
pub(crate) async fn tables_with<D: EntityDatabase>(database: &D, status: &str) {
    let Types { key, time, tail } = types::<D>();
    let quote = D::QUOTE;
    let audit = format!(
        "event VARCHAR(100) NOT NULL, from_state VARCHAR(100) NOT NULL, to_state VARCHAR(100) NOT NULL, version BIGINT, \
         {quote}key{quote} {key}, actor VARCHAR(255), reason VARCHAR(255), at {time} NOT NULL"
    );
    let sql = format!(
        "CREATE TABLE orders (id BIGINT NOT NULL, tenant VARCHAR(50) NOT NULL, status {status} NOT NULL, \
             version BIGINT NOT NULL, address VARCHAR(200), total BIGINT NOT NULL, updated_at {time}, deleted_at {time}, \
             PRIMARY KEY (tenant, id)){tail};
         CREATE TABLE order_transitions (tenant VARCHAR(50) NOT NULL, id BIGINT NOT NULL, {audit}, \
             UNIQUE (tenant, id, {quote}key{quote})){tail};
         CREATE TABLE {quote}lines{quote} (id BIGINT NOT NULL, article VARCHAR(50) NOT NULL, status {status} NOT NULL, \
             total BIGINT NOT NULL, PRIMARY KEY (id, article)){tail};
         CREATE TABLE rooms (id BIGINT NOT NULL PRIMARY KEY, door VARCHAR(20) NOT NULL, lamp SMALLINT NOT NULL, \
             version INTEGER NOT NULL){tail};
         CREATE TABLE room_transitions (id BIGINT NOT NULL, {audit}, UNIQUE (id, {quote}key{quote})){tail}"
    );
    database.execute(&sql).await;
}

/// Makes the tables.
pub(crate) async fn tables<D: EntityDatabase>(database: &D) {
    tables_with(database, "VARCHAR(20)").await;
}

/// Inserts orders of `acme` with these ids, each unpaid, of version 1, with a total of 500 and no address.
pub(crate) async fn unpaid_orders<D: EntityDatabase>(database: &D, ids: impl IntoIterator<Item = i64>) {
    let rows: Vec<_> = ids.into_iter().map(|id| format!("({id}, 'acme', 'unpaid', 1, 500)")).collect();
    let rows = rows.join(", ");
    database.execute(&format!("INSERT INTO orders (id, tenant, status, version, total) VALUES {rows}")).await;
}

/// Inserts rooms with these ids, closed and dark, of version 1.
pub(crate) async fn closed_rooms<D: EntityDatabase>(database: &D, ids: impl IntoIterator<Item = i64>) {
    let rows: Vec<_> = ids.into_iter().map(|id| format!("({id}, 'closed', -1, 1)")).collect();
    database.execute(&format!("INSERT INTO rooms (id, door, lamp, version) VALUES {}", rows.join(", "))).await;
}
