//! Random histories of four callers through several pools on one database: every answer, and every record, is what the pure
//! decision gives.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;

use common::TestDatabase;
use idem_core::{Store, contract};

const HISTORIES: u32 = 8;

common::on_each_database! {
    random_histories_are_answered_as_the_decision_says
}

async fn random_histories_are_answered_as_the_decision_says<D: TestDatabase>(database: &D) {
    let ways = database.ways_to_connect();
    let mut stores = Vec::new();
    for number in 0..2.max(ways.len()) {
        let pool = D::pool_with(4, ways[number % ways.len()].clone()).await;
        stores.push(Arc::new(D::store_on(pool)) as Arc<dyn Store>);
    }
    for _ in 0..HISTORIES {
        // A purge of this history would count what the one before left.
        database.execute("DELETE FROM idem_records").await;
        // A history that fails tells its seed.
        let seed = RandomState::new().build_hasher().finish();
        contract::random_history(&stores, seed, 400).await;
    }
}
