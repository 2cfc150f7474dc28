//! MariaDB, for what MySQL is named.

use super::home::Home;
use super::install::Program;
use super::process::{Process, Stop};
use super::{Environment, Server, Started};
use crate::cargo::Failed;

/// One with a database `test` and a `root` without a password.
pub(super) struct MariaDb;

const VARIABLE: &str = "IDEM_TEST_MYSQL_URL";

impl Server for MariaDb {
    fn name(&self) -> &'static str {
        "mariadb"
    }

    fn variable(&self) -> &'static str {
        VARIABLE
    }

    fn user(&self) -> &'static str {
        "mysql"
    }

    fn programs(&self) -> &'static [Program] {
        const PROGRAMS: [Program; 3] = [program("mariadb-install-db"), program("mariadbd"), program("mariadb")];
        &PROGRAMS
    }

    fn prepare(&self, home: &Home) -> Result<Option<Process>, Failed> {
        let mut init = home.command("mariadb-install-db", Stop::ByItself)?;
        // One word: after a space this script takes no folder and looks at the system's own.
        init.args(["--no-defaults", &data(home)]);
        init.args(["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]);
        // The smallest log, because most of the seconds that this takes are for writing an empty one.
        init.arg("--innodb-log-file-size=8M");
        home.process("mariadb-install-db", init, Stop::ByItself).map(Some)
    }

    fn start(&self, home: &Home, _: &Environment) -> Result<Option<Started>, Failed> {
        let port = Home::free_port()?.to_string();
        let mut serve = home.command("mariadbd", Stop::Terminate)?;
        // The socket's path is one from the data folder on: a full one may be longer than a socket's path can be.
        serve.args(["--no-defaults", &data(home), "--socket=mariadb.sock"]);
        serve.args(["--bind-address=127.0.0.1", "--port", &port, "--skip-name-resolve", "--max-connections=400"]);
        let mut server = home.process("server", serve, Stop::Terminate)?;
        // It is ready for tests when it has made their database.
        let client = ["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--user=root", "--port", &port];
        let create = [&client[..], &["--execute", "CREATE DATABASE IF NOT EXISTS test"]].concat();
        server.until_ready(|| home.succeeds("mariadb", &create))?;
        Ok(Some(Started { processes: vec![server], url: format!("mysql://root@127.0.0.1:{port}/test") }))
    }
}

fn data(home: &Home) -> String {
    format!("--datadir={}", home.path().join("data").display())
}

const fn program(name: &'static str) -> Program {
    Program { name, package: "mariadb-server" }
}
