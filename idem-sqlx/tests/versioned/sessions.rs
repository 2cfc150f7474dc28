//! Where statements run: in transactions, those that are lent too, on pools, and on pools behind which sessions change.

use idem_sqlx::entity::{
    Arguments, BindError, Column, Database, Deletion, EntityError, HasVersion, Insertion, Retry, Role, Session,
    StoredIn, Table, Value, Values, Versioned, Write, add, never_bound,
};
use idem_sqlx::in_transaction;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{FromRow, Pool, Sqlite, SqlitePool, Transaction};
use tokio::task::JoinSet;

use crate::common::TestDatabase as _;
use crate::common::sqlite::Folder;
use crate::samples::Order;
use crate::{EntityTest, applied, common, inserted, with_order};

common::on_each_database! {
    a_transaction_that_is_lent_is_written_in_and_run_again
    what_a_transaction_writes_is_its_owners_to_roll_back
}

async fn a_transaction_that_is_lent_is_written_in_and_run_again<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let first = std::sync::atomic::AtomicBool::new(true);
    let new = in_transaction(&pool, async |mut tx| {
        let row = Order::load(order.address(), &mut tx).await?.expect("a row");
        let new = applied(row.update_to(&row.of(row.quantity + 1), &mut tx).await?);
        if first.swap(false, std::sync::atomic::Ordering::Relaxed) {
            return Err(EntityError::from(sqlx::Error::Io(std::io::Error::other("the connection broke"))));
        }
        Ok(new)
    })
    .await
    .expect("it is run again");
    assert_eq!((new.quantity, new.version), (2, 2));
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(new));
}

async fn what_a_transaction_writes_is_its_owners_to_roll_back<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let (pool, order) = with_order(database).await;
    let mut tx = pool.begin().await.expect("a transaction");
    let new = applied(order.update_to(&order.of(2), &mut tx).await.expect("an answer"));
    let new = applied(new.update_to(&new.of(3), &mut tx).await.expect("an answer"));
    inserted(Order::new(2).insert_once(&mut tx).await.expect("an answer"));
    applied(Order { version: 9, ..new.clone() }.apply_newer(&mut tx).await.expect("an answer"));
    let last = Order::load(order.address(), &mut tx).await.expect("an answer").expect("a row");
    assert_eq!(last.delete(&mut tx).await.expect("an answer"), Deletion::Deleted);
    tx.rollback().await.expect("rolled back");
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(order));
    assert_eq!(database.number("SELECT count(*) FROM orders").await, 1);
}

fn is_send<T: Send>(future: T) -> T {
    future
}

/// As a library would write it.
async fn saved<T, S>(row: &T, draft: &T, session: S) -> Result<Option<T>, EntityError>
where
    S: Session,
    T: StoredIn<S::Database>,
{
    match row.update_to(draft, session).await? {
        Write::Applied(new) => Ok(Some(new)),
        Write::Unchanged | Write::Conflict { .. } | Write::NotFound => Ok(None),
    }
}

/// As a library would write it over a pool of its own.
async fn touched<T, DB>(pool: &Pool<DB>, row: &T, draft: &T) -> Result<(), EntityError>
where
    DB: Database,
    T: HasVersion + StoredIn<DB>,
    T::Address: Ord,
{
    let _ = is_send(saved(row, draft, pool)).await?;
    let mut tx = pool.begin().await?;
    let _ = is_send(saved(row, draft, &mut tx)).await?;
    let _ = is_send(T::load(row.address(), &mut tx)).await?;
    let _ = is_send(T::update_many(&mut tx, &[(row.clone(), draft.clone())])).await?;
    let _ = is_send(row.insert_once(&mut tx)).await?;
    let _ = is_send(row.apply_newer(&mut tx)).await?;
    let _ = is_send(row.delete(&mut tx)).await?;
    tx.rollback().await?;
    let _ = is_send(T::modify(pool, row.address(), Retry::times(1), |_| Ok::<_, EntityError>(()))).await?;
    Ok(())
}

/// As an application would write it.
async fn in_a_transaction(tx: &mut Transaction<'_, Sqlite>, order: &Order) -> Result<Write<Order>, EntityError> {
    order.update_to(&order.of(4), tx).await
}

