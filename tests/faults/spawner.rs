//! Processes that end when this one does, even by `kill -9`.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;

type Order = (Command, Sender<Child>);

/// The signal at the end of a parent is sent when the *thread* that started the child ends, and the threads of tests end
/// early. This one does not.
static SPAWNER: LazyLock<Sender<Order>> = LazyLock::new(|| {
    let (orders, inbox) = channel::<Order>();
    thread::spawn(move || {
        for (mut command, answer) in inbox {
            let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
            answer.send(child).expect("somebody waits for it");
        }
    });
    orders
});

/// Starts a process in a group of its own.
pub(crate) fn spawn(mut command: Command) -> Child {
    let (answer, child) = channel();
    command.process_group(0);
    SPAWNER.send((command, answer)).expect("the thread lives as long as this process");
    child.recv().expect("the command can be started")
}
