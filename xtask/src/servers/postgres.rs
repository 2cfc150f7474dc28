//! PostgreSQL.

use super::home::Home;
use super::install::Program;
use super::process::{Process, Stop};
use super::{Environment, Server, Started};
use crate::cargo::Failed;

/// One that keeps its promises: only the making of the empty database does without fsync.
pub(super) struct Postgres;

pub(super) const VARIABLE: &str = "IDEM_TEST_POSTGRES_URL";

impl Server for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn variable(&self) -> &'static str {
        VARIABLE
    }

    fn user(&self) -> &'static str {
        "postgres"
    }

    fn programs(&self) -> &'static [Program] {
        const PROGRAMS: [Program; 3] = [program("initdb"), program("postgres"), program("pg_isready")];
        &PROGRAMS
    }

    fn prepare(&self, home: &Home) -> Result<Option<Process>, Failed> {
        let mut init = home.command("initdb", Stop::ByItself)?;
        init.args(["--pgdata", "data", "--auth", "trust", "--username", "postgres", "--no-sync"]);
        init.args(["--encoding", "UTF8", "--locale", "C"]);
        home.process("initdb", init, Stop::ByItself).map(Some)
    }

    fn start(&self, home: &Home, _: &Environment) -> Result<Option<Started>, Failed> {
        let port = Home::free_port()?.to_string();
        let mut serve = home.command("postgres", Stop::Quit)?;
        serve.args(["-D", "data", "-p", &port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        serve.args(["-c", "max_connections=400"]);
        let mut server = home.process("server", serve, Stop::Quit)?;
        server.until_ready(|| home.succeeds("pg_isready", &["--host=127.0.0.1", "--port", &port, "--timeout=1"]))?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Ok(Some(Started { processes: vec![server], url }))
    }
}

const fn program(name: &'static str) -> Program {
    Program { name, package: "postgresql" }
}
