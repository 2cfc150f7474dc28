//! SQLite keeps a value of any type in any column, unless the table is STRICT.
#![cfg(feature = "sqlite")]

mod common;

use common::{Folder, TestDatabase, finish, key, request};
use idem_core::Store;

#[tokio::test]
async fn a_column_of_another_type_is_corrupt() {
    let folder = Folder::empty().await;
    folder.execute(&Folder::MIGRATION.replace(") STRICT", ")")).await;
    let store = folder.store().await;
    finish(&store, &key("typed"), "1").await;
    for edit in ["fence = 'x'", "expires_at = 1.5", "outcome = x'ff'"] {
        folder.execute(&format!("UPDATE idem_records SET {edit}")).await;
        let error = store.claim(&request(&key("typed"))).await.expect_err(edit);
        assert!(error.is_corrupt(), "{edit}: {error:?}");
    }
}
