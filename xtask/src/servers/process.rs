//! A process that ends with its guard.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::cargo::Failed;
use crate::run::{GRACE, TICK, go_on};

/// What a server has until it answers, and a preparation until it is done. Both take seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// `mariadb-install-db` writes thirty lines of advice below its error.
const LINES_OF_LOG: usize = 40;

/// How a process stops at once and takes with it what it shares with others.
#[derive(Clone, Copy)]
pub(super) enum Stop {
    /// It does so soon by itself. A preparation is a script whose servers, stopped half way, would leave shared memory
    /// behind, or outlive it and write into a folder that we remove.
    ByItself,
    Terminate,
    /// PostgreSQL waits for its clients on SIGTERM; on this one it does not.
    Quit,
}

impl Stop {
    /// What it gets if we have died, by its name.
    pub(super) fn death_signal(self) -> &'static str {
        match self {
            Self::ByItself | Self::Terminate => "TERM",
            Self::Quit => "QUIT",
        }
    }

    fn signal(self) -> Option<Signal> {
        match self {
            Self::ByItself => None,
            Self::Terminate => Some(Signal::TERM),
            Self::Quit => Some(Signal::QUIT),
        }
    }
}

/// A process that we have started, in a group of its own: Ctrl-C is for us, who then stop it.
pub(super) struct Process {
    child: Child,
    name: String,
    log: PathBuf,
    stop: Stop,
}

impl Process {
    /// Starts it with its output at the end of `log`.
    pub(super) fn start(name: String, mut command: Command, log: &Path, stop: Stop) -> Result<Self, Failed> {
        go_on()?;
        let mut spawn = || {
            let output = File::options().create(true).append(true).open(log)?;
            command.process_group(0).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn()
        };
        match spawn() {
            Ok(child) => Ok(Self { child, name, log: log.to_owned(), stop }),
            Err(error) => Err(Failed::new(format!("{name}: {error}"))),
        }
    }

    /// Waits for its end, which must be a success.
    pub(super) fn until_success(&mut self) -> Result<(), Failed> {
        let status = self.within_patience(Self::ended)?;
        if status.success() { Ok(()) } else { Err(self.failed(&status.to_string())) }
    }

    /// Waits until it answers.
    pub(super) fn until_ready(&mut self, answers: impl Fn() -> bool) -> Result<(), Failed> {
        self.within_patience(|server| match server.ended()? {
            Some(status) => Err(server.failed(&status.to_string())),
            None => Ok(answers().then_some(())),
        })
    }

    /// Asks it to stop, which [`Drop`] waits for.
    pub(super) fn ask_to_stop(&self) {
        // It is a child that nobody has waited for, so its number is its own even if it has ended.
        if let Some(signal) = self.stop.signal() {
            let _ = kill_process_group(Pid::from_child(&self.child), signal);
        }
    }

    fn within_patience<T>(
        &mut self,
        mut look: impl FnMut(&mut Self) -> Result<Option<T>, Failed>,
    ) -> Result<T, Failed> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            go_on()?;
            if let Some(seen) = look(self)? {
                return Ok(seen);
            }
            sleep(TICK);
        }
        Err(self.failed(&format!("not ready after {} s", PATIENCE.as_secs())))
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>, Failed> {
        self.child.try_wait().map_err(|error| Failed::new(format!("{}: {error}", self.name)))
    }

    /// The failure with the end of the log, which is gone with its folder when the user reads this.
    fn failed(&self, how: &str) -> Failed {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(LINES_OF_LOG)..].join("\n    ");
        Failed::new(format!("{}: {how}; its log ends in\n    {tail}", self.name))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(Some(_)) = self.child.try_wait() {
            return;
        }
        self.ask_to_stop();
        let asked = Instant::now();
        while let Ok(None) = self.child.try_wait() {
            if asked.elapsed() > GRACE {
                let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
                let _ = self.child.wait();
            }
            sleep(TICK);
        }
    }
}
