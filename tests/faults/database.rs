//! Where the records are: a database on a server.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use idem::Store;
use idem_sqlx::{MySqlStore, PgStore};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use sqlx::pool::PoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};

use crate::server::Home;
use crate::{mariadb, postgres};

/// In the environment of a process whose clock is wrong: the clock of the one that started it.
const CLOCK: &str = "IDEM_FAULTS_CLOCK";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Postgres,
    MySql,
}

/// One that a worker can open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Database {
    pub(crate) kind: Kind,
    pub(crate) url: String,
    /// What is added to the clock of the application, in seconds, by `libfaketime`.
    pub(crate) skew: i32,
}

/// The isolation of the application's transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Isolation {
    Committed,
    Repeatable,
    Serializable,
}

impl Isolation {
    fn sql(self) -> &'static str {
        match self {
            Self::Committed => "READ COMMITTED",
            Self::Repeatable => "REPEATABLE READ",
            Self::Serializable => "SERIALIZABLE",
        }
    }
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }

    pub(crate) fn user(self) -> &'static str {
        self.name()
    }

    pub(crate) fn stop(self) -> Signal {
        match self {
            Self::Postgres => Signal::QUIT,
            Self::MySql => Signal::TERM,
        }
    }

    pub(crate) fn url(self, port: u16) -> String {
        match self {
            Self::Postgres => format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            Self::MySql => format!("mysql://root@127.0.0.1:{port}/test"),
        }
    }

    pub(crate) fn prepare(self, home: &Home) -> Command {
        match self {
            Self::Postgres => postgres::prepare(home),
            Self::MySql => mariadb::prepare(home),
        }
    }

    pub(crate) fn serve(self, home: &Home, port: u16) -> Command {
        match self {
            Self::Postgres => postgres::serve(home, port),
            Self::MySql => mariadb::serve(home, port),
        }
    }

    pub(crate) fn ask(self, home: &Home, port: u16) -> Command {
        match self {
            Self::Postgres => postgres::ask(home, port),
            Self::MySql => mariadb::ask(home, port),
        }
    }
}

impl Database {
    /// A database of its own, on the server that the tests were given.
    pub(crate) async fn fresh(kind: Kind) -> Self {
        let variable = match kind {
            Kind::Postgres => "IDEM_TEST_POSTGRES_URL",
            Kind::MySql => "IDEM_TEST_MYSQL_URL",
        };
        let url = std::env::var(variable)
            .unwrap_or_else(|_| panic!("set {variable}, or run `cargo xtask test`, which starts a server"));
        Self::on(kind, &url).await
    }

    /// A database of its own on this server.
    pub(crate) async fn on(kind: Kind, url: &str) -> Self {
        let name = format!("idem_faults_{:x}", RandomState::new().hash_one(0));
        let create = format!("CREATE DATABASE {name}");
        run(kind, url, &create).await;
        let (server, _) = url.rsplit_once('/').expect("the URL of a server ends in a database");
        let database = Self { kind, url: format!("{server}/{name}"), skew: 0 };
        database.migrate().await;
        database
    }

    async fn migrate(&self) {
        match self.kind {
            Kind::Postgres => PgStore::new(self.postgres_pool(1, Isolation::Committed)).migrate().await,
            Kind::MySql => MySqlStore::new(self.mysql_pool(1, Isolation::Committed)).migrate().await,
        }
        .expect("the table can be made");
    }

