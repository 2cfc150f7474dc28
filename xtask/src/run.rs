//! Running a command so that a signal ends the command first and then us, in good order: what guards hold, servers and
//! temporary folders, is gone afterwards.

use std::io::{IsTerminal, Read, stdin};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread::{sleep, spawn as spawn_thread};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag::register_usize;

use crate::cargo::Failed;

/// How often we look. A command that ends is noticed this late at most.
pub(crate) const TICK: Duration = Duration::from_millis(20);

/// What a command has to end in after it was asked to.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// The signal that came last, 0 if none did. A flag and no thread: whoever waits looks at it, and nobody has to know a
/// process id that another one has freed in the meantime.
static RECEIVED: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// From here on a signal does not end this process by itself.
pub(crate) fn listen() -> Result<(), Failed> {
    for (signal, number) in [(SIGINT, 2), (SIGTERM, 15), (SIGHUP, 1)] {
        register_usize(signal, Arc::clone(&RECEIVED), number)
            .map_err(|error| Failed::new(format!("listening to signals: {error}")))?;
    }
    Ok(())
}

/// Fails if a signal came, so that nothing new is begun.
pub(crate) fn go_on() -> Result<(), Failed> {
    if RECEIVED.load(Ordering::Relaxed) == 0 { Ok(()) } else { Err(Failed::new("stopped by a signal")) }
}

pub(crate) fn until_signal() {
    while go_on().is_ok() {
        sleep(TICK);
    }
}

/// Runs a command to its end, in a process group of its own: a signal to us reaches whatever the command has started,
/// which for cargo is a test program that cargo itself would leave running.
pub(crate) fn apart(mut command: Command, name: &str) -> Result<(), Failed> {
    let mut child = spawn_apart(command.stdin(Stdio::null()), name)?;
    to_the_end(&mut child, name)
}

/// The same, and hands out what the command printed.
pub(crate) fn output(mut command: Command, name: &str) -> Result<String, Failed> {
    let mut child = spawn_apart(command.stdin(Stdio::null()).stdout(Stdio::piped()), name)?;
    let mut printed = child.stdout.take().ok_or_else(|| Failed::new(format!("{name}: no output")))?;
    let reader = spawn_thread(move || {
        let mut text = Vec::new();
        printed.read_to_end(&mut text).map(|_| text)
    });
    to_the_end(&mut child, name)?;
    match reader.join() {
        Ok(Ok(text)) => Ok(String::from_utf8_lossy(&text).into_owned()),
        _ => Err(Failed::new(format!("{name}: its output cannot be read"))),
    }
}

fn to_the_end(child: &mut Child, name: &str) -> Result<(), Failed> {
    loop {
        if let Some(status) = ended(child, name)? {
            return succeeded(status, name);
        }
        if let Err(stopped) = go_on() {
            stop(child);
            return Err(stopped);
        }
        sleep(TICK);
    }
}

/// Starts a command in a process group of its own.
pub(crate) fn spawn_apart(command: &mut Command, name: &str) -> Result<Child, Failed> {
    go_on()?;
    spawn(command.process_group(0), name)
}

/// Ends a command that was started in a group of its own, and whatever it has started.
pub(crate) fn stop(child: &mut Child) {
    let group = Pid::from_child(child);
    let _ = kill_process_group(group, Signal::TERM);
    let asked = Instant::now();
    while matches!(child.try_wait(), Ok(None)) && asked.elapsed() < GRACE {
        sleep(TICK);
    }
    // Also if the first one has ended, for those of its group that have not.
    let _ = kill_process_group(group, Signal::KILL);
    let _ = child.wait();
}

/// Runs a command as [`apart`], but leaves it the terminal if there is one, so that `psql` and a shell work. Ctrl-C is
/// then the command's, which the terminal sends it too, and we wait for what it makes of it.
pub(crate) fn beside_us(mut command: Command, name: &str) -> Result<(), Failed> {
    if !stdin().is_terminal() {
        return apart(command, name);
    }
    go_on()?;
    let mut child = spawn(&mut command, name)?;
    loop {
        if let Some(status) = ended(&mut child, name)? {
            return succeeded(status, name);
        }
        match RECEIVED.swap(0, Ordering::Relaxed) {
            0 | 2 => sleep(TICK),
            _ => drop(kill_process(Pid::from_child(&child), Signal::HUP)),
        }
    }
}

fn spawn(command: &mut Command, name: &str) -> Result<Child, Failed> {
    command.spawn().map_err(|error| Failed::new(format!("{name}: {error}")))
}

fn ended(child: &mut Child, name: &str) -> Result<Option<ExitStatus>, Failed> {
    child.try_wait().map_err(|error| Failed::new(format!("{name}: {error}")))
}

fn succeeded(status: ExitStatus, name: &str) -> Result<(), Failed> {
    if status.success() { Ok(()) } else { Err(Failed::new(format!("{name} failed: {status}"))) }
}
