//! What many callers send at once goes to the server in few pieces.
//!
//! A multiplexed connection writes a command as soon as it is given one, because tokio runs the task that writes right after
//! the one that woke it. That is best for one caller. Where many are ready, each would cost two system calls here and two on
//! the server. So a command that is not alone waits until the callers that are ready have had their turn, and they are written
//! and answered together. Nobody waits for a timer, nor for an answer to somebody else.

use std::mem::take;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use redis::aio::{ConnectionLike as _, ConnectionManager};
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, Value};
use tokio::runtime::{Handle, Id};
use tokio::sync::oneshot;
use tokio::task::yield_now as let_others_go_first;

/// How many commands are answered together. Fewer, and the server and we do not work at the same time.
const PIECE: usize = 16;

/// A connection to a single node, and what is about to be sent over it.
#[derive(Clone)]
pub(crate) struct Gathering {
    manager: ConnectionManager,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The calls that are under way.
    calls: AtomicUsize,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    commands: Vec<(Cmd, oneshot::Sender<RedisResult<Value>>)>,
    /// Where the task runs that will send them.
    runtime: Option<Id>,
}

/// A call that is under way, until it is answered or dropped.
struct Call<'a>(&'a AtomicUsize);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gathering {
    pub(crate) fn new(manager: ConnectionManager) -> Self {
        Self { manager, shared: Arc::default() }
    }

    /// The connection itself, for what must be sent alone.
    pub(crate) fn manager(&self) -> ConnectionManager {
        self.manager.clone()
    }

    /// Sends a command, alone or with those of others. An error of the server's own is a [`Value`].
    pub(crate) async fn send(&self, command: Cmd) -> RedisResult<Value> {
        let is_alone = self.shared.calls.fetch_add(1, Ordering::Relaxed) == 0;
        let _call = Call(&self.shared.calls);
        let command = if is_alone { Err(command) } else { self.gather(command) };
        match command {
            // A task that goes down with its runtime answers nobody.
            Ok(answer) => answer.await.unwrap_or_else(|_| Err(gone())),
            Err(command) => self.manager().req_packed_command(&command).await,
        }
    }

    /// Leaves the command to the next piece, or gives it back where there can be none.
    fn gather(&self, command: Cmd) -> Result<oneshot::Receiver<RedisResult<Value>>, Cmd> {
        let Ok(runtime) = Handle::try_current() else { return Err(command) };
        let (sender, answer) = oneshot::channel();
        let mut waiting = self.shared.waiting();
        let is_first = match waiting.runtime {
            None => true,
            Some(there) if there == runtime.id() => false,
            // A body may block that runtime, and whatever is queued there.
            Some(_) => return Err(command),
        };
        waiting.runtime = Some(runtime.id());
        waiting.commands.push((command, sender));
        drop(waiting);
        if is_first {
            // A task, since this caller may be dropped, and then the others' commands must be sent all the same.
            runtime.spawn(Sending { gathering: self.clone(), has_begun: false }.run());
        }
        Ok(answer)
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Nothing panics under this lock, so a poisoned one protects nothing.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that sends what has gathered.
struct Sending {
    gathering: Gathering,
    has_begun: bool,
}

impl Sending {
    async fn run(mut self) {
        let_others_go_first().await;
        self.has_begun = true;
        let gathered = take(&mut *self.gathering.shared.waiting()).commands;
        // As the connection itself does, it sends nothing for a call that was dropped.
        let mut gathered = gathered.into_iter().filter(|(_, answer)| !answer.is_closed()).peekable();
        let mut pieces = Vec::new();
        while gathered.peek().is_some() {
            let (commands, answers) = gathered.by_ref().take(PIECE).unzip();
            pieces.push(send_piece(self.gathering.manager(), commands, answers));
        }
        join_all(pieces).await;
    }
}

impl Drop for Sending {
    /// Its runtime ends before its turn came: those who wait are told so, and the next one begins anew.
    fn drop(&mut self) {
        if !self.has_begun {
            let waiting = take(&mut *self.gathering.shared.waiting());
            drop(waiting);
        }
    }
}

async fn send_piece(
    mut manager: ConnectionManager,
    commands: Vec<Cmd>,
    answers: Vec<oneshot::Sender<RedisResult<Value>>>,
) {
    let mut piece = Pipeline::with_capacity(commands.len());
    for command in commands {
        piece.add_command(command);
    }
    // Nobody listens to an answer of a call that was dropped meanwhile.
    match manager.req_packed_commands(&piece, 0, answers.len()).await {
        Ok(values) => answers.into_iter().zip(values).for_each(|(answer, value)| drop(answer.send(Ok(value)))),
        Err(error) => answers.into_iter().for_each(|answer| drop(answer.send(Err(error.clone())))),
    }
}

fn gone() -> RedisError {
    (ErrorKind::Io, "the runtime that was to send the command has ended").into()
}
