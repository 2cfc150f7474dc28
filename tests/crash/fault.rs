//! The named points of a call, and what befalls a worker at one of them.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Signal, getpid, kill_process};
use serde::{Deserialize, Serialize};

/// The line by which a worker tells that it has stopped at its point.
pub(crate) const HELD: &str = "crash worker: held";

/// Where in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Point {
    /// Before the worker's first call.
    Start,
    BeforeClaim,
    AfterClaim,
    WhileWaiting,
    BodyBeforeEffect,
    BodyAfterEffect,
    BeforeExtend,
    AfterExtend,
    BeforeComplete,
    AfterComplete,
    BeforeRelease,
    AfterRelease,
}

/// What happens there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Act {
    /// The worker kills itself: SIGKILL.
    Kill,
    /// The call awaits a line on the standard input, so that it can be dropped meanwhile.
    Await,
    /// The thread of the call blocks until there is a line on the standard input.
    Block,
}

/// What befalls a worker, and where.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub(crate) at: Point,
    pub(crate) act: Act,
}

/// The fault of this process, which happens once.
#[derive(Debug)]
pub(crate) struct Trap {
    fault: Option<Fault>,
    sprung: AtomicBool,
}

impl Trap {
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self { fault, sprung: AtomicBool::new(false) }
    }

    /// Called at each point.
    pub(crate) async fn reach(&self, point: Point) {
        let Some(fault) = self.fault.filter(|fault| fault.at == point) else { return };
        if self.sprung.swap(true, Ordering::SeqCst) {
            return;
        }
        match fault.act {
            Act::Kill => die(),
            Act::Await => tokio::task::spawn_blocking(wait_for_line).await.expect("the standard input is there"),
            Act::Block => wait_for_line(),
        }
    }
}

/// Nothing of this process runs after the signal, not even the rest of this function.
fn die() -> ! {
    kill_process(getpid(), Signal::KILL).expect("a process may kill itself");
    loop {
        std::thread::park();
    }
}

/// Says that the worker is held, and waits until it may go on. Written past the capture of the test harness.
fn wait_for_line() {
    writeln!(std::io::stdout(), "{HELD}").expect("somebody listens");
    std::io::stdin().read_line(&mut String::new()).expect("the standard input is there");
}
