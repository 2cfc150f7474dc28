//! Outcomes that a database refuses: the body has run, and does not run again.
//!
//! What needs a server of its own is in `tests/faults/refused.rs` of the workspace.
#![cfg(all(feature = "postgres", feature = "sqlite"))]

mod common;
mod postgres_common;
#[path = "refused/told.rs"]
mod told;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::postgres::Schema;
use common::{Folder, TestDatabase as _};
use idem_core::{Answer, AsStore, Error, Operation};
use idem_sqlx::{PgStore, SqliteStore};
use postgres_common::pool;

const LEASE: Duration = Duration::from_secs(1);
const FOREVER: Duration = Duration::from_mins(1);

/// One key, and how often its body has run.
struct Calls {
    scope: &'static str,
    outcome: String,
    runs: AtomicU32,
}

impl Calls {
    fn new(scope: &'static str, outcome: impl Into<String>) -> Self {
        Self { scope, outcome: outcome.into(), runs: AtomicU32::new(0) }
    }

    async fn call<S: AsStore>(&self, store: &S) -> Result<Answer<String>, Error> {
        self.call_with(store, async || ()).await
    }

    /// Something happens in the body, after its effect.
    async fn call_with<S: AsStore>(&self, store: &S, then: impl AsyncFnOnce()) -> Result<Answer<String>, Error> {
        let operation = Operation::new(self.scope, &17).lease(LEASE).settle_within(Duration::from_millis(200));
        let body = async |_| {
            self.runs.fetch_add(1, Ordering::SeqCst);
            then().await;
            Ok::<_, Error>(self.outcome.clone())
        };
        operation.run(store, body).await
    }

    #[track_caller]
    fn ran_once(&self) {
        assert_eq!(self.runs.load(Ordering::SeqCst), 1);
    }
}

/// Longer than a lease: what is not renewed has lapsed.
async fn a_lease_passes() {
    tokio::time::sleep(LEASE * 3 / 2).await;
}

/// Calls until the answer is a replay.
async fn replayed<S: AsStore>(calls: &Calls, store: &S) -> String {
    let answered = async {
        loop {
            match calls.call(store).await {
                Ok(answer) if answer.is_replayed() => return answer.into_inner(),
                Ok(answer) => panic!("it ran again: {answer:?}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    tokio::time::timeout(FOREVER, answered).await.expect("it is stored at last")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_body_whose_outcome_the_encoding_of_the_database_lacks_runs_once() {
    told::listen();
    let schema = Schema::empty().await;
    let name = format!("latin_{}", schema.name());
    schema.execute(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")).await;
    let store = PgStore::new(pool(schema.server().database(&name), 4).await);
    store.migrate().await.expect("an empty database");

    let calls = Calls::new("refused.latin", "thanks 😀");
    let first = calls.call(&store).await.expect("it has run");
    assert_eq!(first, Answer::Executed("thanks 😀".to_owned()));
    for _ in 0..2 {
        a_lease_passes().await;
        let again = calls.call(&store).await.expect_err("its outcome is not stored");
        assert!(again.is_completed_without_outcome(), "{again:?}");
    }
    calls.ran_once();
    assert!(told::of("refused.latin").contains("22P05"), "{}", told::of("refused.latin"));
    store.pool().close().await;
    schema.execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_body_whose_role_may_insert_and_not_update_runs_once_and_its_outcome_is_stored_when_it_may() {
    told::listen();
    let schema = Schema::migrated().await;
    let name = format!("role_{}", schema.name());
    let grant = format!(
        "CREATE ROLE {name}; GRANT USAGE ON SCHEMA {} TO {name}; GRANT SELECT, INSERT ON idem_records TO {name}",
        schema.name()
    );
    schema.execute(&grant).await;
    let store = PgStore::new(pool(schema.connect_options().options([("role", &name)]), 4).await);

    let calls = Calls::new("refused.role", "charged");
    assert_eq!(calls.call(&store).await.expect("it has run"), Answer::Executed("charged".to_owned()));
    calls.call(&store).await.expect_err("its end is not stored");
    a_lease_passes().await;
    calls.call(&store).await.expect_err("nobody may take it over");
    calls.ran_once();
    let told = told::of("refused.role");
    assert!(told.contains("42501") && told.contains("mend the store"), "{told}");

    schema.execute(&format!("GRANT UPDATE ON idem_records TO {name}")).await;
    assert_eq!(replayed(&calls, &store).await, "charged");
    calls.ran_once();
    schema.execute(&format!("DROP OWNED BY {name}; DROP ROLE {name}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_whose_database_is_full_when_it_ends_runs_once_and_its_outcome_is_stored_when_there_is_room() {
    told::listen();
    let folder = Folder::migrated().await;
    let pool = folder.pool(1).await;
    let store = SqliteStore::new(pool.clone());
    let large = "x".repeat(100_000);
    let calls = Calls::new("refused.full", large.clone());
    let fill = async || {
        sqlx::raw_sql("PRAGMA max_page_count = 1").execute(&pool).await.expect("it is as large as it is");
    };
    assert_eq!(calls.call_with(&store, fill).await.expect("it has run"), Answer::Executed(large.clone()));
    a_lease_passes().await;
    let again = calls.call(&store).await.expect_err("its outcome is not stored yet");
    assert!(again.is_in_progress(), "{again:?}");
    assert!(told::of("refused.full").contains("full"), "{}", told::of("refused.full"));

    sqlx::raw_sql("PRAGMA max_page_count = 1000000").execute(&pool).await.expect("room");
    assert_eq!(replayed(&calls, &store).await, large);
    calls.ran_once();
}
