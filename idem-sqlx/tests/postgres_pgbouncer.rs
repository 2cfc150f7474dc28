//! The PostgreSQL store behind PgBouncer in transaction mode, where no statement can be prepared: two statements of one
//! caller may run in two sessions.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use std::sync::Arc;

use async_trait::async_trait;
use common::postgres::Schema;
use common::{HOUR, TestDatabase, acquire, key, request};
use idem_core::contract::Backend;
use idem_core::{Answer, Error, InFlight, Join as _, Operation, Store};
use idem_sqlx::PgStore;
use postgres_common::pool;
use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinSet;

/// What a user who has PgBouncer in between says.
fn bouncer() -> PgConnectOptions {
    let variable = "IDEM_TEST_PGBOUNCER_URL";
    let url = std::env::var(variable)
        .unwrap_or_else(|_| panic!("set {variable}, or run `cargo xtask test`, which starts a server"));
    url.parse::<PgConnectOptions>().expect("a URL of PostgreSQL").statement_cache_capacity(0)
}

/// A schema of the case's own. PgBouncer keeps no `search_path`, so the table is named with it.
struct Behind(Schema);

impl Behind {
    async fn pg_store(&self, connections: u32) -> PgStore {
        let table = format!("{}.idem_records", self.0.name());
        PgStore::with_table(pool(bouncer(), connections).await, &table).expect("a name")
    }
}

#[async_trait]
impl Backend for Behind {
    async fn open() -> Self {
        let behind = Self(Schema::empty().await);
        behind.pg_store(1).await.migrate().await.expect("a new table");
        behind
    }

    async fn store(&self) -> Arc<dyn Store> {
        self.store_with_connections(4).await
    }

    async fn store_with_connections(&self, most: u32) -> Arc<dyn Store> {
        Arc::new(self.pg_store(most).await)
    }
}

idem_core::contract!(
    #[ignore = "needs a server: cargo xtask test"]
    Behind
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn pg_pgbouncer_transaction_pooling() {
    let behind = Behind::open().await;
    let stores = [behind.pg_store(8).await, behind.pg_store(8).await];
    behind.0.execute("CREATE TABLE entries (amount int NOT NULL)").await;
    let entries = format!("{}.entries", behind.0.name());
    let mut callers = JoinSet::new();
    for caller in 0..32 {
        let (store, entries) = (stores[caller % 2].clone(), entries.clone());
        callers.spawn(async move {
            let operation = Operation::new("ledger.apply", &(caller % 4));
            let mut tx = store.pool().begin().await.expect("a transaction");
            let body = async |mut tx: idem_core::Lent<&mut sqlx::PgTransaction<'static>>, _| {
                let insert = format!("INSERT INTO {entries} VALUES (1)");
                Schema::execute_on(&mut tx, &insert).await.expect("inserted");
                Ok::<_, Error>(42)
            };
            let answer = operation.run_in(&store, &mut tx, body).await;
            tx.commit().await.expect("committed");
            answer
        });
    }
    let answers = callers.join_all().await;
    let executed = answers.iter().filter(|answer| matches!(answer, Ok(Answer::Executed(42)))).count();
    let replayed = answers.iter().filter(|answer| matches!(answer, Ok(Answer::Replayed(42)))).count();
    assert_eq!((executed, replayed), (4, 28), "{answers:?}");
    assert_eq!(behind.0.number("SELECT count(*) FROM entries").await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn ten_processes_may_migrate_at_once_through_one_pool_of_sessions() {
    let behind = Behind(Schema::empty().await);
    let mut processes = JoinSet::new();
    for _ in 0..10 {
        let store = behind.pg_store(1).await;
        processes.spawn(async move { store.migrate().await });
    }
    for migrated in processes.join_all().await {
        migrated.expect("migrated");
    }
    acquire(&behind.pg_store(1).await, &request(&key("order"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_duplicate_that_does_not_wait_leaves_no_setting_in_a_session_that_others_use() {
    let behind = Behind::open().await;
    let store = behind.pg_store(4).await;
    for round in 0..10 {
        let request = request(&key(&("order", round)));
        let mut open = store.pool().begin().await.expect("a transaction");
        PgStore::join(&store, &mut open).claim(&request, None).await.expect("the key is free");
        let mut tx = store.pool().begin().await.expect("a transaction");
        let operation = Operation::new("payments.charge", &("order", round)).in_flight(InFlight::Reject);
        let refused = operation.run_in(&store, &mut tx, async |_tx, _| Ok::<_, Error>(1)).await;
        assert!(refused.as_ref().is_err_and(Error::is_in_progress), "{refused:?}");
        tx.commit().await.expect("committed");
        open.rollback().await.expect("rolled back");
        let claim = acquire(&store, &request).await;
        store.extend(&claim, HOUR).await.expect("the claim is held");
    }
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(store.pool().begin().await.expect("a transaction"));
    }
    for session in &mut sessions {
        let is = Schema::rows_on(session, "SHOW lock_timeout").await.expect("a setting");
        assert_eq!(is, [[Some("0".to_owned())]]);
    }
}
