//! The scripts, each of them one atomic step on one record.

use std::sync::LazyLock;

use redis::{Cmd, Script as Hashed};

/// A script, and the hash by which the server knows it.
#[derive(Debug)]
pub(crate) struct Script {
    code: &'static str,
    hash: String,
}

/// Declares the scripts, each of them files one after the other.
macro_rules! scripts {
    ($($name:ident = $($file:literal)and+;)*) => {
        $(pub(crate) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!($(include_str!(concat!("lua/", $file, ".lua"))),+)));)*
    };
}

scripts! {
    FIND = "prelude" and "find";
    CLAIM = "claim_quick" and "prelude" and "claim";
    ISSUE = "prelude" and "issue";
    EXTEND = "prelude" and "extend";
    FINISH = "finish_quick" and "prelude" and "finish";
    RELEASE = "prelude" and "release";
    PURGE = "prelude" and "purge";
    ABANDONED = "prelude" and "abandoned";
    RIGHTS = "rights";
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
    let text: usize = arguments.iter().map(|argument| argument.as_ref().len()).sum();
    let mut command = Cmd::with_capacity(arguments.len() + 4, verb.len() + script.len() + 1 + name.len() + text);
    command.arg(verb).arg(script).arg(b"1").arg(name);
    for argument in arguments {
        command.arg(argument.as_ref());
    }
    command
}
