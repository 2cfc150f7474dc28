//! Random histories of four callers through two pools on one file: every answer, and every record, is what the pure decision
//! gives.
#![cfg(feature = "sqlite")]

mod common;

use std::sync::Arc;

use common::Folder;
use idem_core::{Store, contract};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn random_histories_are_answered_as_the_decision_says(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let folder = Folder::new();
            let stores = [folder.store().await, folder.store().await].map(|store| Arc::new(store) as Arc<dyn Store>);
            contract::random_history(&stores, seed, 400).await;
        });
    }
}
