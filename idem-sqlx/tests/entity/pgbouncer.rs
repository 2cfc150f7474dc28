//! Transitions behind PgBouncer in transaction mode, where a statement that was prepared may be gone when it is run.

use idem_sqlx::entity::{
    Arguments, BindError, Column, HasState, HasVersion, Role, Table, Transition, Values, Versioned,
};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::task::JoinSet;

use super::machines::{Door, door};
use super::order::Binds;

/// A gate in a schema that is named, since a session behind PgBouncer has no search path of its own.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
struct Gate {
    id: i64,
    door: Door,
    version: i64,
}

impl Versioned for Gate {
    type Address = i64;
    const TABLE: Table = Table {
        name: "idem_test_gates.gates",
        audit: Some("idem_test_gates.passages"),
        columns: &[
            Column { name: "id", role: Role::Id },
            Column { name: "door", role: Role::State(&[]) },
            Column { name: "version", role: Role::Version },
        ],
        natural: &["id"],
    };

    fn address(&self) -> i64 {
        self.id
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn fixed_difference(&self, _draft: &Self) -> Option<&'static str> {
        None
    }

    fn is_unchanged(&self, _draft: &Self) -> bool {
        true
    }
}

impl<DB: Binds> Values<DB> for Gate {
    fn bind_address(id: &i64, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        DB::give_number(arguments, *id)
    }

    fn bind(&self, column: usize, _arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        panic!("column {column} is not bound")
    }
}

impl HasVersion for Gate {}

impl HasState<Door> for Gate {
    const COLUMN: usize = 1;
    const NAME: &'static str = "";

    fn state(&self) -> Door {
        self.door
    }
}

const TABLES: &str = "CREATE SCHEMA IF NOT EXISTS idem_test_gates;
    CREATE TABLE IF NOT EXISTS idem_test_gates.gates (id BIGINT PRIMARY KEY, door TEXT NOT NULL, version BIGINT NOT NULL);
    CREATE TABLE IF NOT EXISTS idem_test_gates.passages (id BIGINT, event TEXT, from_state TEXT, to_state TEXT,
        version BIGINT, key TEXT, actor TEXT, reason TEXT, at TIMESTAMPTZ, UNIQUE (id, key));
    TRUNCATE idem_test_gates.gates, idem_test_gates.passages;
    INSERT INTO idem_test_gates.gates SELECT id, 'closed', 1 FROM generate_series(1, 20) AS id";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn every_gate_opens_once_behind_pgbouncer() {
    let url = std::env::var("IDEM_TEST_PGBOUNCER_URL")
        .expect("set IDEM_TEST_PGBOUNCER_URL, or run `cargo xtask test`, which starts a server");
    let options = url.parse::<PgConnectOptions>().expect("a URL of PostgreSQL").statement_cache_capacity(0);
    let pool = PgPoolOptions::new().max_connections(8).connect_with(options).await.expect("a pool");
    sqlx::raw_sql(TABLES).execute(&pool).await.expect("tables");
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        tasks.spawn(open_all(pool.clone(), task));
    }
    let opened: usize = tasks.join_all().await.into_iter().sum();
    assert_eq!(opened, 20);
    // In the simple protocol, where one round trip prepares and runs it: a second one may reach another session.
    let passages = sqlx::raw_sql("SELECT FROM idem_test_gates.passages").fetch_all(&pool).await.expect("passages");
    assert!(passages.len() <= 20, "those that swung open leave no trace");
}

/// How many it opened. Half of the tasks open under a key, which is audited; the others swing by the version they know.
async fn open_all(pool: PgPool, task: i64) -> usize {
    let mut opened = 0;
    for id in 1..=20 {
        let answer = if task % 2 == 0 {
            Gate::fire(id, door::Open).key(&task).execute(&pool).await
        } else {
            Gate::fire(id, door::Swing).version(1).execute(&pool).await
        };
        match answer.expect("an answer") {
            Transition::Applied { .. } => opened += 1,
            Transition::AlreadyApplied { current, .. } | Transition::Conflict { current, .. } => {
                assert_eq!(current, Door::Opened);
            }
            other => panic!("{other:?}"),
        }
    }
    opened
}
