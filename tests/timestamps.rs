//! Timestamps of entities on SQLite, as chrono and time have them: the database's clock writes them, and what a change is
//! ends at the microsecond.
#![cfg(all(feature = "sqlite", feature = "chrono", feature = "time"))]

use std::path::Path;
use std::time::Duration;

use idem::{Insertion, SqliteStore, Versioned, Write};
use sqlx::SqlitePool;
use sqlx::types::chrono::{DateTime, Utc};
use sqlx::types::time::OffsetDateTime;

#[derive(Versioned, sqlx::FromRow, Debug, Clone, PartialEq)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    paid_at: Option<DateTime<Utc>>,
    sent_at: OffsetDateTime,
    #[versioned(created_at)]
    created_at: DateTime<Utc>,
    #[versioned(updated_at)]
    updated_at: OffsetDateTime,
    #[versioned(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
}

/// Long before any clock that a test runs by.
const LONG_AGO: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn order() -> Order {
    Order {
        id: 17,
        version: 1,
        paid_at: Some(DateTime::UNIX_EPOCH),
        sent_at: LONG_AGO,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: LONG_AGO,
        deleted_at: None,
    }
}

async fn pool(folder: &Path) -> SqlitePool {
    let store = SqliteStore::open(folder.join("shop.db")).await.expect("opens");
    let table = "CREATE TABLE orders (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, paid_at TEXT, sent_at TEXT NOT NULL, \
                 created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT)";
    sqlx::query(table).execute(store.pool()).await.expect("creates the table");
    store.pool().clone()
}

#[test]
fn less_than_a_microsecond_is_no_change() {
    let mut draft = order();
    draft.paid_at = Some(DateTime::UNIX_EPOCH + Duration::from_nanos(999));
    draft.sent_at = LONG_AGO.replace_nanosecond(999).expect("in range");
    assert!(order().is_unchanged(&draft));
    draft.updated_at = draft.sent_at;
    draft.created_at += Duration::from_nanos(999);
    assert_eq!(order().fixed_difference(&draft), None);
}

#[test]
fn a_microsecond_is_a_change() {
    let mut draft = order();
    draft.paid_at = Some(DateTime::UNIX_EPOCH - Duration::from_micros(1));
    assert!(!order().is_unchanged(&draft));
    let mut draft = order();
    draft.updated_at = LONG_AGO.replace_microsecond(1).expect("in range");
    assert_eq!(order().fixed_difference(&draft), Some("updated_at"));
}

#[tokio::test]
async fn the_databases_clock_writes_the_times_of_a_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let pool = pool(folder.path()).await;
    let Insertion::Inserted(inserted) = order().insert_once(&pool).await.expect("inserts") else {
        panic!("there is no row yet")
    };
    assert!(inserted.created_at > order().created_at);
    assert!(inserted.updated_at > LONG_AGO);

    let draft = Order { paid_at: None, ..inserted.clone() };
    let Write::Applied(updated) = inserted.update_to(&draft, &pool).await.expect("updates") else {
        panic!("nobody else writes")
    };
    assert_eq!((updated.paid_at, updated.created_at), (None, inserted.created_at));
    assert!(updated.updated_at >= inserted.updated_at);
}
