//! Isolation levels, and whether somebody waits for a lock.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{Executor as _, Pool};

use super::order::EntityDatabase;

/// A database whose connections can have the isolation of any application.
pub(crate) trait Levels: EntityDatabase {
    const LEVELS: &'static [&'static str];

    /// A pool whose transactions have this isolation.
    fn pool_at(&self, level: &str, connections: u32) -> impl Future<Output = Pool<Self::Sqlx>> + Send;

    /// Waits until a statement waits for a lock, where that can be seen.
    fn blocked(&self) -> impl Future<Output = ()> + Send;
}

fn options<DB: sqlx::Database>(connections: u32) -> PoolOptions<DB> {
    PoolOptions::new().max_connections(connections).test_before_acquire(false).acquire_timeout(Duration::from_mins(1))
}

#[cfg(feature = "postgres")]
impl Levels for super::common::postgres::Schema {
    const LEVELS: &'static [&'static str] = &["read committed", "repeatable read"];

    async fn pool_at(&self, level: &str, connections: u32) -> sqlx::PgPool {
        use super::common::TestDatabase as _;
        let connect = self.connect_options().options([("default_transaction_isolation", level)]);
        options(connections).connect_with(connect).await.expect("a pool")
    }

    async fn blocked(&self) {
        use super::common::TestDatabase as _;
        let waiting = format!(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN \
             (SELECT pid FROM pg_locks WHERE relation IN ('{0}.rooms'::regclass, '{0}.orders'::regclass))",
            self.name()
        );
        while self.number(&waiting).await == 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(feature = "mysql")]
impl Levels for super::common::mysql::Database {
    const LEVELS: &'static [&'static str] = &["READ COMMITTED", "REPEATABLE READ"];

    async fn pool_at(&self, level: &str, connections: u32) -> sqlx::MySqlPool {
        use super::common::TestDatabase as _;
        let init = format!("SET SESSION TRANSACTION ISOLATION LEVEL {level}");
        options(connections)
            .after_connect(move |on: &mut sqlx::MySqlConnection, _| {
                let init = init.clone();
                Box::pin(async move { on.execute(sqlx::AssertSqlSafe(init)).await.map(drop) })
            })
            .connect_with(self.connect_options())
            .await
            .expect("a pool")
    }

    /// Nothing else here takes so long.
    async fn blocked(&self) {
        use super::common::TestDatabase as _;
        let waiting = format!(
            "SELECT COUNT(*) FROM information_schema.processlist \
             WHERE db = '{}' AND command = 'Execute' AND time_ms > 200",
            self.name()
        );
        while self.number(&waiting).await == 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(feature = "sqlite")]
impl Levels for super::common::sqlite::Folder {
    const LEVELS: &'static [&'static str] = &["the only one"];

    async fn pool_at(&self, _level: &str, connections: u32) -> sqlx::SqlitePool {
        use super::common::TestDatabase as _;
        let connect = self.connect_options().busy_timeout(Duration::from_mins(1));
        options(connections).connect_with(connect).await.expect("a pool")
    }

    /// It has one writer, who is not seen to be waited for.
    async fn blocked(&self) {
        tokio::task::yield_now().await;
    }
}
