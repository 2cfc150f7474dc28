//! A server of a test's own, for what must not happen to the shared one.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::port::Port;

/// A private `redis-server`, which ends with this.
pub(crate) struct Server {
    folder: TempDir,
    port: Port,
    child: Child,
}

impl Server {
    /// Starts it with more options, such as `["--maxmemory", "2mb"]`.
    pub(crate) fn start(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = Port::reserve();
        let mut child = spawn(&folder, port.number(), options);
        assert!(is_up(&mut child, port.number()), "redis-server does not start");
        Self { folder, port, child }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.number()
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it was killed");
    }

    /// Starts it again, on its port and with its files.
    pub(crate) fn start_again(&mut self, options: &[&str]) {
        self.child = spawn(&self.folder, self.port(), options);
        assert!(is_up(&mut self.child, self.port.number()), "redis-server does not start again");
    }

    /// Sends it `-STOP` or `-CONT`.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("there is a `kill`").success());
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &TempDir, port: u16, options: &[&str]) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string()])
        .arg("--dir")
        .arg(folder.path())
        .args(options)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server is installed")
}

fn is_up(child: &mut Child, port: u16) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        if child.try_wait().expect("it is ours").is_some() {
            return false;
        }
        if answers(port).is_ok() {
            return true;
        }
        sleep(Duration::from_millis(10));
    }
    false
}

/// Reads an answer, whatever it says.
fn answers(port: u16) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(b"PING\r\nQUIT\r\n")?;
    stream.read_to_string(&mut String::new()).map(drop)
}
