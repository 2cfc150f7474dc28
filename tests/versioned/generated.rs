//! An id that the database makes.

use idem::entity::Role;
use idem::{Insertion, SqliteStore, Versioned, Write};
use sqlx::FromRow;

#[derive(Versioned, FromRow, Debug, Clone, PartialEq)]
#[versioned(table = "customers")]
struct Customer {
    #[versioned(generated, id)]
    id: i64,
    #[versioned(unique)]
    email: String,
    #[versioned(version)]
    version: i64,
}

#[tokio::test]
async fn an_id_that_the_database_makes_is_left_out_of_the_insert_and_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(folder.path().join("customers.db")).await.expect("opens");
    let pool = store.pool();
    sqlx::raw_sql("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT UNIQUE, version INTEGER NOT NULL)")
        .execute(pool)
        .await
        .expect("a table");
    assert_eq!(Customer::TABLE.columns[0].role, Role::GeneratedId);

    let new = Customer { id: 0, email: "one@example.com".to_owned(), version: 1 };
    let Insertion::Inserted(one) = new.insert_once(pool).await.expect("inserts") else { panic!("it is new") };
    assert_eq!(one, Customer { id: 1, ..new.clone() });
    assert_eq!(new.insert_once(pool).await.expect("finds"), Insertion::Existing(one.clone()));
    let draft = Customer { email: "1@example.com".to_owned(), ..one.clone() };
    assert!(matches!(one.update_to(&draft, pool).await, Ok(Write::Applied(Customer { id: 1, version: 2, .. }))));
}
