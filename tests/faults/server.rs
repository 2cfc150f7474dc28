//! Database servers of this suite's own, which can be killed.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

use crate::database::Kind;
use crate::port::Port;
use crate::spawner::spawn;

/// What a server has until it answers. It takes a second or two.
const PATIENCE: Duration = Duration::from_mins(1);
const TICK: Duration = Duration::from_millis(20);

/// How long a transaction may idle before the server gives it up: what a stopped worker holds others up for.
pub(crate) const IDLE: Duration = Duration::from_secs(1);

/// A server that is ended, and its folder removed, when it is dropped.
pub(crate) struct Server {
    home: Home,
    port: Port,
    /// Gone while it is dead.
    child: Option<Child>,
}

/// Where a server keeps its files, and as whom it runs.
pub(crate) struct Home {
    pub(crate) kind: Kind,
    folder: TempDir,
}

impl Server {
    /// A new one, which answers.
    pub(crate) fn start(kind: Kind) -> Self {
        let folder = tempfile::Builder::new().prefix("idem-faults-").tempdir().expect("there is room for a folder");
        let home = Home { kind, folder };
        home.give_away();
        let status = home.spawn(kind.prepare(&home), "prepare").wait().expect("it is a child");
        assert!(status.success(), "{kind:?} could not be prepared: {status}\n{}", home.log("prepare"));
        let mut server = Self { home, port: Port::reserve(), child: None };
        server.restart();
        server
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.number()
    }

    /// The address of its database of tests.
    pub(crate) fn url(&self) -> String {
        self.home.kind.url(self.port())
    }

    /// `kill -9` of the server and of all of its children: what it had not written is lost.
    pub(crate) fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let pid = Pid::from_child(&child);
        // Stopped first, so that it makes no more children while they are counted.
        let _ = kill_process(pid, Signal::STOP);
        let children = children(pid);
        for one in children.iter().chain([&pid]) {
            let _ = kill_process(*one, Signal::KILL);
        }
        child.wait().expect("it is a child");
        // A server does not start while a child of the one before is there.
        let began = Instant::now();
        while children.iter().any(|child| is_alive(*child)) && began.elapsed() < PATIENCE {
            std::thread::sleep(TICK);
        }
    }

    /// Starts it on what is in its folder, and waits until it answers.
    pub(crate) fn restart(&mut self) {
        let began = Instant::now();
        let mut child = self.home.spawn(self.home.kind.serve(&self.home, self.port()), "server");
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port())).is_err() || !self.answers() {
            let ended = child.try_wait().expect("it is a child");
            let late = began.elapsed() > PATIENCE;
            if let (Some(status), _) | (None, Some(status)) = (ended, late.then(std::process::ExitStatus::default)) {
                let _ = kill_process(Pid::from_child(&child), Signal::KILL);
                panic!("{:?} does not answer: {status}, late: {late}\n{}", self.home.kind, self.home.log("server"));
            }
            std::thread::sleep(TICK);
        }
        self.child = Some(child);
    }

    /// Whether its own client is answered; its database is made meanwhile.
    fn answers(&self) -> bool {
        let mut ask = self.home.kind.ask(&self.home, self.port());
        ask.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir(self.home.path());
        ask.status().expect("the client can be started").success()
    }
}

impl Drop for Server {
    /// `kill -9`: nobody will read what it had still to write. Its shared memory goes first, which it would leave behind.
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = kill_process(Pid::from_child(child), self.home.kind.stop());
            let asked = Instant::now();
            while asked.elapsed() < Duration::from_secs(5) && matches!(child.try_wait(), Ok(None)) {
                std::thread::sleep(TICK);
            }
        }
        if self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None))) {
            self.kill();
        }
    }
}

impl Home {
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Servers do not run as root.
    fn give_away(&self) {
        if geteuid().is_root() {
            let chown = Command::new("chown").arg(format!("{}:", self.kind.user())).arg(self.path()).status();
            assert!(chown.is_ok_and(|status| status.success()), "`chown` to {}", self.kind.user());
        }
    }

    /// A program of the server's package, as its user, that dies with us.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(find("setpriv"));
        command.args(["--pdeathsig", "KILL"]);
        if geteuid().is_root() {
            command.args(["--reuid", self.kind.user(), "--regid", self.kind.user(), "--init-groups"]);
        }
        command.arg("--").arg(find(program));
        command
    }

    /// In its folder, and with its temporary files there: a MariaDB that starts removes those that it finds.
    fn spawn(&self, mut command: Command, log: &str) -> Child {
        let output =
            File::options().create(true).append(true).open(self.path().join(log)).expect("a log can be written");
        let errors = output.try_clone().expect("a file can be shared");
        command.current_dir(self.path()).env("TMPDIR", self.path());
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        spawn(command)
    }

    fn log(&self, log: &str) -> String {
        let text = fs::read(self.path().join(log)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let from = text.lines().count().saturating_sub(40);
        text.lines().skip(from).collect::<Vec<_>>().join("\n")
    }
}

/// Where a program is. The folder of the newest PostgreSQL comes first; Debian has the others on root's path.
pub(crate) fn find(program: &str) -> PathBuf {
    let mut postgres: Vec<_> = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().collect();
    postgres.sort_by_key(|folder| folder.file_name().to_string_lossy().parse::<u32>().ok());
    let path = std::env::var_os("PATH").unwrap_or_default();
    postgres
        .into_iter()
        .rev()
        .map(|folder| folder.path().join("bin"))
        .chain(std::env::split_paths(&path))
        .chain(["/usr/local/sbin", "/usr/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("`{program}` is missing; run `cargo xtask test`, which installs it"))
}

fn children(of: Pid) -> Vec<Pid> {
    let of = of.as_raw_nonzero();
    let text = fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect()
}

/// One that is dead may still be in the list, until somebody asks how it died.
fn is_alive(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}
