//! A redis-server of a test's own, which can be killed.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::geteuid;
use tempfile::TempDir;

use crate::port::Port;
use crate::spawner::spawn;

/// What a server has for anything that a test waits for. It takes a second or two.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A server in a folder of its own; dead, and the folder gone, when this is dropped.
pub(crate) struct Node {
    port: Port,
    child: Child,
    _folder: TempDir,
}

impl Node {
    /// One that answers, at a port of its own.
    pub(crate) fn start(settings: &[&str]) -> Self {
        let port = Port::reserve();
        let folder = tempfile::Builder::new().prefix("idem-failover-").tempdir().expect("there is room for a folder");
        let mut serve = command(&folder);
        serve.args(["--port", &port.number().to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"]);
        serve.args(["--repl-diskless-sync-delay", "0"]).args(settings);
        serve.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let node = Self { port, child: spawn(serve), _folder: folder };
        node.wait_until("PING", "PONG");
        node
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.number()
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    /// `kill -9`: what it had not sent is lost.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// What it answers to a command, as it stands on the wire; nothing if it does not answer.
    pub(crate) fn ask(&self, command: &str) -> Option<String> {
        let mut on = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port())).ok()?;
        on.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        // A command may be a line of words, and after the second one the server hangs up.
        on.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).ok()?;
        let mut answer = String::new();
        on.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Asks again and again until the answer has this in it.
    pub(crate) fn wait_until(&self, command: &str, wanted: &str) {
        let began = Instant::now();
        loop {
            let answer = self.ask(command);
            if answer.as_ref().is_some_and(|answer| answer.contains(wanted)) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{command}: no {wanted} in {answer:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Node {
    /// Nothing happens to one that is dead already.
    fn drop(&mut self) {
        self.end();
    }
}

/// `redis-server`, as its own user if we are root, and dead when we are.
fn command(folder: &TempDir) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if geteuid().is_root() {
        let chown = Command::new("chown").arg("redis:").arg(folder.path()).status();
        assert!(chown.is_ok_and(|status| status.success()), "`chown` to redis; `cargo xtask test` installs Redis");
        command.args(["--reuid", "redis", "--regid", "redis", "--init-groups"]);
    }
    command.arg("--").arg(program());
    command
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join("redis-server"))
        .find(|file| file.is_file())
        .expect("`redis-server` is missing; run `cargo xtask test`, which installs it")
}
