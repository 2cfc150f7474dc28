//! The inbox behind PgBouncer in transaction mode: all that it asks is asked inside a transaction.

use idem_sqlx::Inbox;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

use crate::common::TestDatabase as _;
use crate::common::postgres::Schema;
use crate::upkeep::everything_works;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn everything_works_behind_pgbouncer() {
    let schema = Schema::empty().await;
    let url = std::env::var("IDEM_TEST_PGBOUNCER_URL")
        .expect("set IDEM_TEST_PGBOUNCER_URL, or run `cargo xtask test`, which starts a server");
    let options = url.parse::<PgConnectOptions>().expect("a URL of PostgreSQL").statement_cache_capacity(0);
    let pool = PgPoolOptions::new().max_connections(4).connect_with(options).await.expect("a pool");
    let mut tasks = JoinSet::new();
    for number in 0..4 {
        let inbox = Inbox::with_table("ledger", &format!("{}.seen_{number}", schema.name())).expect("a name");
        let pool = pool.clone();
        tasks.spawn(async move {
            inbox.migrate(&pool).await.expect("new tables");
            everything_works::<Schema>(&inbox, &pool).await;
        });
    }
    tasks.join_all().await;
}
