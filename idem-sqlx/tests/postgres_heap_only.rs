//! Finishing a call changes no index, and mostly stays on its page: such an update leaves nothing behind for a vacuum.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use std::collections::VecDeque;

use common::postgres::Schema;
use common::{HOUR, TestDatabase, acquire, key, outcome, request};
use idem_core::{Claim, Store as _};
use idem_sqlx::PgStore;
use tokio::task::JoinSet;

const CALLERS: u8 = 8;

/// An outcome that does not get smaller when it is compressed.
fn text(bytes: usize) -> String {
    let digits = || idem_core::ClaimId::random().to_string();
    std::iter::repeat_with(digits).flat_map(String::into_bytes).take(bytes).map(char::from).collect()
}

async fn complete_first(store: &PgStore, held: &mut VecDeque<Claim>, bytes: usize) {
    let Some(claim) = held.pop_front() else { return };
    store.complete(&claim, &outcome(&text(bytes)), HOUR).await.expect("the claim is held");
}

/// Runs calls, of which so many are under way at a time, and tells how many of a hundred updates were heap-only.
async fn heap_only(schema: &Schema, calls: u32, under_way: usize, bytes: usize) -> i64 {
    // Nothing is measured that a crash could lose.
    let options = schema.connect_options().options([("synchronous_commit", "off")]);
    let store = PgStore::new(postgres_common::pool(options, 8).await);
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let store = store.clone();
        callers.spawn(async move {
            let mut held = VecDeque::new();
            for call in 0..calls / u32::from(CALLERS) {
                held.push_back(acquire(&store, &request(&key(&(caller, call)))).await);
                if held.len() >= under_way / usize::from(CALLERS) {
                    complete_first(&store, &mut held, bytes).await;
                }
            }
            while !held.is_empty() {
                complete_first(&store, &mut held, bytes).await;
            }
        });
    }
    callers.join_all().await;
    // Each session tells what it did when it ends.
    store.pool().close().await;
    let share = "SELECT CASE WHEN n_tup_upd >= {calls} THEN n_tup_hot_upd * 100 / n_tup_upd ELSE -1 END \
                 FROM pg_stat_user_tables WHERE relid = 'idem_records'::regclass";
    let share = share.replace("{calls}", &calls.to_string());
    loop {
        match schema.number(&share).await {
            -1 => tokio::task::yield_now().await,
            share => return share,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn completions_of_small_outcomes_are_heap_only() {
    for (bytes, under_way) in [(20, 8), (200, 8), (200, 80), (2_000, 8)] {
        let schema = Schema::migrated_alone().await;
        let share = heap_only(&schema, 2_000, under_way, bytes).await;
        assert!(share >= 90, "{share} of 100 updates with {bytes} bytes and {under_way} under way");
    }
}