    #[expect(
        clippy::unused_async,
        reason = "the suite of `SQLite`, with which it shares its callers, has a file to open"
    )]
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        self.check_clock();
        match self.kind {
            Kind::Postgres => Arc::new(PgStore::new(self.postgres_pool(10, Isolation::Committed))),
            Kind::MySql => Arc::new(MySqlStore::new(self.mysql_pool(10, Isolation::Repeatable))),
        }
    }

    pub(crate) fn postgres_pool(&self, size: u32, isolation: Isolation) -> sqlx::PgPool {
        let set = format!("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL {}", isolation.sql());
        let options = options::<sqlx::Postgres>(size).after_connect(move |on, _| {
            let set = AssertSqlSafe(set.clone());
            Box::pin(async move { sqlx::raw_sql(set).execute(on).await.map(drop) })
        });
        options.connect_lazy(&self.url).expect("it is a URL")
    }

    pub(crate) fn mysql_pool(&self, size: u32, isolation: Isolation) -> sqlx::MySqlPool {
        let set = format!("SET SESSION TRANSACTION ISOLATION LEVEL {}", isolation.sql());
        let options = options::<sqlx::MySql>(size).after_connect(move |on, _| {
            let set = AssertSqlSafe(set.clone());
            Box::pin(async move { sqlx::raw_sql(set).execute(on).await.map(drop) })
        });
        options.connect_lazy(&self.url).expect("it is a URL")
    }

    /// The same through somebody who listens at this port.
    pub(crate) fn through(&self, port: u16) -> Self {
        let (server, name) = self.url.rsplit_once('/').expect("a URL ends in a database");
        let (server, _) = server.rsplit_once(':').expect("a URL has a port");
        Self { url: format!("{server}:{port}/{name}"), ..self.clone() }
    }

    pub(crate) fn port(&self) -> u16 {
        let (server, _) = self.url.rsplit_once('/').expect("a URL ends in a database");
        let (_, port) = server.rsplit_once(':').expect("a URL has a port");
        port.parse().expect("a port is a number")
    }

    /// Removes it, if its server is there.
    pub(crate) async fn remove(&self) {
        let (server, name) = self.url.rsplit_once('/').expect("a URL ends in a database");
        match self.kind {
            Kind::Postgres => {
                run(self.kind, &format!("{server}/postgres"), &format!("DROP DATABASE {name} WITH (FORCE)")).await;
            }
            Kind::MySql => run(self.kind, &format!("{server}/mysql"), &format!("DROP DATABASE {name}")).await,
        }
    }

    /// What makes the clock of a process wrong.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        if self.skew == 0 {
            return Vec::new();
        }
        let library = ["x86_64", "aarch64"]
            .map(|machine| format!("/usr/lib/{machine}-linux-gnu/faketime/libfaketimeMT.so.1"))
            .into_iter()
            .find(|file| std::path::Path::new(file).is_file())
            .expect("`faketime` is missing; run `cargo xtask test`, which installs it");
        vec![
            ("LD_PRELOAD", library),
            ("FAKETIME", format!("{:+}s", self.skew)),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            (CLOCK, now().to_string()),
        ]
    }

    /// A clock that was to be wrong and is right would prove nothing.
    fn check_clock(&self) {
        if let Ok(starter) = std::env::var(CLOCK) {
            let starter: i64 = starter.parse().expect("it is a number of seconds");
            let wrong = now() - starter - i64::from(self.skew);
            assert!(wrong.abs() < 600, "the clock of this process is not wrong as it should be: {wrong} s");
        }
    }
}

/// A pool as an application has it that gets the most out of its server: no question whether a connection still lives.
fn options<D: sqlx::Database>(size: u32) -> PoolOptions<D> {
    PoolOptions::<D>::new().max_connections(size).test_before_acquire(false).acquire_timeout(Duration::from_secs(5))
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    now.as_secs().try_into().expect("it is before the end of time")
}

pub(crate) async fn run(kind: Kind, url: &str, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    match kind {
        Kind::Postgres => {
            let mut on = PgConnection::connect(url).await.expect("the server answers");
            sqlx::raw_sql(statements).execute(&mut on).await.expect("the statements are right");
        }
        Kind::MySql => {
            let mut on = MySqlConnection::connect(url).await.expect("the server answers");
            sqlx::raw_sql(statements).execute(&mut on).await.expect("the statements are right");
        }
    }
}
