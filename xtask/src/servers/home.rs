//! Where servers keep their files.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use rustix::process::geteuid;

use super::install::find;
use super::process::{Process, Stop};
use crate::cargo::Failed;

/// Below what Linux gives to outgoing connections, which would otherwise sit on a port before its server does, and below where
/// tests look for ports of their own.
const PORTS: Range<u16> = 10_000..12_700;

/// A temporary folder, removed with this.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn temporary() -> Result<Self, Failed> {
        let path = env::temp_dir().join(format!("idem-servers-{}", std::process::id()));
        // `create_dir` and not `create_dir_all`: a folder that is there already is somebody else's.
        let named = |error| Failed::new(format!("{}: {error}", path.display()));
        fs::create_dir(&path).map_err(named)?;
        let folder = Self { path: path.clone() };
        // Whatever our own mask is, the servers' users have to get through.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(named)?;
        Ok(folder)
    }

    /// A folder in it for one server, which belongs to `user` if we are root.
    pub(super) fn home(&self, name: &'static str, user: &'static str) -> Result<Home, Failed> {
        let user = geteuid().is_root().then_some(user);
        let path = self.path.join(name);
        let log = self.path.join(format!("{name}.log"));
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| Failed::new(format!("{}: {error}", path.display())))?;
        let home = Home { name, user, path, log };
        if let Some(user) = user {
            let mut chown = Command::new("chown");
            chown.arg(format!("{user}:")).arg(&home.path);
            home.process("chown", chown, Stop::ByItself)?.until_success()?;
        }
        Ok(home)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("xtask: {} stays behind: {error}", self.path.display());
        }
    }
}

/// The folder of one server, and the user that it runs as if that is not ours.
pub(super) struct Home {
    name: &'static str,
    user: Option<&'static str>,
    path: PathBuf,
    log: PathBuf,
}

impl Home {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A program of this server's package, as the user that the server runs as. Where there is `setpriv` (every Linux)
    /// it gets its signal to stop when we end without our guards, as by `kill -9`. That signal counts the thread that
    /// started the process as its parent, which is why servers are started by the main thread.
    pub(super) fn command(&self, program: &str, stop: Stop) -> Result<Command, Failed> {
        let program = find(program).ok_or_else(|| Failed::new(format!("`{program}` is not installed")))?;
        let Some(setpriv) = find("setpriv") else { return Ok(Command::new(program)) };
        let mut command = Command::new(setpriv);
        command.args(["--pdeathsig", stop.death_signal()]);
        if let Some(user) = self.user {
            command.args(["--reuid", user, "--regid", user, "--init-groups"]);
        }
        command.arg("--").arg(program);
        Ok(command)
    }

    /// Starts a command of this server, in its folder and with its temporary files there: a MariaDB that starts removes
    /// the temporary tables it finds, and in `/tmp` those are another one's.
    pub(super) fn process(&self, what: &str, mut command: Command, stop: Stop) -> Result<Process, Failed> {
        // Where the server's user may be: not where root has called us.
        command.current_dir(&self.path).env("TMPDIR", &self.path);
        Process::start(format!("{} ({what})", self.name), command, &self.log, stop)
    }

    /// Whether one of this server's programs, which asks the server something, says yes.
    pub(super) fn succeeds(&self, program: &str, arguments: &[&str]) -> bool {
        self.command(program, Stop::ByItself).is_ok_and(|mut command| {
            command.args(arguments).current_dir(&self.path);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        })
    }

    /// A port that nobody listens at. Nobody else who looks here finds it as long as this process lives: it keeps the port
    /// of the same number for datagrams, which nobody uses.
    pub(super) fn free_port() -> Result<u16, Failed> {
        let span = u32::from(PORTS.end - PORTS.start);
        let begin = std::process::id().wrapping_mul(37) % span;
        let offsets = (0..span).filter_map(|step| u16::try_from((begin + step) % span).ok());
        for port in offsets.map(|offset| PORTS.start + offset) {
            let reserved = UdpSocket::bind((Ipv4Addr::LOCALHOST, port));
            if let (Ok(reserved), Ok(_)) = (reserved, TcpListener::bind((Ipv4Addr::LOCALHOST, port))) {
                std::mem::forget(reserved);
                return Ok(port);
            }
        }
        Err(Failed::new("finding a free port: none is left"))
    }
}