async fn on_a_pool(pool: &SqlitePool, order: Order) -> Result<Write<Order>, EntityError> {
    let mut tx = pool.begin().await?;
    let write = in_a_transaction(&mut tx, &order).await?;
    tx.rollback().await?;
    let _ = Order::modify(pool, order.address(), Retry::times(1), |_| Ok::<_, EntityError>(())).await?;
    Ok(write)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn futures_of_generic_and_of_concrete_callers_can_be_spawned() {
    let database = Folder::empty().await;
    let (pool, order) = with_order(&database).await;
    let generic = pool.clone();
    let row = order.clone();
    let generic = tokio::spawn(async move { touched(&generic, &row, &row.of(2)).await });
    generic.await.expect("no panic").expect("an answer");

    let concrete = tokio::spawn(async move {
        let order = Order::load(order.address(), &pool).await.expect("an answer").expect("a row");
        on_a_pool(&pool, order).await
    });
    assert_eq!(applied(concrete.await.expect("no panic").expect("an answer")).quantity, 4);
}

/// An entity in a schema that is named, since a session behind PgBouncer has no search path of its own.
#[derive(Debug, Clone, PartialEq, FromRow)]
struct Counter {
    id: String,
    version: i16,
    value: i64,
}

impl Versioned for Counter {
    type Address = String;

    const TABLE: Table = Table {
        name: "idem_test_bouncer.counters",
        audit: None,
        columns: &[
            Column { name: "id", role: Role::Id },
            Column { name: "version", role: Role::Version },
            Column { name: "value", role: Role::Data },
        ],
        natural: &["id"],
    };

    fn address(&self) -> String {
        self.id.clone()
    }

    fn version(&self) -> Option<i64> {
        Some(self.version.into())
    }

    fn fixed_difference(&self, draft: &Self) -> Option<&'static str> {
        (self.version != draft.version).then_some("version")
    }

    fn is_unchanged(&self, draft: &Self) -> bool {
        self.value == draft.value
    }
}

impl<DB: Database> Values<DB> for Counter
where
    String: Value<DB>,
    i16: Value<DB>,
    i64: Value<DB>,
{
    fn bind_address(address: &String, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        add::<DB, String>(arguments, address)
    }

    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        match column {
            0 => add::<DB, String>(arguments, &self.id),
            1 => add::<DB, i16>(arguments, &self.version),
            2 => add::<DB, i64>(arguments, &self.value),
            _ => never_bound(column),
        }
    }
}

impl HasVersion for Counter {}

/// Preparing a statement and running it are two round trips there, which may reach two sessions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn everything_works_behind_pgbouncer() {
    let url = std::env::var("IDEM_TEST_PGBOUNCER_URL")
        .expect("set IDEM_TEST_PGBOUNCER_URL, or run `cargo xtask test`, which starts a server");
    let options = url.parse::<PgConnectOptions>().expect("a URL of PostgreSQL").statement_cache_capacity(0);
    let pool = PgPoolOptions::new().max_connections(6).connect_with(options).await.expect("a pool");
    let table = "CREATE SCHEMA IF NOT EXISTS idem_test_bouncer; CREATE TABLE IF NOT EXISTS idem_test_bouncer.counters (\
        id TEXT PRIMARY KEY, version SMALLINT NOT NULL, value BIGINT NOT NULL)";
    sqlx::raw_sql(table).execute(&pool).await.expect("a table");

    let id = idem_core::ClaimId::random().to_string();
    let counter = Counter { id: id.clone(), version: 1, value: 0 };
    let counter = inserted(counter.insert_once(&pool).await.expect("an answer"));
    let mut tasks = JoinSet::new();
    for _ in 0..6 {
        let (pool, counter) = (pool.clone(), counter.clone());
        tasks.spawn(async move {
            for _ in 0..10 {
                let existing = counter.insert_once(&pool).await.expect("an answer");
                assert!(matches!(existing, Insertion::Existing(_)), "{existing:?}");
                let write = Counter::modify(&pool, counter.address(), Retry::times(1_000), |counter| {
                    counter.value += 1;
                    Ok::<_, EntityError>(())
                });
                applied(write.await.expect("an answer"));
                let stale = Counter { value: -1, ..counter.clone() };
                assert!(matches!(counter.update_to(&stale, &pool).await, Ok(Write::Conflict { .. })));
                assert_eq!(
                    counter.apply_newer(&pool).await.ok().map(|write| matches!(write, Write::Applied(_))),
                    Some(false)
                );
            }
        });
    }
    tasks.join_all().await;
    let counter = Counter::load(id, &pool).await.expect("an answer").expect("a row");
    assert_eq!((counter.value, counter.version), (60, 61));
    assert_eq!(counter.delete(&pool).await.expect("an answer"), Deletion::Deleted);
    sqlx::raw_sql("DROP SCHEMA idem_test_bouncer CASCADE").execute(&pool).await.expect("it is there");
}
