//! PgBouncer in front of PostgreSQL, with a pool by transaction: two transactions of one client may be two sessions.

use std::fs;
use std::net::TcpStream;

use super::home::Home;
use super::install::Program;
use super::process::{Process, Stop};
use super::{Environment, Server, Started, postgres};
use crate::cargo::Failed;

pub(super) struct PgBouncer;

const VARIABLE: &str = "IDEM_TEST_PGBOUNCER_URL";

impl Server for PgBouncer {
    fn name(&self) -> &'static str {
        "pgbouncer"
    }

    fn variable(&self) -> &'static str {
        VARIABLE
    }

    fn user(&self) -> &'static str {
        "postgres"
    }

    fn programs(&self) -> &'static [Program] {
        &[Program { name: "pgbouncer", package: "pgbouncer" }]
    }

    fn prepare(&self, _: &Home) -> Result<Option<Process>, Failed> {
        Ok(None)
    }

    fn start(&self, home: &Home, there: &Environment) -> Result<Option<Started>, Failed> {
        let Some(behind) = there.value(postgres::VARIABLE).and_then(Behind::parse) else {
            eprintln!(
                "# no PgBouncer: {} has more in it than user:password@host:port/database; set {VARIABLE} yourself",
                postgres::VARIABLE
            );
            return Ok(None);
        };
        let port = Home::free_port()?;
        let (settings, users) = (home.path().join("pgbouncer.ini"), home.path().join("users.txt"));
        fs::write(&settings, behind.settings(port))
            .and_then(|()| fs::write(users, behind.users()))
            .map_err(|error| Failed::new(format!("writing PgBouncer's settings: {error}")))?;
        let mut serve = home.command("pgbouncer", Stop::Terminate)?;
        serve.arg(&settings);
        let mut server = home.process("server", serve, Stop::Terminate)?;
        server.until_ready(|| TcpStream::connect(("127.0.0.1", port)).is_ok())?;
        let url = format!("postgres://{}@127.0.0.1:{port}/{}", behind.user, behind.database);
        Ok(Some(Started { processes: vec![server], url }))
    }
}

/// The PostgreSQL that it stands in front of: the private one, or the user's if its address is a plain one.
struct Behind<'a> {
    user: &'a str,
    password: &'a str,
    host: &'a str,
    port: &'a str,
    database: &'a str,
}

impl<'a> Behind<'a> {
    fn parse(url: &'a str) -> Option<Self> {
        // What would have to be decoded for PgBouncer, or quoted, or is about TLS.
        if url.contains(|character: char| "%?\"[]".contains(character) || character.is_whitespace()) {
            return None;
        }
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"))?;
        let (user, rest) = rest.rsplit_once('@')?;
        let (user, password) = user.split_once(':').unwrap_or((user, ""));
        let (address, database) = rest.split_once('/')?;
        let (host, port) = address.split_once(':').unwrap_or((address, "5432"));
        let whole = [user, host, port, database].iter().all(|part| !part.is_empty());
        whole.then_some(Self { user, password, host, port, database })
    }

    /// Who may come, and what they are let in with behind it.
    fn users(&self) -> String {
        format!("\"{}\" \"{}\"\n", self.user, self.password)
    }

    /// The pool is smaller than what tests open, so that its clients do share sessions. `options` and
    /// `extra_float_digits` are what clients send first and a pooler cannot promise.
    fn settings(&self, listen_port: u16) -> String {
        let Self { host, port, .. } = self;
        format!(
            "[databases]\n\
             * = host={host} port={port}\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\n\
             listen_port = {listen_port}\n\
             unix_socket_dir =\n\
             auth_type = trust\n\
             auth_file = users.txt\n\
             pool_mode = transaction\n\
             default_pool_size = 8\n\
             max_client_conn = 500\n\
             ignore_startup_parameters = extra_float_digits,options\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(url: &str) -> Option<String> {
        let behind = Behind::parse(url)?;
        Some(format!("{} {}", behind.settings(1).lines().nth(1)?, behind.users().trim()))
    }

    #[test]
    fn the_parts_of_an_address_are_in_the_settings() {
        let private = r#"* = host=127.0.0.1 port=4321 "postgres" """#;
        assert_eq!(line("postgres://postgres@127.0.0.1:4321/postgres").as_deref(), Some(private));
        let own = r#"* = host=db port=5432 "me" "se:cret""#;
        assert_eq!(line("postgresql://me:se:cret@db/app").as_deref(), Some(own));
    }

    #[test]
    fn an_address_with_more_in_it_is_left_alone() {
        for url in ["postgres://me@db/app?sslmode=require", "postgres://me:a%20b@db/app", "postgres://db/app", "db"] {
            assert_eq!(line(url), None, "{url}");
        }
    }
}
