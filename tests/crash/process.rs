//! A worker as its supervisor sees it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, set_parent_process_death_signal, waitid};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::HELD;

/// What makes this binary a worker: its task, as JSON.
const VARIABLE: &str = "IDEM_CRASH_WORKER";

/// What a worker is told to do.
pub(crate) trait Work: Serialize + DeserializeOwned {
    /// The test of this binary that does it.
    const TEST: &'static str;

    /// What the worker finds in its environment beside our own.
    fn environment(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// The task of this process, if it is a worker; it then ends with the thread that started it.
pub(crate) fn task<W: Work>() -> Option<W> {
    let task = std::env::var(VARIABLE).ok()?;
    set_parent_process_death_signal(Some(Signal::KILL)).expect("the signal can be set");
    Some(serde_json::from_str(&task).expect("a task is JSON"))
}

/// A running worker, killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    pub(crate) fn start<W: Work>(task: &W) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this binary has a path"))
            .args(["--exact", W::TEST, "--nocapture", "--test-threads=1"])
            .envs(task.environment())
            .env(VARIABLE, serde_json::to_string(task).expect("a task is JSON"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a worker can be started");
        let input = child.stdin.take().expect("the input is a pipe");
        let output = BufReader::new(child.stdout.take().expect("the output is a pipe"));
        Self { child, input, output }
    }

    /// Waits until the worker has stopped at its point.
    pub(crate) fn wait_until_held(&mut self) {
        let mut line = String::new();
        while !line.ends_with(&format!("{HELD}\n")) {
            line.clear();
            let read = self.output.read_line(&mut line).expect("the output can be read");
            assert_ne!(read, 0, "the worker ended before it came to its point");
        }
    }

    /// Lets a held worker go on, if it has not found its own way to the end.
    pub(crate) fn go(&mut self) {
        let _ = writeln!(self.input);
    }

    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Stops all threads of the worker, and returns once they have stopped; `false` if it has ended instead.
    pub(crate) fn pause(&mut self) -> bool {
        self.signal(Signal::STOP);
        let options = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
        while self.ended().is_none() {
            let stopped = waitid(WaitId::Pid(self.pid()), options).expect("the worker is a child");
            if stopped.is_some_and(|status| status.stopped()) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        false
    }

    pub(crate) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// How the worker ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the worker is a child")
    }

    /// Waits until the worker has done its task.
    pub(crate) fn finish(mut self) {
        let status = self.end();
        assert!(status.success(), "the worker failed: {status}");
    }

    /// Waits until the worker has died of `kill -9`.
    pub(crate) fn finish_killed(mut self) {
        let status = self.end();
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "the worker was not killed: {status}");
    }

    /// The input stays open meanwhile: its end would let a held call go on.
    fn end(&mut self) -> ExitStatus {
        self.child.wait().expect("the worker is a child")
    }

    /// A worker that has ended and was waited for is not signalled: its number may be somebody else's.
    fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the worker is a child that was not waited for");
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Both do nothing to a worker that has ended. A stopped one dies too.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
