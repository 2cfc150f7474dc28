//! In memory: one process, which nobody kills, since its records would be gone.

use async_trait::async_trait;
use tempfile::TempDir;

use crate::blow::Blow;
use crate::database::Database;
use crate::place::Place;
use crate::weather::Weather;

pub(crate) struct Memory {
    weather: Weather,
    forgets: bool,
    _folder: TempDir,
}

impl Memory {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        Self { weather: Weather::in_folder(folder.path()), forgets: false, _folder: folder }
    }

    /// One that forgets what it was told to keep.
    pub(crate) fn broken() -> Self {
        Self { forgets: true, ..Self::new() }
    }
}

#[async_trait]
impl Place for Memory {
    fn name(&self) -> &'static str {
        if self.forgets { "memory, and forgets" } else { "memory" }
    }

    fn direct(&self) -> Database {
        self.database()
    }

    fn database(&self) -> Database {
        Database::Memory { weather: self.weather.clone(), forgets: self.forgets }
    }

    fn workers(&self) -> u32 {
        1
    }

    fn blows(&self) -> &'static [Blow] {
        &[Blow::Full, Blow::Locked, Blow::ReadOnly, Blow::Forbidden, Blow::Parted]
    }

    async fn begin(&mut self, blow: Blow) {
        self.weather.begin(blow);
    }

    async fn end(&mut self, _: Blow) {
        self.weather.end();
    }
}
