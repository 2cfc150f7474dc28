//! What the tests of the MySQL store share.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::time::Duration;

use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, Executor as _};

use crate::common::TestDatabase as _;
use crate::common::mysql::Database;

pub(crate) const ISOLATIONS: [&str; 3] = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];

/// Stands for "it hangs".
pub(crate) const FOREVER: Duration = Duration::from_mins(1);

/// A pool whose connections begin with `init`.
pub(crate) async fn pool_after(database: &Database, connections: u32, init: String) -> MySqlPool {
    MySqlPoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_mins(1))
        .after_connect(move |on, _| {
            let init = init.clone();
            Box::pin(async move { on.execute(AssertSqlSafe(init)).await.map(drop) })
        })
        .connect_with(database.connect_options())
        .await
        .expect("a pool")
}

pub(crate) async fn isolated(database: &Database, connections: u32, isolation: &str) -> MySqlPool {
    pool_after(database, connections, format!("SET SESSION TRANSACTION ISOLATION LEVEL {isolation}")).await
}

/// Waits until a statement in this database waits for a lock: nothing else here takes so long. (InnoDB's own table of
/// waiting transactions is a copy that is not made anew while somebody keeps looking at it.)
pub(crate) async fn blocked(database: &Database) {
    let waiting = format!(
        "SELECT COUNT(*) FROM information_schema.processlist \
         WHERE db = '{}' AND command = 'Execute' AND time_ms > 200",
        database.name()
    );
    while database.number(&waiting).await == 0 {
        tokio::task::yield_now().await;
    }
}
