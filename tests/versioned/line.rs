//! An entity with every kind of column, and its table.

use std::collections::BTreeMap;

use idem::{SqliteStore, StateMachine, Versioned, same_bits};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;

#[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
#[state_machine(initial = Unpaid, rename_all = "snake_case")]
#[transition(pay: Unpaid => Paid)]
pub(crate) enum Payment {
    Unpaid,
    #[state(final)]
    Paid,
}

/// Cents, which the database keeps as an integer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Price(pub(crate) i64);

impl From<i64> for Price {
    fn from(cents: i64) -> Self {
        Self(cents)
    }
}

impl From<Price> for i64 {
    fn from(price: Price) -> Self {
        price.0
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub(crate) tags: Vec<String>,
    pub(crate) counts: BTreeMap<String, u32>,
}

/// Every kind of column.
#[derive(Versioned, sqlx::FromRow, Debug, Clone, PartialEq)]
#[versioned(table = "main.order lines")]
#[sqlx(rename_all = "camelCase")]
pub(crate) struct Line {
    #[versioned(tenant)]
    pub(crate) shop_id: i64,
    #[versioned(id)]
    pub(crate) order_id: String,
    #[versioned(id)]
    pub(crate) number_in_order: i32,
    #[versioned(state)]
    pub(crate) payment: Payment,
    #[versioned(version)]
    pub(crate) version: i32,
    #[versioned(readonly, unique)]
    pub(crate) sku: String,
    #[versioned(soft_delete)]
    pub(crate) is_deleted: bool,
    #[sqlx(rename = "select")]
    pub(crate) r#type: Option<String>,
    #[sqlx(try_from = "i64")]
    pub(crate) price: Price,
    #[sqlx(json)]
    pub(crate) meta: Meta,
    #[sqlx(json(nullable))]
    pub(crate) note: Option<Meta>,
    #[versioned(compare = same_bits)]
    pub(crate) weight: f64,
    #[versioned(compare = nearly)]
    pub(crate) size: f64,
    #[versioned(ignore_change)]
    pub(crate) seen: i64,
    #[versioned(generated)]
    pub(crate) total: i64,
    #[sqlx(skip)]
    pub(crate) cached: u8,
    #[versioned(skip)]
    #[sqlx(default)]
    pub(crate) rank: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "comparisons are called by reference")]
fn nearly(size: &f64, other: &f64) -> bool {
    (size - other).abs() < 0.01
}

pub(crate) fn line() -> Line {
    Line {
        shop_id: 1,
        order_id: "o-17".to_owned(),
        number_in_order: 2,
        payment: Payment::Unpaid,
        version: 1,
        sku: "apple".to_owned(),
        is_deleted: false,
        r#type: Some("fruit".to_owned()),
        price: Price(250),
        meta: Meta { tags: vec!["fresh".to_owned()], counts: BTreeMap::from([("eaten".to_owned(), 1)]) },
        note: None,
        weight: 0.1,
        size: 7.0,
        seen: 3,
        total: 500,
        cached: 0,
        rank: None,
    }
}

pub(crate) async fn pool(folder: &tempfile::TempDir) -> SqlitePool {
    let store = SqliteStore::open(folder.path().join("shop.db")).await.expect("opens");
    let table = r#"CREATE TABLE "order lines" (
        "shopId" INTEGER NOT NULL, "orderId" TEXT NOT NULL, "numberInOrder" INTEGER NOT NULL, payment TEXT NOT NULL,
        version INTEGER NOT NULL, sku TEXT NOT NULL, "isDeleted" BOOLEAN NOT NULL, "select" TEXT, price INTEGER NOT NULL,
        meta TEXT NOT NULL, note TEXT, weight REAL NOT NULL, size REAL NOT NULL, seen INTEGER NOT NULL,
        total INTEGER GENERATED ALWAYS AS (price * 2) STORED,
        PRIMARY KEY ("shopId", "orderId", "numberInOrder"), UNIQUE ("shopId", sku)
    )"#;
    sqlx::query(table).execute(store.pool()).await.expect("creates the table");
    store.pool().clone()
}

/// A line after `change`.
pub(crate) fn changed(change: impl FnOnce(&mut Line)) -> Line {
    let mut draft = line();
    change(&mut draft);
    draft
}
