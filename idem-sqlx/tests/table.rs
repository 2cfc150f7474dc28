//! The table itself: how it is made, its name, its absence, its shape; the purge; what a person sees.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{HOUR, TestDatabase, acquire, finish, key, outcome, request};
use idem_core::{Abandoned, Claim, ClaimDecision, ClaimId, ClaimRequest, Fence, Origin, Store, StoreError};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

common::on_each_database! {
    migration_idempotent_and_concurrent
    a_table_may_have_any_name_and_two_tables_are_two_stores
    a_table_may_stand_in_a_schema
    a_missing_table_is_refused_with_what_to_do
    a_table_of_another_shape_is_refused_and_not_called_missing
    a_claim_that_the_database_takes_back_is_not_acquired
    a_purge_removes_what_has_ended_in_batches_and_keeps_what_waits_for_a_person
    a_person_reads_the_table
}

/// Ten applications start at once, each with two pools.
async fn migration_idempotent_and_concurrent<D: TestDatabase>(_: &D) {
    for _ in 0..3 {
        let database = D::empty().await;
        let start = Arc::new(Barrier::new(20));
        let mut applications = JoinSet::new();
        for number in 0..20_u32 {
            let (start, store) = (Arc::clone(&start), D::store_on(database.pool(1).await));
            applications.spawn(async move {
                start.wait().await;
                D::migrate(&store).await.expect("a table, made by whoever came first");
                finish(&store, &key(&number), "1").await;
                D::migrate(&store).await.expect("it is there");
                store
            });
        }
        let stores = applications.join_all().await;
        D::migrate(&stores[0]).await.expect("it is still there");
        let done = "SELECT count(*) FROM idem_records_readable WHERE state = 'completed'";
        assert_eq!(database.number(done).await, 20);
    }
}

async fn a_table_may_have_any_name_and_two_tables_are_two_stores<D: TestDatabase>(database: &D) {
    let pool = database.pool(2).await;
    for table in ["order", "Select", "_", "t2", &"t".repeat(52)] {
        let store = D::store_in(pool.clone(), table).expect("a name");
        D::migrate(&store).await.expect("a new table");
        D::migrate(&store).await.expect("it is there");
        finish(&store, &key("k"), table).await;
        assert_eq!(store.purge_expired(10).await.expect("a number"), 0);
    }
    assert!(D::store_in(pool, "a; b").is_err());
}

async fn a_table_may_stand_in_a_schema<D: TestDatabase>(database: &D) {
    let Some((options, schema)) = database.outside() else {
        assert!(D::store_in(database.pool(1).await, "main.calls").is_err());
        return;
    };
    let pool = D::pool_with(2, options).await;
    let named = D::store_in(pool.clone(), &format!("{schema}.calls")).expect("a name");
    D::migrate(&named).await.expect("a new table");
    D::migrate(&named).await.expect("it is there");
    finish(&named, &key("k"), "1").await;
    assert_eq!(named.purge_expired(10).await.expect("a number"), 0);

    let same = D::store_in(database.pool(1).await, "calls").expect("a name");
    assert_eq!(same.claim(&request(&key("k"))).await.expect("an answer"), ClaimDecision::Replay(outcome("1")));
    assert_eq!(database.number("SELECT count(*) FROM calls_readable").await, 1);
    for missing in [format!("{schema}.nowhere"), "idem_test_nowhere.calls".to_owned()] {
        let store = D::store_in(pool.clone(), &missing).expect("a name");
        let error = store.claim(&request(&key("k"))).await.expect_err("no table");
        assert!(error.to_string().starts_with(&format!("table `{missing}` is missing; call `migrate()`")), "{error}");
    }
}

async fn a_missing_table_is_refused_with_what_to_do<D: TestDatabase>(database: &D) {
    let store = D::store_in(database.pool(1).await, "nowhere").expect("a name");
    let wanted = key("k");
    let claim = Claim {
        key: wanted.clone(),
        claim_id: ClaimId::random(),
        fence: Fence::from_number(1),
        attempt: 1,
        origin: Origin::Free,
    };
    let errors: Vec<StoreError> = vec![
        store.claim(&request(&wanted)).await.expect_err("no table"),
        store.complete(&claim, &outcome("1"), HOUR).await.expect_err("no table"),
        store.purge_expired(1).await.expect_err("no table"),
    ];
    let expected = format!("table `nowhere` is missing; call `migrate()` or run `migrations/{}/*.sql`", D::NAME);
    for error in errors {
        assert!(!error.is_retryable());
        assert_eq!(error.to_string(), expected);
    }
}

