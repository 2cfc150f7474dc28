//! PostgreSQL as a program.

use std::process::Command;

use crate::server::{Home, IDLE};

pub(crate) fn prepare(home: &Home) -> Command {
    let mut init = home.command("initdb");
    init.args(["--pgdata", "data", "--auth", "trust", "--username", "postgres", "--no-sync"]);
    init.args(["--encoding", "UTF8", "--locale", "C"]);
    init
}

/// It keeps its promises: fsync and synchronous commit are on.
pub(crate) fn serve(home: &Home, port: u16) -> Command {
    let mut serve = home.command("postgres");
    serve.args(["-D", "data", "-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
    serve.args(["-c", "unix_socket_directories=", "-c", "max_connections=400"]);
    serve.args(["-c", &format!("idle_in_transaction_session_timeout={}", IDLE.as_millis())]);
    serve
}

pub(crate) fn ask(home: &Home, port: u16) -> Command {
    let mut ask = home.command("pg_isready");
    ask.args(["--host=127.0.0.1", "--port", &port.to_string(), "--timeout=1"]);
    ask
}
