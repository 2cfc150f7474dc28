//! A table of entries, and an operation that adds one: an entry that is there twice was added twice.

use std::error::Error;
use std::time::Duration;

use idem_core::{Answer, Operation};
use idem_sqlx::{TransactionDatabase, in_transaction};
use sqlx::{Pool, Transaction};

use crate::databases::Ledger;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Stands for "it hangs".
pub(crate) const FOREVER: Duration = Duration::from_mins(1);

/// What is booked: a key, and the number that makes it this call's.
pub(crate) const SCOPE: &str = "ledger.book";

pub(crate) async fn create<D: Ledger>(database: &D) {
    database.execute("CREATE TABLE entries (name VARCHAR(100) NOT NULL, number BIGINT NOT NULL)").await;
}

/// How many entries there are of a name.
pub(crate) async fn entries<D: Ledger>(database: &D, name: &str) -> i64 {
    database.number(&format!("SELECT count(*) FROM entries WHERE name = '{name}'")).await
}

/// How many records there are.
pub(crate) async fn records<D: Ledger>(database: &D) -> i64 {
    database.number("SELECT count(*) FROM idem_records").await
}

/// The operation of the tests, in a given transaction.
pub(crate) async fn book<D: Ledger>(
    store: &D::Store,
    tx: &mut Transaction<'_, D::Sqlx>,
    name: &str,
    number: i64,
) -> Result<Answer<i64>, Failure> {
    book_as::<D>(Operation::new(SCOPE, name), store, tx, name, number).await
}

/// The same, with options.
pub(crate) async fn book_as<D: Ledger>(
    operation: Operation,
    store: &D::Store,
    tx: &mut Transaction<'_, D::Sqlx>,
    name: &str,
    number: i64,
) -> Result<Answer<i64>, Failure> {
    operation
        .run_in(store, tx, async |mut tx, _| {
            add::<D>(&mut tx, name, number).await?;
            Ok(number)
        })
        .await
}

/// The effect itself.
pub(crate) async fn add<D: Ledger>(
    tx: &mut Transaction<'_, D::Sqlx>,
    name: &str,
    number: i64,
) -> Result<(), sqlx::Error> {
    D::execute_on(tx, &format!("INSERT INTO entries VALUES ('{name}', {number})")).await
}

/// The operation in a transaction of its own.
pub(crate) async fn book_once<D: Ledger>(store: &D::Store, name: &str, number: i64) -> Result<Answer<i64>, Failure> {
    in_transaction(D::pool_of(store), async |mut tx| book::<D>(store, &mut tx, name, number).await).await
}

pub(crate) async fn begin<D: Ledger>(pool: &Pool<D::Sqlx>) -> Transaction<'static, D::Sqlx> {
    D::Sqlx::begin(pool).await.expect("a transaction")
}

/// What idem says of a call without an outcome.
pub(crate) fn refusal(answer: Result<Answer<i64>, Failure>) -> idem_core::Error {
    match answer {
        Err(error) => *error.downcast().expect("an error of idem"),
        Ok(answer) => panic!("{answer:?}"),
    }
}
