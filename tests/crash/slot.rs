//! The place of a worker, and of those who follow it.

use std::time::{Duration, Instant};

use crate::process::{Work, Worker};

/// A worker that is replaced when it was killed, until one of them has done the task.
pub(crate) struct Slot<W> {
    task: W,
    worker: Worker,
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Runs,
    Killed,
    Paused { until: Instant },
    Done,
}

impl<W: Work> Slot<W> {
    pub(crate) fn start(task: W) -> Self {
        Self { worker: Worker::start(&task), task, fate: Fate::Runs }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.fate == Fate::Done
    }

    /// Kills the worker, unless it is paused or gone.
    pub(crate) fn kill(&mut self) -> bool {
        let runs = self.fate == Fate::Runs;
        if runs {
            self.worker.kill();
            self.fate = Fate::Killed;
        }
        runs
    }

    /// Pauses the worker, unless it is paused or gone.
    pub(crate) fn pause(&mut self, pause: Duration) -> bool {
        let paused = self.fate == Fate::Runs && self.worker.pause();
        if paused {
            self.fate = Fate::Paused { until: Instant::now() + pause };
        }
        paused
    }

    /// Resumes a worker whose time has come, and replaces a dead one.
    pub(crate) fn advance(&mut self) {
        match self.fate {
            Fate::Paused { until } if Instant::now() >= until => {
                self.worker.resume();
                self.fate = Fate::Runs;
            }
            Fate::Paused { .. } | Fate::Done => {}
            Fate::Runs | Fate::Killed => match self.worker.ended() {
                None => {}
                Some(status) if status.success() => self.fate = Fate::Done,
                Some(status) => {
                    assert!(self.fate == Fate::Killed, "a worker failed: {status}");
                    self.worker = Worker::start(&self.task);
                    self.fate = Fate::Runs;
                }
            },
        }
    }
}
