//! Rows whose id the database makes: they are known by another column until they are there.

use idem_sqlx::entity::{
    Arguments, BindError, Column, Database, HasVersion, Insertion, Role, StoredIn, Table, Value, Values, Versioned,
    Write, add, never_bound,
};
use sqlx::FromRow;

use crate::{EntityTest, applied, common, inserted};

common::on_each_database! {
    the_id_of_a_new_row_is_made_by_the_database_and_read_back
    a_row_that_is_there_is_found_by_what_it_is_known_by
    a_row_that_is_inserted_in_a_transaction_is_known_by_its_id_at_once
    a_row_that_no_constraint_keeps_unique_is_an_error_and_is_not_inserted
}

/// Known by its email; `0` is no id.
#[derive(Debug, Clone, PartialEq, FromRow)]
struct Customer {
    id: i64,
    email: String,
    name: String,
    version: i64,
}

impl Customer {
    fn new(email: &str) -> Self {
        Self { id: 0, email: email.to_owned(), name: String::new(), version: 1 }
    }
}

impl Versioned for Customer {
    type Address = i64;

    const TABLE: Table = Table {
        name: "customers",
        audit: None,
        columns: &[
            Column { name: "id", role: Role::GeneratedId },
            Column { name: "email", role: Role::Readonly },
            Column { name: "name", role: Role::Data },
            Column { name: "version", role: Role::Version },
        ],
        natural: &["email"],
    };

    fn address(&self) -> i64 {
        self.id
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn fixed_difference(&self, draft: &Self) -> Option<&'static str> {
        (self.id != draft.id).then_some("id")
    }

    fn is_unchanged(&self, draft: &Self) -> bool {
        self.name == draft.name
    }
}

impl<DB: Database> Values<DB> for Customer
where
    i64: Value<DB>,
    String: Value<DB>,
{
    fn bind_address(address: &i64, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        add::<DB, i64>(arguments, address)
    }

    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        match column {
            0 => add::<DB, i64>(arguments, &self.id),
            1 => add::<DB, String>(arguments, &self.email),
            2 => add::<DB, String>(arguments, &self.name),
            3 => add::<DB, i64>(arguments, &self.version),
            _ => never_bound(column),
        }
    }
}

impl HasVersion for Customer {}

/// Known by the email, within a club.
#[derive(Debug, Clone, PartialEq, FromRow)]
struct Member {
    id: i64,
    club: String,
    email: String,
}

impl Versioned for Member {
    type Address = i64;

    const TABLE: Table = Table {
        name: "members",
        audit: None,
        columns: &[
            Column { name: "id", role: Role::Id },
            Column { name: "club", role: Role::Data },
            Column { name: "email", role: Role::Readonly },
        ],
        natural: &["club", "email"],
    };

    fn address(&self) -> i64 {
        self.id
    }

    fn version(&self) -> Option<i64> {
        None
    }

    fn fixed_difference(&self, draft: &Self) -> Option<&'static str> {
        (self.id != draft.id).then_some("id")
    }

    fn is_unchanged(&self, draft: &Self) -> bool {
        self == draft
    }
}

impl<DB: Database> Values<DB> for Member
where
    i64: Value<DB>,
    String: Value<DB>,
{
    fn bind_address(address: &i64, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        add::<DB, i64>(arguments, address)
    }

    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        match column {
            0 => add::<DB, i64>(arguments, &self.id),
            1 => add::<DB, String>(arguments, &self.club),
            2 => add::<DB, String>(arguments, &self.email),
            _ => never_bound(column),
        }
    }
}

async fn customers<D: EntityTest>(database: &D) -> sqlx::Pool<D::Sqlx> {
    let id = match D::NAME {
        "postgres" => "BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 17) PRIMARY KEY",
        "mysql" => "BIGINT AUTO_INCREMENT PRIMARY KEY",
        _ => "INTEGER PRIMARY KEY AUTOINCREMENT",
    };
    database
        .execute(&format!(
            "CREATE TABLE customers (id {id}, email VARCHAR(50) NOT NULL UNIQUE, name VARCHAR(50) NOT NULL, \
             version BIGINT NOT NULL)"
        ))
        .await;
    database.pool(2).await
}

