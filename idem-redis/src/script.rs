//! The scripts, each of them one atomic step on one record.

use std::sync::LazyLock;

use redis::{Cmd, Script as Hashed, cmd};

/// A script, and the hash by which the server knows it.
#[derive(Debug)]
pub(crate) struct Script {
    code: &'static str,
    hash: String,
}

/// Declares the scripts: the prelude and a file each.
macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {
        $($(#[$doc])* pub(crate) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!(include_str!("lua/prelude.lua"), include_str!($file))));)*
    };
}

scripts! {
    FIND = "lua/find.lua";
    CLAIM = "lua/claim.lua";
    ISSUE = "lua/issue.lua";
    EXTEND = "lua/extend.lua";
    FINISH = "lua/finish.lua";
    RELEASE = "lua/release.lua";
    PURGE = "lua/purge.lua";
}

impl Script {
    fn new(code: &'static str) -> Self {
        Self { code, hash: Hashed::new(code).get_hash().to_owned() }
    }

    /// Runs the script that the server knows.
    pub(crate) fn by_hash<A: AsRef<[u8]>>(&self, name: &[u8], arguments: &[A]) -> Cmd {
        command("EVALSHA", &self.hash, name, arguments)
    }

    /// Runs the script, from which the server also learns it. In a Cluster it goes where the record is, which
    /// `SCRIPT LOAD` would have to be told.
    pub(crate) fn by_code<A: AsRef<[u8]>>(&self, name: &[u8], arguments: &[A]) -> Cmd {
        command("EVAL", self.code, name, arguments)
    }
}

fn command<A: AsRef<[u8]>>(verb: &str, script: &str, name: &[u8], arguments: &[A]) -> Cmd {
    let mut command = cmd(verb);
    command.arg(script).arg(1).arg(name);
    for argument in arguments {
        command.arg(argument.as_ref());
    }
    command
}
