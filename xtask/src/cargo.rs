//! Running cargo.

use std::path::Path;
use std::process::Command;

use crate::run;

/// What went wrong, as a sentence for the terminal.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) what: String,
}

impl Failed {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }

    /// What the terminal has been told already.
    pub(crate) fn told() -> Self {
        Self::new("")
    }
}

/// A call of cargo that is about to run.
pub(crate) struct Cargo {
    command: Command,
    name: String,
}

/// The cargo that runs this program, with these arguments.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Cargo {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(&arguments);
    Cargo { command, name: format!("cargo {}", arguments.join(" ")) }
}

impl Cargo {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn envs<'a>(mut self, variables: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        self.command.envs(variables);
        self
    }

    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// For whoever runs it in another way.
    pub(crate) fn command(self) -> Command {
        self.command
    }

    /// Runs it with its output on the terminal.
    pub(crate) fn run(self) -> Result<(), Failed> {
        eprintln!("\n# {}", self.name);
        run::apart(self.command, &format!("`{}`", self.name))
    }

    /// Runs it and hands out what it printed.
    pub(crate) fn output(self) -> Result<String, Failed> {
        eprintln!("\n# {}", self.name);
        run::output(self.command, &format!("`{}`", self.name))
    }
}