async fn the_id_of_a_new_row_is_made_by_the_database_and_read_back<D: EntityTest>(database: &D)
where
    Customer: StoredIn<D::Sqlx>,
{
    let pool = customers(database).await;
    let one = inserted(Customer::new("one@example.com").insert_once(&pool).await.expect("an answer"));
    let two = inserted(Customer::new("two@example.com").insert_once(&pool).await.expect("an answer"));
    assert!(one.id > 0 && two.id > one.id, "{one:?} {two:?}");
    assert_eq!(Customer::load(one.id, &pool).await.expect("an answer"), Some(one.clone()));
    let draft = Customer { name: "One".to_owned(), ..one.clone() };
    assert_eq!(applied(one.update_to(&draft, &pool).await.expect("an answer")).version, 2);
    assert_eq!(database.number("SELECT count(*) FROM customers WHERE id = 0").await, 0);
}

async fn a_row_that_is_there_is_found_by_what_it_is_known_by<D: EntityTest>(database: &D)
where
    Customer: StoredIn<D::Sqlx>,
{
    let pool = customers(database).await;
    let one = inserted(Customer::new("one@example.com").insert_once(&pool).await.expect("an answer"));
    let again = Customer::new("one@example.com").insert_once(&pool).await.expect("an answer");
    assert_eq!(again, Insertion::Existing(one));
    assert_eq!(database.number("SELECT count(*) FROM customers").await, 1);
}

async fn a_row_that_is_inserted_in_a_transaction_is_known_by_its_id_at_once<D: EntityTest>(database: &D)
where
    Customer: StoredIn<D::Sqlx>,
{
    let pool = customers(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    let one = inserted(Customer::new("one@example.com").insert_once(&mut tx).await.expect("an answer"));
    let draft = Customer { name: "One".to_owned(), ..one.clone() };
    assert!(matches!(one.update_to(&draft, &mut tx).await, Ok(Write::Applied(_))));
    tx.commit().await.expect("a commit");
    assert_eq!(Customer::load(one.id, &pool).await.expect("an answer").map(|row| row.name), Some("One".to_owned()));
}

/// What a transaction has found once is remembered by the name of the table, so this one has a name of its own.
async fn a_row_that_no_constraint_keeps_unique_is_an_error_and_is_not_inserted<D: EntityTest>(database: &D)
where
    Member: StoredIn<D::Sqlx>,
{
    let id = if D::NAME == "sqlite" { "INTEGER PRIMARY KEY" } else { "BIGINT NOT NULL PRIMARY KEY" };
    database
        .execute(&format!(
            "CREATE TABLE members (id {id}, club VARCHAR(50) NOT NULL, email VARCHAR(50) NOT NULL);
             CREATE INDEX by_email ON members (club, email); CREATE UNIQUE INDEX wider ON members (club, email, id)"
        ))
        .await;
    let pool = database.pool(2).await;
    let member = Member { id: 1, club: "a".to_owned(), email: "one@example.com".to_owned() };
    let mut tx = pool.begin().await.expect("a transaction");
    let in_transaction = member.insert_once(&mut tx).await.expect_err("it could be inserted twice");
    tx.rollback().await.expect("rolled back");
    for error in [in_transaction, member.insert_once(&pool).await.expect_err("it could be inserted twice")] {
        assert!(error.to_string().contains("add UNIQUE (club, email)"), "{error}");
        assert!(!error.is_retryable() && !error.is_conflict(), "{error:?}");
    }
    assert_eq!(database.number("SELECT count(*) FROM members").await, 0);

    database.execute("CREATE UNIQUE INDEX once ON members (email)").await;
    inserted(member.insert_once(&pool).await.expect("it is unique now"));
    let again = Member { id: 2, ..member.clone() };
    let mut tx = pool.begin().await.expect("a transaction");
    assert_eq!(again.insert_once(&mut tx).await.expect("an answer"), Insertion::Existing(member.clone()));
    tx.commit().await.expect("a commit");
    assert_eq!(again.insert_once(&pool).await.expect("an answer"), Insertion::Existing(member));
}
