//! What the store says when PostgreSQL ends a connection under it, or does not commit after all.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use std::time::Duration;

use common::postgres::Schema;
use common::{HOUR, TestDatabase, acquire, key, outcome, request};
use idem_core::{Answer, ClaimDecision, Join as _, Operation, Origin, Store, StoreError};
use idem_sqlx::PgStore;
use postgres_common::pool;

/// Ends the session that waits for a lock on this schema's table, once there is one.
async fn end_the_waiting_session(schema: &Schema) {
    let end = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid IN \
         (SELECT pid FROM pg_locks WHERE relation = '{}.idem_records'::regclass)",
        schema.name()
    );
    while schema.number(&end).await == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_session_that_is_ended_in_the_middle_of_a_claim_is_an_error_that_may_be_retried() {
    let schema = Schema::migrated().await;
    for capacity in [100, 0] {
        let store = PgStore::new(pool(schema.connect_options().statement_cache_capacity(capacity), 2).await);
        let request = request(&key(&("order", capacity)));
        let mut open = store.pool().begin().await.expect("a transaction");
        let holder = common::request(&request.key);
        PgStore::join(&store, &mut open).claim(&holder, None).await.expect("the key is free");

        let (error, ()) = tokio::join!(store.claim(&request), end_the_waiting_session(&schema));
        let error = error.expect_err("the session is over");
        assert!(error.is_retryable(), "{error:?}");
        open.rollback().await.expect("rolled back");
        assert_eq!(acquire(&store, &request).await.origin, Origin::Free);
        // The acknowledgement might have been lost as well: the repeated request finds its own claim.
        let again = acquire(&store, &request).await;
        assert_eq!((again.origin, again.claim_id), (Origin::Repeated, request.claim_id));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn sessions_that_are_ended_while_they_idle_cost_an_error_at_most_and_never_a_second_execution() {
    let schema = Schema::migrated().await;
    let store = PgStore::new(pool(schema.connect_options().application_name(schema.name()), 2).await);
    common::finish(&store, &key("order"), "42").await;
    let ended = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{}'",
        schema.name()
    );
    assert!(schema.number(&ended).await > 0);
    // The engine asks again, and by then the pool has another connection.
    let answer = Operation::new("payments.charge", "order")
        .run(&store, async |_| -> Result<u32, idem_core::Error> { panic!("it ran a second time") })
        .await;
    match answer {
        Ok(replayed) => assert!(matches!(replayed, Answer::Replayed(42)), "{replayed:?}"),
        Err(error) => assert!(error.is_retryable(), "{error:?}"),
    }
    let mut last = store.claim(&request(&key("order"))).await;
    while let Err(error) = last {
        assert!(error.is_retryable(), "{error:?}");
        last = store.claim(&request(&key("order"))).await;
    }
    assert_eq!(last.ok(), Some(ClaimDecision::Replay(outcome("42"))));
}

/// Makes every commit fail that has written a record.
const REFUSE_AT_COMMIT: &str = "
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;
    CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON idem_records DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION refuse();";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_write_that_fails_at_commit_is_an_error_though_its_row_came_back() {
    let schema = Schema::migrated().await;
    let store = schema.store().await;
    let held = acquire(&store, &request(&key("held"))).await;
    let lapsed = request(&key("lapsed"));
    acquire(&store, &idem_core::ClaimRequest { lease: Duration::ZERO, ..lapsed.clone() }).await;
    schema.execute(REFUSE_AT_COMMIT).await;
    for store in [store, postgres_common::unprepared(&schema).await] {
        for request in [&request(&key("free")), &lapsed] {
            let error = store.claim(request).await.expect_err("the commit failed");
            assert!(!error.is_retryable(), "{error:?}");
        }
        store.extend(&held, HOUR).await.expect_err("the commit failed");
        store.complete(&held, &outcome("42"), HOUR).await.expect_err("the commit failed");
        store.release(&held).await.expect_err("the commit failed");
    }
    schema.execute("DROP TRIGGER refuse ON idem_records").await;
    let texts = schema.texts("SELECT key || ' ' || state || ' ' || attempts FROM idem_records ORDER BY key").await;
    assert_eq!(texts, ["\"held\" running 1", "\"lapsed\" running 1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn mistakes_of_the_set_up_are_told_apart_by_their_codes() {
    let schema = Schema::empty().await;
    let store = schema.store().await;
    let says = |error: StoreError, what: &str| {
        assert!(!error.is_retryable() && error.to_string().contains(what), "{error} does not say `{what}`");
    };
    says(store.claim(&request(&key("a"))).await.expect_err("there is no table"), "call `migrate()`");
    store.migrate().await.expect("a new table");
    let read_only = schema.connect_options().options([("default_transaction_read_only", "on")]);
    let reading = PgStore::new(pool(read_only, 1).await);
    let error = reading.claim(&request(&key("a"))).await.expect_err("it cannot be written");
    assert!(error.is_retryable() && !error.is_ambiguous() && error.to_string().contains("read-only"), "{error:?}");
    common::finish(&store, &key("done"), "42").await;
    schema.execute("ALTER TABLE idem_records DROP COLUMN codec CASCADE").await;
    says(schema.store().await.claim(&request(&key("a"))).await.expect_err("a column is missing"), "migrations");
}

/// The calls of web frameworks and of `tokio::spawn`.
#[test]
fn every_future_of_the_store_is_send() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    async fn all(store: PgStore) -> Result<(), StoreError> {
        is_send(store.migrate()).await?;
        let mut tx = store.pool().begin().await.map_err(StoreError::unavailable)?;
        let request = request(&key("order"));
        let body = async |_tx, _| Ok::<_, idem_core::Error>(1);
        let answer = Operation::new("payments.charge", "order").run_in(&store, &mut tx, body);
        let _ = is_send(answer).await;
        is_send(PgStore::join(&store, &mut tx).claim(&request, Some(Duration::ZERO))).await.map(drop)
    }
    let _ = |store| is_send(all(store));
}
