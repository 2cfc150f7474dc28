//! Where the records are, as a worker opens it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use idem::{RedisStore, SqliteStore, Store};
use idem_sqlx::{MySqlStore, PgStore};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use sqlx::pool::PoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::blow::Blow;
use crate::moody::Moody;
use crate::server::Home;
use crate::weather::Weather;
use crate::{mariadb, postgres, redis};

/// What a server has until it answers: many times of what it takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Those that are servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    MySql,
    Redis,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Database {
    Memory { weather: Weather, forgets: bool },
    Sqlite { file: PathBuf, weather: Weather },
    Postgres { url: String },
    MySql { url: String },
    Redis { url: String },
}

impl Kind {
    pub(crate) fn user(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
            Self::Redis => "redis",
        }
    }

    pub(crate) fn stop(self) -> Signal {
        match self {
            Self::Postgres => Signal::QUIT,
            Self::MySql | Self::Redis => Signal::TERM,
        }
    }

    /// As whom everything is allowed.
    pub(crate) fn url(self, port: u16) -> String {
        match self {
            Self::Postgres => format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            Self::MySql => format!("mysql://root@127.0.0.1:{port}/test"),
            Self::Redis => format!("redis://127.0.0.1:{port}"),
        }
    }

    pub(crate) fn prepare(self, home: &Home) -> Command {
        match self {
            Self::Postgres => postgres::prepare(home),
            Self::MySql => mariadb::prepare(home),
            Self::Redis => redis::prepare(home),
        }
    }

    pub(crate) fn serve(self, home: &Home, port: u16) -> Command {
        match self {
            Self::Postgres => postgres::serve(home, port),
            Self::MySql => mariadb::serve(home, port),
            Self::Redis => redis::serve(home, port),
        }
    }

    pub(crate) fn ask(self, home: &Home, port: u16) -> Command {
        match self {
            Self::Postgres => postgres::ask(home, port),
            Self::MySql => mariadb::ask(home, port),
            Self::Redis => redis::ask(home, port),
        }
    }
}

impl Database {
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Memory { weather, forgets } => Arc::new(Moody::new(weather.clone(), *forgets)),
            Self::Sqlite { file, weather } => Arc::new(sqlite(file.clone(), weather.clone()).await),
            Self::Postgres { url } => Arc::new(PgStore::new(options().connect_lazy(url).expect("it is a URL"))),
            Self::MySql { url } => Arc::new(MySqlStore::new(options().connect_lazy(url).expect("it is a URL"))),
            Self::Redis { url } => Arc::new(connect(url).await),
        }
    }

    #[expect(clippy::unused_self, reason = "the suites for SQL have clocks that are wrong")]
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// A pool as an application has it that gets the most out of its server.
fn options<D: sqlx::Database>() -> PoolOptions<D> {
    PoolOptions::new().max_connections(8).test_before_acquire(false).acquire_timeout(Duration::from_secs(5))
}

/// A database whose connections are as the weather is: what a file system does to it, its connection can be told to do.
async fn sqlite(file: PathBuf, weather: Weather) -> SqliteStore {
    // Makes the file, with a log that is written ahead.
    drop(SqliteStore::open(&file).await.expect("the database can be opened"));
    let connect = SqliteConnectOptions::new().filename(file);
    let pool = options().before_acquire(move |on: &mut SqliteConnection, _| {
        let now = weather.now();
        // It can not be less than there are, so that no page more is to be had.
        let most = if now == Some(Blow::Full) { 1 } else { 1_000_000 };
        let reads = u32::from(now == Some(Blow::ReadOnly));
        let set = AssertSqlSafe(format!("PRAGMA max_page_count = {most}; PRAGMA query_only = {reads}"));
        Box::pin(async move { sqlx::raw_sql(set).execute(on).await.map(|_| true) })
    });
    SqliteStore::new(pool.connect_lazy_with(connect))
}

/// A worker may start while its server is away, or out of reach.
async fn connect(url: &str) -> RedisStore {
    let began = Instant::now();
    loop {
        match RedisStore::connect(url).await {
            Ok(store) => return store,
            Err(error) => assert!(began.elapsed() < PATIENCE, "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
