//! Private servers for tests: on free ports of this machine, in a temporary folder, gone with [`Servers`].
//!
//! A server is a file that implements [`Server`], and a line in [`ALL`]. A variable that is set already is used as it
//! is, and its server is not started.

mod process;
mod home;
mod install;
mod redis;
mod cluster;
mod postgres;
mod mariadb;
mod pgbouncer;

use std::env;
use std::time::Instant;

use crate::cargo::Failed;
use home::{Folder, Home};
use install::Program;
use process::Process;

/// In the order they start in: a later one may stand in front of an earlier one. Those that need no preparation come first,
/// so that they start while the others' is under way.
const ALL: [&dyn Server; 5] =
    [&redis::Redis, &cluster::Cluster, &postgres::Postgres, &mariadb::MariaDb, &pgbouncer::PgBouncer];

/// What tests use beside servers.
const TOOLS: [Program; 1] = [Program { name: "faketime", package: "faketime" }];

/// One kind of server.
trait Server {
    /// The name of its folder and its log.
    fn name(&self) -> &'static str;

    /// The variable that tests find its address in.
    fn variable(&self) -> &'static str;

    /// The user that it runs as if we are root, which servers refuse to run as.
    fn user(&self) -> &'static str;

    fn programs(&self) -> &'static [Program];

    /// Begins what takes long and needs no other server: all servers do this side by side. `start` is called after the
    /// process has succeeded.
    fn prepare(&self, home: &Home) -> Result<Option<Process>, Failed>;

    /// Starts it and waits until it answers. Nothing if it cannot run beside what is `there`, after saying so.
    fn start(&self, home: &Home, there: &Environment) -> Result<Option<Started>, Failed>;
}

/// A server that answers; several processes if it is a cluster.
struct Started {
    processes: Vec<Process>,
    url: String,
}

/// The variables so far, the user's and those of servers that have started.
struct Environment(Vec<(&'static str, String)>);

impl Environment {
    /// What the user has set.
    fn given() -> Self {
        let value = |variable| env::var(variable).ok().map(|value| (variable, value));
        Self(ALL.iter().filter_map(|server| value(server.variable())).collect())
    }

    fn value(&self, variable: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == variable).map(|(_, value)| value.as_str())
    }

    fn wanted(&self) -> impl Iterator<Item = &'static dyn Server> {
        ALL.into_iter().filter(|server| self.value(server.variable()).is_none())
    }
}

/// Finds or installs what [`Servers::start`] is going to need.
pub(crate) fn install() -> Result<(), Failed> {
    let servers = Environment::given().wanted().flat_map(Server::programs).copied().collect::<Vec<_>>();
    install::all(servers.into_iter().chain(TOOLS))
}

/// The servers while this lives. After it nothing is left: no process, no file.
pub(crate) struct Servers {
    environment: Environment,
    processes: Vec<Process>,
    // The last field, because fields are dropped in this order: nobody writes any longer when the folder goes.
    folder: Folder,
}

impl Servers {
    /// Starts those that the user has not named.
    pub(crate) fn start() -> Result<Self, Failed> {
        install()?;
        let began = Instant::now();
        let mut servers =
            Self { environment: Environment::given(), processes: Vec::new(), folder: Folder::temporary()? };
        let mut preparing = Vec::new();
        for server in servers.environment.wanted() {
            let home = servers.folder.home(server.name(), server.user())?;
            let process = server.prepare(&home)?;
            preparing.push((server, home, process));
        }
        for (server, home, process) in preparing {
            if let Some(mut process) = process {
                process.until_success()?;
            }
            if let Some(Started { processes, url }) = server.start(&home, &servers.environment)? {
                servers.processes.extend(processes);
                servers.environment.0.push((server.variable(), url));
            }
        }
        eprintln!("\n# servers ready after {:.1} s", began.elapsed().as_secs_f64());
        Ok(servers)
    }

    /// The names and values that tell a test where the servers are.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.environment.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

impl Drop for Servers {
    /// All are asked before the first is waited for, the last one first: a pooler before what it stands in front of.
    fn drop(&mut self) {
        for process in self.processes.iter().rev() {
            process.ask_to_stop();
        }
    }
}
