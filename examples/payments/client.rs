//! The flaky client: sends everything, kills the server on the way, and asks again for what had no answer.

use std::collections::{BTreeMap, VecDeque};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::protocol::{Message, Request};
use crate::report::Tally;
use crate::service::PayError;
use crate::{Failure, Place};

/// How many requests are under way at once.
const WINDOW: usize = 24;
/// The server is killed while it makes this charge.
const CRASH_AT: usize = 180;
/// After this many tries at one request the client gives up.
const TRIES: usize = 20;

/// Sends all requests until each has a final answer.
pub async fn send_all(requests: &[Request], place: &Place) -> Result<Tally, Failure> {
    let crash_at = match place.store.as_str() {
        "memory" => {
            println!("A memory store dies with its process, so the server is not killed in this run.\n");
            None
        }
        _ => Some(CRASH_AT),
    };
    let mut client = Client {
        server: Server::start(place)?,
        waiting: requests.iter().cloned().collect(),
        under_way: BTreeMap::new(),
        tries: BTreeMap::new(),
        tally: Tally::default(),
        total: requests.len(),
    };
    println!("The client sends {} payment requests, {WINDOW} at a time, to a server with the store", requests.len());
    println!("`{}`.\n", place.store);
    client.talk(crash_at).await?;
    if !client.under_way.is_empty() {
        client.crash(place).await?;
        client.talk(None).await?;
    }
    client.server.stop().await?;
    Ok(client.tally)
}

struct Client {
    server: Server,
    waiting: VecDeque<Request>,
    under_way: BTreeMap<usize, Request>,
    tries: BTreeMap<usize, usize>,
    tally: Tally,
    total: usize,
}

impl Client {
    /// Sends and listens until everything is answered, or until the server makes the charge `until`.
    async fn talk(&mut self, until: Option<usize>) -> Result<(), Failure> {
        loop {
            self.fill_window().await?;
            if self.under_way.is_empty() {
                return Ok(());
            }
            let message = self.server.hear().await?.ok_or("the server went away")?;
            self.take(&message)?;
            if until.is_some_and(|until| self.tally.executed >= until) {
                return Ok(());
            }
        }
    }

    async fn fill_window(&mut self) -> Result<(), Failure> {
        while self.under_way.len() < WINDOW
            && let Some(request) = self.waiting.pop_front()
        {
            self.server.tell(&request).await?;
            self.tally.sent += 1;
            self.under_way.insert(request.number, request);
        }
        Ok(())
    }

    /// Kills the server, hears what it had said before, and starts it again for the rest.
    async fn crash(&mut self, place: &Place) -> Result<(), Failure> {
        self.server.child.kill().await?;
        while let Some(message) = self.server.hear().await? {
            self.take(&message)?;
        }
        println!(
            "\nThe server is killed (kill -9) with {} requests under way: some charged, none of these answered.",
            self.under_way.len()
        );
        println!("It starts again, and the client sends them once more; their claims lapse within a second.\n");
        for request in std::mem::take(&mut self.under_way).into_values().rev() {
            self.waiting.push_front(request);
        }
        self.server = Server::start(place)?;
        Ok(())
    }

    fn take(&mut self, message: &Message) -> Result<(), Failure> {
        if let Message::Answer { number, result } = message
            && let Some(request) = self.under_way.remove(number)
        {
            if let Err(PayError::Busy | PayError::Unavailable(_)) = result {
                self.try_again(request, result)?;
            } else if let answered = self.tally.answered + 1
                && (answered.is_multiple_of(100) || answered == self.total)
            {
                println!("  {answered:>4} of {} answered", self.total);
            }
        }
        self.tally.take(message);
        Ok(())
    }

    fn try_again<T: std::fmt::Debug>(&mut self, request: Request, last: &T) -> Result<(), Failure> {
        let tries = self.tries.entry(request.number).or_default();
        *tries += 1;
        if *tries > TRIES {
            return Err(format!("request {} got no final answer in {TRIES} tries: {last:?}", request.number).into());
        }
        self.waiting.push_back(request);
        Ok(())
    }
}

/// The server process.
struct Server {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    fn start(place: &Place) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg(&place.store)
            .arg(&place.ledger)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().ok_or("the server has no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("the server has no output")?).lines();
        Ok(Self { child, input, output })
    }

    async fn tell(&mut self, request: &Request) -> Result<(), Failure> {
        let line = serde_json::to_string(request)? + "\n";
        Ok(self.input.write_all(line.as_bytes()).await?)
    }

    /// The next message, or nothing once the server is gone. A line that a killed server did not finish says nothing.
    async fn hear(&mut self) -> Result<Option<Message>, Failure> {
        let patience = Duration::from_secs(30);
        let line =
            tokio::time::timeout(patience, self.output.next_line()).await.map_err(|_| "the server is silent")??;
        Ok(line.and_then(|line| serde_json::from_str(&line).ok()))
    }

    async fn stop(mut self) -> Result<(), Failure> {
        drop(self.input);
        self.child.wait().await?;
        Ok(())
    }
}
