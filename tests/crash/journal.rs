//! What outlives a killed process: a file to which every process appends, one line per entry.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What an execution returns: no two executions return the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) order: u32,
    pub(crate) fence: i64,
    pub(crate) attempt: u32,
    pub(crate) pid: u32,
}

/// Why a caller has no receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Failure {
    /// The body said no, before it had any effect.
    Declined,
    InProgress,
    ClaimLost,
    /// Nothing runs before somebody has decided.
    Abandoned,
    /// It ran, and its outcome is not stored.
    WithoutOutcome,
    /// The store did not answer.
    Unavailable,
    Other(String),
}

impl Failure {
    pub(crate) fn is_retryable(&self) -> bool {
        matches!(self, Self::InProgress | Self::ClaimLost | Self::Unavailable)
    }

    /// Whether it stays so however often one calls.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Abandoned | Self::WithoutOutcome)
    }
}

impl From<idem::Error> for Failure {
    fn from(error: idem::Error) -> Self {
        match &error {
            error if error.is_in_progress() => Self::InProgress,
            error if error.is_claim_lost() => Self::ClaimLost,
            error if error.is_abandoned() => Self::Abandoned,
            error if error.is_completed_without_outcome() => Self::WithoutOutcome,
            error if error.is_retryable() => Self::Unavailable,
            error => Self::Other(format!("{error}: {error:?}")),
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Entry {
    /// A store let a worker execute. Written before the worker learns of it, so before any effect.
    Claimed { order: u32, fence: i64, attempt: u32, origin: String },
    /// The side effect of an execution.
    Effect(Receipt),
    /// What a caller was told.
    Answered { order: u32, caller: u32, answer: Result<Receipt, Failure> },
    /// An operator decided that an abandoned order may run again.
    Rerun { order: u32 },
    /// The engine reported that it returned an outcome which it could not store.
    NotStored { fence: i64 },
}

/// An open journal.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
}

impl Journal {
    pub(crate) fn open(path: &Path) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Self { file: file.expect("the journal can be opened") }
    }

    /// Appends a line in one write, which the system does not mix with those of other processes.
    pub(crate) fn append(&self, entry: &Entry) {
        let mut line = serde_json::to_vec(entry).expect("an entry is JSON");
        line.push(b'\n');
        (&self.file).write_all(&line).expect("the journal can be written");
        // A line that was written outlives its process. What the figures rest on would outlive the machine too.
        if !matches!(entry, Entry::Answered { .. }) {
            self.file.sync_data().expect("the journal can be synced");
        }
    }
}

/// All entries, in the order in which they were written.
pub(crate) fn read(path: &Path) -> Vec<Entry> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("an entry is a whole line")).collect()
}
