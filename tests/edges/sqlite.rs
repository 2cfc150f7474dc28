//! A file of `SQLite`, with several processes.

use std::path::PathBuf;

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tempfile::TempDir;

use crate::blow::Blow;
use crate::database::Database;
use crate::place::Place;
use crate::weather::Weather;

pub(crate) struct Sqlite {
    folder: TempDir,
    weather: Weather,
    /// Who holds the lock.
    locks: Option<SqliteConnection>,
}

impl Sqlite {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        Self { weather: Weather::in_folder(folder.path()), folder, locks: None }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("idem.db")
    }

    async fn run(&self, sql: &'static str) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.file()).busy_timeout(std::time::Duration::from_mins(1));
        let mut on = options.connect().await.expect("the database can be opened");
        sqlx::raw_sql(sql).execute(&mut on).await.expect("the statements are right");
        on
    }
}

#[async_trait]
impl Place for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn direct(&self) -> Database {
        self.database()
    }

    fn database(&self) -> Database {
        Database::Sqlite { file: self.file(), weather: self.weather.clone() }
    }

    fn blows(&self) -> &'static [Blow] {
        use Blow::{Forbidden, Full, KillWorker, Locked, PauseWorker, ReadOnly};
        &[KillWorker, Full, Locked, PauseWorker, ReadOnly, Forbidden]
    }

    async fn begin(&mut self, blow: Blow) {
        match blow {
            Blow::Locked => self.locks = Some(self.run("BEGIN IMMEDIATE").await),
            Blow::Forbidden => drop(self.run(FORBID).await),
            blow => self.weather.begin(blow),
        }
    }

    async fn end(&mut self, blow: Blow) {
        match blow {
            Blow::Locked => drop(self.locks.take()),
            Blow::Forbidden => drop(self.run("DROP TRIGGER forbidden").await),
            _ => self.weather.end(),
        }
    }
}

const FORBID: &str = "CREATE TRIGGER forbidden BEFORE UPDATE ON idem_records WHEN NEW.state = 'completed' \
                      BEGIN SELECT RAISE(ABORT, 'it may not be finished'); END";
