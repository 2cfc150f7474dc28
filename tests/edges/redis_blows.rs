//! What befalls Redis. Workers are its user `app`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use async_trait::async_trait;

use crate::blow::Blow;
use crate::database::Database;
use crate::servers::Trouble;

pub(crate) struct Redis;

const APP: &str = "ACL SETUSER app on >secret ~* &* +@all";

#[async_trait]
impl Trouble for Redis {
    async fn found(url: &str) -> Self {
        say(url, &[APP]);
        Self
    }

    /// Users are kept in memory.
    async fn came_back(&mut self, url: &str) {
        say(url, &[APP]);
    }

    fn database(port: u16) -> Database {
        Database::Redis { url: format!("redis://app:secret@127.0.0.1:{port}") }
    }

    async fn begin(&mut self, url: &str, blow: Blow) {
        match blow {
            Blow::KillConnections => say(url, &["CLIENT KILL USER app"]),
            Blow::Full => say(url, &["CONFIG SET maxmemory 1"]),
            // Of a server that is away: what it has, it keeps.
            Blow::ReadOnly => say(url, &["REPLICAOF 127.0.0.1 1"]),
            Blow::Forbidden => say(url, &["ACL SETUSER app -evalsha -eval"]),
            Blow::Locked => say(url, &["CLIENT PAUSE 60000 WRITE"]),
            other => panic!("{other:?} does not befall it"),
        }
    }

    async fn end(&mut self, url: &str, blow: Blow) {
        match blow {
            Blow::Full => say(url, &["CONFIG SET maxmemory 0"]),
            Blow::ReadOnly => say(url, &["REPLICAOF NO ONE"]),
            Blow::Forbidden => say(url, &["ACL SETUSER app +evalsha +eval"]),
            Blow::Locked => say(url, &["CLIENT UNPAUSE"]),
            other => panic!("{other:?} does not last"),
        }
    }
}

/// Commands as lines of words; the server hangs up after the last.
fn say(url: &str, commands: &[&str]) {
    let address = url.trim_start_matches("redis://");
    let mut on = TcpStream::connect(address).expect("the server answers");
    for command in commands.iter().chain(&["QUIT"]) {
        on.write_all(format!("{command}\r\n").as_bytes()).expect("the server reads");
    }
    let mut answers = String::new();
    on.read_to_string(&mut answers).expect("the server answers");
    assert!(!answers.contains('-'), "{commands:?}: {answers}");
}
