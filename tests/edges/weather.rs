//! What befalls a store that is in the process of its worker: a word in a file, which the supervisor writes.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::blow::Blow;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Weather {
    file: PathBuf,
}

impl Weather {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { file: folder.join("weather") }
    }

    pub(crate) fn begin(&self, blow: Blow) {
        // Whole or not at all: a worker may be reading it.
        let next = self.file.with_extension("next");
        std::fs::write(&next, serde_json::to_vec(&blow).expect("a word is JSON")).expect("the folder is writable");
        std::fs::rename(next, &self.file).expect("the folder is writable");
    }

    pub(crate) fn end(&self) {
        std::fs::remove_file(&self.file).expect("the folder is writable");
    }

    pub(crate) fn now(&self) -> Option<Blow> {
        let text = std::fs::read(&self.file).ok()?;
        Some(serde_json::from_slice(&text).expect("a word is JSON"))
    }
}
