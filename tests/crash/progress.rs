//! How far a run is, by its journal.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;

/// How many answers there are in a journal, which grows.
pub(crate) struct Progress {
    path: PathBuf,
    journal: Option<File>,
    answers: usize,
    rest: Vec<u8>,
}

impl Progress {
    pub(crate) fn of(path: PathBuf) -> Self {
        Self { path, journal: None, answers: 0, rest: Vec::new() }
    }

    /// How many there are by now.
    pub(crate) fn answers(&mut self) -> usize {
        if self.journal.is_none() {
            self.journal = match File::open(&self.path) {
                Ok(journal) => Some(journal),
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => panic!("{}: {error}", self.path.display()),
            };
        }
        if let Some(journal) = &mut self.journal {
            journal.read_to_end(&mut self.rest).expect("the journal can be read");
            let whole = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let lines = String::from_utf8_lossy(&self.rest[..whole]);
            self.answers += lines.lines().filter(|line| line.contains("\"answer\":{\"Ok\":")).count();
            self.rest.drain(..whole);
        }
        self.answers
    }
}
