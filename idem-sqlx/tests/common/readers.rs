//! Sessions that take no writes any more, as those that stay on a server that was the primary until a failover.

use sqlx::Pool;

use super::database::TestDatabase;

/// Makes readers of all the sessions of a pool, as many as it may have.
pub(crate) async fn become_readers<D: TestDatabase>(pool: &Pool<D::Sqlx>) {
    let mut sessions = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        sessions.push(pool.acquire().await.expect("a connection"));
    }
    let statement = match D::NAME {
        "postgres" => "SET default_transaction_read_only = on",
        "mysql" => "SET SESSION TRANSACTION READ ONLY",
        _ => "PRAGMA query_only = ON",
    };
    for session in &mut sessions {
        D::execute_on(session, statement).await.expect("a setting");
    }
}
