//! Redis: one server.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;

use super::home::Home;
use super::install::Program;
use super::process::{Process, Stop};
use super::{Environment, Server, Started};
use crate::cargo::Failed;

/// One with a log that is synced every second, as Redis has it when `appendonly` is turned on and nothing else.
pub(super) struct Redis;

const VARIABLE: &str = "IDEM_TEST_REDIS_URL";

/// What redis-server has to answer a question. It is at once, or not while it starts.
const PATIENCE: Duration = Duration::from_secs(1);

impl Server for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn variable(&self) -> &'static str {
        VARIABLE
    }

    fn user(&self) -> &'static str {
        "redis"
    }

    fn programs(&self) -> &'static [Program] {
        &[Program { name: "redis-server", package: "redis-server" }]
    }

    fn prepare(&self, _: &Home) -> Result<Option<Process>, Failed> {
        Ok(None)
    }

    fn start(&self, home: &Home, _: &Environment) -> Result<Option<Started>, Failed> {
        let port = Home::free_port()?;
        let mut server = home.process("server", serve(home, port)?, Stop::Terminate)?;
        server.until_ready(|| ask(port, "PING").is_some_and(|answer| answer.contains("PONG")))?;
        Ok(Some(Started { processes: vec![server], url: format!("redis://127.0.0.1:{port}") }))
    }
}

/// A server of this home, with all of its files there and no snapshots.
pub(super) fn serve(home: &Home, port: u16) -> Result<Command, Failed> {
    let mut serve = home.command("redis-server", Stop::Terminate)?;
    serve.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"]);
    // It would wait for replicas that are behind, and those are asked to stop too.
    serve.args(["--shutdown-timeout", "0"]);
    Ok(serve)
}

/// What a server answers to a command, as it stands on the wire.
pub(super) fn ask(port: u16, command: &str) -> Option<String> {
    let mut on = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    on.set_read_timeout(Some(PATIENCE)).ok()?;
    // A command may be a line of words, and after the second one the server hangs up.
    on.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    on.read_to_string(&mut answer).ok()?;
    Some(answer)
}
