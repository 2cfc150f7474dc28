//! By hand on SQLite.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row as _, Sqlite, SqliteConnection, SqlitePool, SqliteTransaction};

use super::by_hand::{ByHand, returning};
use super::{Order, OrderStatus};
use crate::by_hand::BoxError;

const TABLES: &str = "
    CREATE TABLE orders_idem (id INTEGER PRIMARY KEY, status TEXT NOT NULL, version INTEGER NOT NULL, address TEXT,
        quantity INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
    CREATE TABLE orders_hand (id INTEGER PRIMARY KEY, status TEXT NOT NULL, version INTEGER NOT NULL, address TEXT,
        quantity INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
    CREATE TABLE transitions_idem (id INTEGER NOT NULL, event TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,
        version INTEGER NOT NULL, key TEXT, actor TEXT, reason TEXT, at TEXT NOT NULL, UNIQUE (id, key)) STRICT;
    CREATE TABLE transitions_hand (id INTEGER NOT NULL, event TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,
        version INTEGER NOT NULL, key TEXT, actor TEXT, reason TEXT, at TEXT NOT NULL, UNIQUE (id, key)) STRICT;";

impl ByHand for Sqlite {
    const NAME: &str = "SQLite";

    async fn open(place: &Path, _: &str) -> Result<SqlitePool, BoxError> {
        let options = SqliteConnectOptions::new().filename(place.join("entities.db")).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().test_before_acquire(false).connect_with(options).await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        Ok(pool)
    }

    async fn transaction(pool: &SqlitePool) -> Result<SqliteTransaction<'static>, BoxError> {
        Ok(pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    returning!(
        SqliteConnection,
        SqlitePool,
        [
            "INSERT INTO orders_idem VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            "INSERT INTO orders_hand VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        ]
    );
}
