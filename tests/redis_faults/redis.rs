//! Redis as a program.

use std::process::Command;

use crate::server::Home;

/// Nothing: an empty folder will do.
pub(crate) fn prepare(home: &Home) -> Command {
    home.command("true")
}

/// It keeps its promises: it answers when its log is on the disk.
pub(crate) fn serve(home: &Home, port: u16) -> Command {
    let mut serve = home.command("redis-server");
    serve.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
    serve.args(["--appendonly", "yes", "--appendfsync", "always"]);
    serve
}

pub(crate) fn ask(home: &Home, port: u16) -> Command {
    let mut ask = home.command("redis-cli");
    // With `-e` a server that is still reading its log has not answered.
    ask.args(["-p", &port.to_string(), "-e", "PING"]);
    ask
}
