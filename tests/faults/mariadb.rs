//! MariaDB as a program, for what MySQL is named.

use std::process::Command;

use crate::server::{Home, IDLE};

pub(crate) fn prepare(home: &Home) -> Command {
    let mut init = home.command("mariadb-install-db");
    // One word: after a space this script takes no folder and looks at the system's own.
    init.args(["--no-defaults", &data(home)]);
    init.args(["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]);
    // The smallest log, because most of the seconds that this takes are for writing an empty one.
    init.arg("--innodb-log-file-size=8M");
    init
}

/// It keeps its promises: its log is flushed at each commit, which is its default, and so is its binary log. Without that
/// one, InnoDB shows a commit to others before it has flushed it: what a duplicate was told may be forgotten in a crash.
pub(crate) fn serve(home: &Home, port: u16) -> Command {
    let mut serve = home.command("mariadbd");
    // The socket's path is one from the data folder on: a full one may be longer than a socket's path can be.
    serve.args(["--no-defaults", &data(home), "--socket=mariadb.sock", "--bind-address=127.0.0.1"]);
    serve.args(["--port", &port.to_string(), "--skip-name-resolve", "--max-connections=400"]);
    serve.args(["--innodb-log-file-size=48M", "--innodb-lock-wait-timeout=3"]);
    serve.args(["--log-bin=binlog", "--sync-binlog=1", "--server-id=1"]);
    serve.arg(format!("--idle-transaction-timeout={}", IDLE.as_secs()));
    serve
}

pub(crate) fn ask(home: &Home, port: u16) -> Command {
    let mut ask = home.command("mariadb");
    ask.args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--user=root", "--port", &port.to_string()]);
    ask.args(["--execute", "CREATE DATABASE IF NOT EXISTS test"]);
    ask
}

fn data(home: &Home) -> String {
    format!("--datadir={}", home.path().join("data").display())
}
