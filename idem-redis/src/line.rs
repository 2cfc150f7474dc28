//! A line to Redis: what callers ask is queued, and the thread of `worker.rs` sends it and hands out the answers.
//!
//! So no caller depends on another one's task, nor on a thread that a body may block; every question has a limit in time that
//! the thread keeps. What is queued while it is busy goes out together, which saves two system calls a command here, and two
//! on the server. Nobody waits for a timer, nor for an answer to somebody else.

use std::io;
use std::mem::take;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::{Cmd, RedisError, RedisResult, Value};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::error::Failure;
use crate::serving::Serving;
use crate::wire::{Opening, Piece, Wire};
use crate::worker::{self, PerProcess};

/// How many commands are answered together. Fewer, and the server and we do not work at the same time.
const TOGETHER: usize = 16;
/// How many questions are taken from the queue at once.
const TAKEN: usize = 1_024;
/// How far apart the limits of what goes out together may be. A caller with a short limit would wait for one with a long limit.
const NEAR: Duration = Duration::from_millis(5);

/// A line, opened when something is first asked over it.
#[derive(Clone)]
pub(crate) struct Line(Arc<Shared>);

struct Shared {
    opening: Opening,
    session: PerProcess<Session>,
}

/// What serves a line in one process.
struct Session {
    queue: UnboundedSender<Asked>,
    serving: Arc<Serving>,
}

/// What one caller asks: commands that go over one connection, one right after the other.
pub(crate) struct Question {
    pub(crate) commands: Vec<Cmd>,
    pub(crate) until: Instant,
    /// Whether the commands may be sent once more where the first answer was lost, because they then find what they did.
    pub(crate) may_repeat: bool,
}

/// What the server said to each command. An error of its own is a [`Value`].
pub(crate) struct Answer {
    pub(crate) values: Vec<Value>,
    /// Whether these commands may have been sent before, without an answer.
    pub(crate) may_be_second: bool,
}

struct Asked {
    question: Question,
    answer: oneshot::Sender<Result<Answer, Failure>>,
}

impl Line {
    pub(crate) fn new(opening: Opening) -> Self {
        Self(Arc::new(Shared { opening, session: PerProcess::new() }))
    }

    pub(crate) fn is_to_cluster(&self) -> bool {
        self.0.opening.is_cluster()
    }

    /// Asks, and waits for the answer, until the limit of the question at most, give or take [`NEAR`].
    pub(crate) async fn ask(&self, question: Question) -> Result<Answer, Failure> {
        let (answer, answered) = oneshot::channel();
        // A queue is open for as long as its session is there.
        drop(self.session()?.queue.send(Asked { question, answer }));
        answered.await.unwrap_or_else(|_| Err(Failure::Unknown(gone())))
    }

    /// Does something with the connection itself, on the thread that serves it.
    pub(crate) async fn with_wire<T: Send + 'static, F: Future<Output = RedisResult<T>> + Send>(
        &self,
        limit: Duration,
        work: impl FnOnce(Wire) -> F + Send + 'static,
    ) -> Result<T, Failure> {
        let serving = Arc::clone(&self.session()?.serving);
        let runtime = worker::runtime().map_err(|error| Failure::NotSent(error.into()))?;
        let working = runtime.spawn(timeout(limit, async move {
            let (_, wire) = serving.wire().await.map_err(Failure::NotSent)?;
            work(wire).await.map_err(Failure::Unknown)
        }));
        working.await.unwrap_or_else(|_| Ok(Err(Failure::Unknown(gone())))).unwrap_or_else(|_| Err(Failure::Late))
    }

    fn session(&self) -> Result<&Session, Failure> {
        let session = self.0.session.get_or_make(|| Session::begin(self.0.opening.clone()));
        session.map_err(|error| Failure::NotSent(error.into()))
    }
}

impl Session {
    fn begin(opening: Opening) -> io::Result<Self> {
        let (queue, asked) = unbounded_channel();
        let serving = Arc::new(Serving::new(opening));
        worker::runtime()?.spawn(serve(Arc::clone(&serving), asked));
        Ok(Self { queue, serving })
    }
}

/// Serves until nobody can ask any more.
async fn serve(serving: Arc<Serving>, mut queue: UnboundedReceiver<Asked>) {
    let most = if serving.is_cluster() { 1 } else { TOGETHER };
    let mut taken = Vec::new();
    while queue.recv_many(&mut taken, TAKEN).await > 0 {
        let mut together = Batch::default();
        // Nothing is sent for a call that was dropped.
        for asked in taken.drain(..).filter(|asked| !asked.answer.is_closed()) {
            if !together.takes(&asked, most) {
                tokio::spawn(take(&mut together).deliver(Arc::clone(&serving)));
            }
            together.add(asked);
        }
        if !together.answers.is_empty() {
            tokio::spawn(together.deliver(Arc::clone(&serving)));
        }
    }
}

/// What goes to the server in one piece.
#[derive(Default)]
struct Batch {
    commands: Vec<Cmd>,
    /// Who is answered, and how many commands are theirs.
    answers: Vec<(usize, oneshot::Sender<Result<Answer, Failure>>)>,
    /// The limit of the first. Those of the others are near it.
    until: Option<Instant>,
    may_repeat: bool,
}

impl Batch {
    fn takes(&self, asked: &Asked, most: usize) -> bool {
        let Some(until) = self.until else { return true };
        let Question { commands, until: wanted, may_repeat } = &asked.question;
        self.may_repeat == *may_repeat
            && self.commands.len() + commands.len() <= most
            && wanted.max(&until).duration_since(*wanted.min(&until)) <= NEAR
    }

    fn add(&mut self, Asked { question, answer }: Asked) {
        self.answers.push((question.commands.len(), answer));
        self.commands.extend(question.commands);
        self.until = self.until.or(Some(question.until));
        self.may_repeat = question.may_repeat;
    }

    async fn deliver(self, serving: Arc<Serving>) {
        let until = self.until.unwrap_or_else(Instant::now);
        let piece = Piece::new(self.commands);
        let mut may_be_second = serving.is_cluster();
        let answer = match serving.send(&piece, until).await {
            // The server had closed the connection, or closed it upon this. Only a new one can tell.
            Err(Failure::Broken(first)) if self.may_repeat => {
                may_be_second = true;
                serving.send(&piece, until).await.map_err(|_| Failure::Broken(first))
            }
            answer => answer,
        };
        match answer {
            Ok(values) => {
                let mut values = values.into_iter();
                for (count, answer) in self.answers {
                    let values = values.by_ref().take(count).collect();
                    // Nobody listens to an answer of a call that was dropped meanwhile.
                    drop(answer.send(Ok(Answer { values, may_be_second })));
                }
            }
            Err(failure) => self.answers.into_iter().for_each(|(_, answer)| drop(answer.send(Err(failure.clone())))),
        }
    }
}

fn gone() -> RedisError {
    io::Error::other("the thread that talks to Redis has ended").into()
}
