//! Running test programs side by side: most of them wait, for leases, for servers and for each other's locks.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{available_parallelism, sleep};
use std::time::{Duration, Instant};

use crate::cargo::Failed;
use crate::run::{self, TICK};
use crate::tally::{Report, Tally, figures};

/// Something to run, whose output is that of test programs.
pub(crate) struct Job {
    pub(crate) name: String,
    pub(crate) command: Command,
    /// Nothing else runs meanwhile: it measures time, or what its machine does.
    pub(crate) alone: bool,
}

/// Where the whole output of each program is kept.
const LOGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/xtask-test");

/// No program takes nearly as long, also where the suite of compile errors builds all that it needs for the first time. What
/// hangs is ended, and the others go on.
const LIMIT: Duration = Duration::from_mins(40);

/// Runs all jobs in their order, as many at once as the machine is good for, and those that must be alone at the end. A job
/// that fails ends no other.
pub(crate) fn run(jobs: Vec<Job>) -> Result<Vec<Report>, Failed> {
    let logs = Path::new(LOGS);
    fs::create_dir_all(logs).map_err(|error| Failed::new(format!("{}: {error}", logs.display())))?;
    let (alone, together): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.alone);
    let mut reports = at_once(together, places(), logs)?;
    reports.extend(at_once(alone, 1, logs)?);
    Ok(reports)
}

/// Twice as many as there are processors, since about half of them wait.
fn places() -> usize {
    2 * available_parallelism().map_or(1, usize::from)
}

fn at_once(jobs: Vec<Job>, places: usize, logs: &Path) -> Result<Vec<Report>, Failed> {
    let mut waiting = jobs.into_iter();
    let (mut running, mut reports) = (Vec::<Running>::new(), Vec::new());
    loop {
        run::go_on()?;
        while running.len() < places
            && let Some(job) = waiting.next()
        {
            running.push(Running::start(job, logs)?);
        }
        if running.is_empty() {
            return Ok(reports);
        }
        let mut index = 0;
        while index < running.len() {
            match running[index].end()? {
                Some(report) => {
                    running.swap_remove(index);
                    reports.push(report);
                }
                None => index += 1,
            }
        }
        sleep(TICK);
    }
}

struct Running {
    name: String,
    child: Child,
    began: Instant,
    log: PathBuf,
}

impl Running {
    /// Its output goes to a file: two programs on one terminal are not to be read.
    fn start(job: Job, logs: &Path) -> Result<Self, Failed> {
        let Job { name, mut command, .. } = job;
        let log = logs.join(name.replace("::", ".").replace(' ', "-") + ".log");
        let failed = |error| Failed::new(format!("{name}: {error}"));
        let output = File::create(&log).map_err(failed)?;
        let errors = output.try_clone().map_err(failed)?;
        let child = run::spawn_apart(command.stdout(output).stderr(errors).stdin(Stdio::null()), &name)?;
        Ok(Self { name, child, began: Instant::now(), log })
    }

    /// What it said, if it has ended or must.
    fn end(&mut self) -> Result<Option<Report>, Failed> {
        let took = self.began.elapsed();
        let ended = self.child.try_wait().map_err(|error| Failed::new(format!("{}: {error}", self.name)))?;
        let hangs = ended.is_none() && took > LIMIT;
        if hangs {
            run::stop(&mut self.child);
        } else if ended.is_none() {
            return Ok(None);
        }
        let output = String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned();
        let tally = Tally::of(&output);
        let broken = if hangs {
            Some(format!("ended after {} s", LIMIT.as_secs()))
        } else {
            ended.and_then(|status| broken(status, &tally))
        };
        let report = Report { name: self.name.clone(), tally, took, broken };
        self.tell(&report, &output);
        Ok(Some(report))
    }

    /// One line, and what must not be missed.
    fn tell(&self, report: &Report, output: &str) {
        eprintln!("{}", report.line());
        if report.is_good() {
            figures(output).for_each(|line| eprintln!("{line}"));
        } else {
            eprintln!("\n{output}\n# that was {}, see {}\n", self.name, self.log.display());
        }
    }
}

impl Drop for Running {
    /// Where we end early, by a signal, so do all that run.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            run::stop(&mut self.child);
        }
    }
}

/// Tests that failed say so themselves.
fn broken(status: ExitStatus, tally: &Tally) -> Option<String> {
    (!status.success() && !tally.has_failures()).then(|| format!("no test failed, but its end is {status}"))
}
