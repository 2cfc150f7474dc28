//! Where the records are: an `SQLite` file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use idem::{SqliteStore, Store};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Database {
    file: PathBuf,
}

impl Database {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { file: folder.join("idem.db") }
    }

    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.file).await.expect("the database can be opened"))
    }

    /// A file needs no variables.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let _ = self;
        Vec::new()
    }
}
