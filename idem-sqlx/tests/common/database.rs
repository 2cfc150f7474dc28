//! What a test needs of a database.

use std::fmt::Debug;
use std::time::Duration;

use idem_core::{AsStore, Join, Operator, Store, StoreError};
use sqlx::pool::{Pool, PoolOptions};
use sqlx::{AssertSqlSafe, ColumnIndex, Database, Decode, Executor, Row as _, Transaction};

pub(crate) type Connection<D> = <<D as TestDatabase>::Sqlx as Database>::Connection;
pub(crate) type ConnectOptions<D> = <Connection<D> as sqlx::Connection>::Options;
/// The values of the rows, as text.
pub(crate) type Rows = Vec<Vec<Option<String>>>;

/// A database of the test's own, removed when it is dropped.
pub(crate) trait TestDatabase: Send + Sync + Sized + 'static {
    /// What sqlx calls this kind of database.
    type Sqlx: Database;
    type Store: Store
        + AsStore
        + Operator
        + Clone
        + Debug
        + for<'c> Join<Transaction<'c, Self::Sqlx>>
        + Join<<Self::Sqlx as Database>::Connection>;

    /// The name of its feature, and of the folder of its migrations.
    const NAME: &'static str;
    /// The clock in microseconds since 1970, in SQL.
    const NOW: &'static str;
    /// The quote of a name.
    const QUOTE: &'static str;
    /// The file that makes the table.
    const MIGRATION: &'static str;
    /// The table of release 0.1, with rows.
    const OLD_TABLE: &'static str;

    /// A database with nothing in it.
    fn empty() -> impl Future<Output = Self> + Send;

    fn connect_options(&self) -> ConnectOptions<Self>;

    /// Each way to connect in which statements reach the database differently.
    fn ways_to_connect(&self) -> Vec<ConnectOptions<Self>> {
        vec![self.connect_options()]
    }

    /// Options with which its tables are only found under the name of a schema, and that name, if there are schemas.
    fn outside(&self) -> Option<(ConnectOptions<Self>, &str)>;

    fn store_on(pool: Pool<Self::Sqlx>) -> Self::Store;

    fn store_in(pool: Pool<Self::Sqlx>, table: &str) -> Result<Self::Store, StoreError>;

    fn time_limited(store: Self::Store, limit: Duration) -> Self::Store;

    fn migrate(store: &Self::Store) -> impl Future<Output = Result<(), StoreError>> + Send;

    fn pool_of(store: &Self::Store) -> &Pool<Self::Sqlx>;

    /// Runs any number of statements.
    fn execute_on(on: &mut Connection<Self>, sql: &str) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Runs a query; each value is the text that the database writes for it.
    fn rows_on(on: &mut Connection<Self>, sql: &str) -> impl Future<Output = Result<Rows, sqlx::Error>> + Send;

    /// A database with the table `idem_records`.
    fn migrated() -> impl Future<Output = Self> + Send {
        async {
            let database = Self::empty().await;
            Self::migrate(&Self::store_on(database.pool(1).await)).await.expect("a new database");
            database
        }
    }

    /// A pool of its own.
    fn pool(&self, connections: u32) -> impl Future<Output = Pool<Self::Sqlx>> + Send {
        Self::pool_with(connections, self.connect_options())
    }

    /// A pool on any options.
    fn pool_with(connections: u32, options: ConnectOptions<Self>) -> impl Future<Output = Pool<Self::Sqlx>> + Send {
        let pool = PoolOptions::new()
            .max_connections(connections)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_mins(1))
            .connect_with(options);
        async { pool.await.expect("a pool") }
    }

    /// A store on a pool of its own.
    fn store(&self) -> impl Future<Output = Self::Store> + Send {
        let pool = self.pool(4);
        async { Self::store_on(pool.await) }
    }

    /// Runs any number of statements, on a connection of their own.
    fn execute(&self, sql: &str) -> impl Future<Output = ()> + Send {
        async move {
            let mut on = self.pool(1).await.acquire().await.expect("a connection");
            Self::execute_on(&mut on, sql).await.expect("SQL of this test");
        }
    }

    /// What a query gives, on a connection of its own.
    fn rows(&self, sql: &str) -> impl Future<Output = Rows> + Send {
        async move {
            let mut on = self.pool(1).await.acquire().await.expect("a connection");
            Self::rows_on(&mut on, sql).await.expect("SQL of this test")
        }
    }

    /// The first column of a query.
    fn texts(&self, sql: &str) -> impl Future<Output = Vec<String>> + Send {
        let first = |row: Vec<Option<String>>| row.into_iter().next().flatten().expect("a value");
        async move { self.rows(sql).await.into_iter().map(first).collect() }
    }

    /// The only value of a query.
    fn number(&self, sql: &str) -> impl Future<Output = i64> + Send {
        async move {
            let texts = self.texts(sql).await;
            assert_eq!(texts.len(), 1, "{sql}");
            texts[0].parse().expect("a number")
        }
    }
}

/// [`TestDatabase::rows_on`], for those whose text protocol reads anything as text.
pub(super) async fn text_rows<'c, DB, E>(on: E, sql: &str) -> Result<Rows, sqlx::Error>
where
    DB: Database,
    E: Executor<'c, Database = DB>,
    usize: ColumnIndex<DB::Row>,
    for<'r> Option<String>: Decode<'r, DB>,
{
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(on).await?;
    rows.iter().map(|row| (0..row.len()).map(|column| row.try_get_unchecked(column)).collect()).collect()
}

/// A name that no other test has.
pub(super) fn random_name() -> String {
    format!("idem_test_{}", idem_core::ClaimId::random())
}

/// Where a server is.
pub(super) fn server(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("set {variable}, or run `cargo xtask test`, which starts a server"))
}

/// Waits for what a destructor has to wait for, on a thread where waiting is allowed.
pub(super) fn wait_for(cleaning: impl Future<Output = ()> + Send + 'static) {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(cleaning);
    });
    // It may fail when the server has been stopped; what it would have removed is then of no interest.
    let _ = thread.join();
}

/// Makes a test of each case on each database, in a module of the database's name.
///
/// ```text
/// // Input:
/// on_each_database! { it_works }
/// // Output, for each:
/// mod postgres {
///     #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
///     #[ignore = "needs a server: cargo xtask test"]
///     async fn it_works() {
///         super::it_works(&Schema::migrated().await).await;
///     }
/// }
/// ```
macro_rules! on_each_database {
    ($($case:ident)*) => {
        #[cfg(feature = "sqlite")]
        mod sqlite {
            use crate::common::TestDatabase as _;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(&crate::common::sqlite::Folder::migrated().await).await;
            })*
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            use crate::common::TestDatabase as _;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs a server: cargo xtask test"]
            async fn $case() {
                super::$case(&crate::common::postgres::Schema::migrated().await).await;
            })*
        }

        #[cfg(feature = "mysql")]
        mod mysql {
            use crate::common::TestDatabase as _;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs a server: cargo xtask test"]
            async fn $case() {
                super::$case(&crate::common::mysql::Database::migrated().await).await;
            })*
        }
    };
}
pub(crate) use on_each_database;
