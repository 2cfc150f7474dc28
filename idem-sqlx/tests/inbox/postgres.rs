//! The tables of the inbox in PostgreSQL: who may make them, and whom that disturbs.

use idem_sqlx::Inbox;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::common::TestDatabase as _;
use crate::common::postgres::Schema;
use crate::upkeep::everything_works;

const OURS: [&str; 6] = [
    "idem_inbox",
    "idem_inbox_marks",
    "idem_inbox_marks_pkey",
    "idem_inbox_pkey",
    "idem_inbox_readable",
    "idem_inbox_received",
];

/// What is in a schema.
async fn relations(schema: &Schema) -> Vec<String> {
    let query =
        format!("SELECT relname FROM pg_class WHERE relnamespace = '{}'::regnamespace ORDER BY relname", schema.name());
    schema.texts(&query).await
}

async fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(1).connect_with(options).await.expect("a pool")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn tables_that_are_there_are_left_alone_while_others_write() {
    let schema = Schema::empty().await;
    let (inbox, application) = crate::inbox(&schema).await;
    // `CREATE INDEX IF NOT EXISTS` would wait for this one, and all other writers for it.
    let mut open = application.begin().await.expect("a transaction");
    assert!(inbox.first_time(&mut open, "evt_17").await.expect("an answer"));
    inbox.advance(&mut open, "partner", 1).await.expect("an answer");
    let impatient = pool(schema.connect_options().options([("lock_timeout", "1ms")])).await;
    inbox.migrate(&impatient).await.expect("nothing to do");
    open.commit().await.expect("committed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn what_is_missing_of_the_tables_is_made() {
    let schema = Schema::empty().await;
    let (inbox, pool) = crate::inbox(&schema).await;
    assert_eq!(relations(&schema).await, OURS);
    for part in ["VIEW idem_inbox_readable", "INDEX idem_inbox_received", "TABLE idem_inbox_marks"] {
        schema.execute(&format!("DROP {part}")).await;
        inbox.migrate(&pool).await.expect("migrated");
        assert_eq!(relations(&schema).await, OURS, "{part}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_user_who_may_make_nothing_needs_the_tables_and_four_rights_on_them() {
    let schema = Schema::empty().await;
    let role = format!("{}_role", schema.name());
    schema.execute(&format!("CREATE ROLE {role}; GRANT USAGE ON SCHEMA {} TO {role}", schema.name())).await;
    let user = pool(schema.connect_options().options([("role", role.as_str())])).await;
    let inbox = Inbox::new("ledger").expect("a name");

    let error = inbox.migrate(&user).await.expect_err("nothing may be made");
    assert!(error.to_string().contains("may not make idem's table"), "{error}");
    inbox.migrate(&schema.pool(1).await).await.expect("the owner may");
    inbox.migrate(&user).await.expect("they are there");
    let tables = "idem_inbox, idem_inbox_marks";
    schema.execute(&format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {role}")).await;
    everything_works::<Schema>(&inbox, &user).await;

    user.close().await;
    schema.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}