async fn a_table_of_another_shape_is_refused_and_not_called_missing<D: TestDatabase>(_: &D) {
    let database = D::empty().await;
    database
        .execute(&format!("CREATE TABLE idem_records (scope VARCHAR(200), {0}key{0} VARCHAR(255))", D::QUOTE))
        .await;
    let error = database.store().await.claim(&request(&key("k"))).await.expect_err("no columns");
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("compare the table with idem's migrations"), "{error}");
}

/// Where the database can put a check off until the commit, the fence has come back by then.
async fn a_claim_that_the_database_takes_back_is_not_acquired<D: TestDatabase>(_: &D) {
    let database = D::empty().await;
    let when = if D::NAME == "mysql" { "" } else { "DEFERRABLE INITIALLY DEFERRED" };
    let tenant = format!("FOREIGN KEY (tenant) REFERENCES tenants (id) {when}, PRIMARY KEY");
    let column = D::MIGRATION.replacen("PRIMARY KEY", &tenant, 1);
    let column = column.replacen(" (\n", " (\n tenant INTEGER NOT NULL DEFAULT 1,\n", 1);
    database.execute("CREATE TABLE tenants (id INTEGER PRIMARY KEY)").await;
    database.execute(&column).await;
    let store = database.store().await;

    let error = store.claim(&request(&key("k"))).await.expect_err("there is no tenant 1");
    assert!(!error.is_retryable(), "{error:?}");
    assert_eq!(store.lookup(&key("k")).await.expect("an answer"), None);
}

async fn a_purge_removes_what_has_ended_in_batches_and_keeps_what_waits_for_a_person<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let brief = |name: &str, abandoned| ClaimRequest {
        lease: Duration::ZERO,
        retention: Duration::ZERO,
        abandoned,
        ..request(&key(name))
    };
    for name in ["a", "b", "c"] {
        acquire(&store, &brief(name, Abandoned::Rerun)).await;
    }
    acquire(&store, &brief("waits", Abandoned::Refuse)).await;
    acquire(&store, &ClaimRequest { retention: Duration::ZERO, ..request(&key("live")) }).await;
    finish(&store, &key("kept"), "1").await;
    // The clock of SQLite ticks in milliseconds, and what was claimed within this one stays for the next purge.
    tokio::time::sleep(Duration::from_millis(2)).await;

    assert_eq!(store.purge_expired(2).await.expect("a number"), 2);
    assert_eq!(store.purge_expired(2).await.expect("a number"), 1);
    assert_eq!(store.purge_expired(2).await.expect("a number"), 0);
    let left = database.texts(&format!("SELECT {0}key{0} FROM idem_records ORDER BY 1", D::QUOTE)).await;
    assert_eq!(left, ["\"kept\"", "\"live\"", "\"waits\""]);
}

async fn a_person_reads_the_table<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    acquire(&store, &ClaimRequest { lease: Duration::ZERO, abandoned: Abandoned::Refuse, ..request(&key("lost")) })
        .await;
    finish(&store, &key(&("acme", 17)), r#"{"receipt":"r-1"}"#).await;

    let lapsed = "CASE WHEN lapsed THEN 'yes' ELSE 'no' END";
    let columns = format!("scope, {0}key{0}, state, {lapsed}, outcome", D::QUOTE);
    let rows = database.rows(&format!("SELECT {columns} FROM idem_records_readable ORDER BY state DESC")).await;
    let row = |key: &str, state: &str, lapsed: &str, outcome: Option<&str>| {
        let mut row: Vec<_> = ["payments.charge", key, state, lapsed].map(|text| Some(text.to_owned())).into();
        row.push(outcome.map(str::to_owned));
        row
    };
    assert_eq!(rows[0], row("\"lost\"", "running", "yes", None));
    assert_eq!(rows[1], row("(\"acme\",17)", "completed", "no", Some(r#"{"receipt":"r-1"}"#)));
    let times = "min(updated_at) >= '2020-01-01' AND max(expires_at) < '2200-01-01'";
    let sql = format!("SELECT count(*) FROM idem_records_readable HAVING {times}");
    assert_eq!(database.number(&sql).await, 2);
    let waiting = "SELECT count(*) FROM idem_records_readable WHERE lapsed AND abandoned = 'refuse'";
    assert_eq!(database.number(waiting).await, 1);
}
