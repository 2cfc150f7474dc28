//! The test programs of the workspace: built by cargo, and run by us as cargo would.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cargo::{Failed, cargo};

/// A test program that cargo has built.
pub(crate) struct Program {
    package: String,
    version: String,
    target: String,
    executable: PathBuf,
    /// The folder of its package, which is where cargo runs it.
    folder: PathBuf,
}

/// Packages whose ignored tests are those that need a server. In others they are ignored for another reason.
const WITH_SERVERS: [&str; 3] = ["idem-sqlx", "idem-redis", "idem-rs"];

/// Builds all of them.
pub(crate) fn build() -> Result<Vec<Program>, Failed> {
    let options = ["--no-run", "--message-format", "json-render-diagnostics"];
    let told = cargo(["test", "--workspace", "--all-features", "--all-targets"].into_iter().chain(options)).output()?;
    let programs: Vec<_> = told.lines().filter_map(Program::told).collect();
    if programs.is_empty() { Err(Failed::new("cargo has built no test program")) } else { Ok(programs) }
}

impl Program {
    /// The program that a line of cargo's tells of, if it does.
    fn told(line: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(line).ok()?;
        if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
            return None;
        }
        let (package, version) = package(message["package_id"].as_str()?)?;
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
        let kind = message["target"]["kind"][0].as_str()?;
        let name = message["target"]["name"].as_str()?;
        let target = if kind == "test" { name.to_owned() } else { format!("{kind} {name}") };
        Some(Self { package, version, target, executable: message["executable"].as_str()?.into(), folder })
    }

    pub(crate) fn name(&self) -> String {
        format!("{}::{}", self.package, self.target)
    }

    /// What runs it, with the tests that need a server if there are any.
    pub(crate) fn command(&self, servers: bool, libraries: &str) -> Command {
        let mut command = Command::new(&self.executable);
        if servers && WITH_SERVERS.contains(&self.package.as_str()) {
            command.arg("--include-ignored");
        }
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command.env("CARGO_PKG_NAME", &self.package).env("CARGO_PKG_VERSION", &self.version);
        let others = env::var("LD_LIBRARY_PATH").unwrap_or_default();
        command.env("LD_LIBRARY_PATH", format!("{libraries}:{others}"));
        command
    }
}

/// Where the libraries of the compiler are, which tests of a macro crate are linked with.
pub(crate) fn libraries() -> Result<String, Failed> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = Command::new(rustc).args(["--print", "target-libdir"]).output();
    let told = told.map_err(|error| Failed::new(format!("`rustc`: {error}")))?;
    Ok(String::from_utf8_lossy(&told.stdout).trim().to_owned())
}

/// The name and version in an id, which is `path+file:///folder#version` or `path+file:///folder#name@version`.
fn package(id: &str) -> Option<(String, String)> {
    let (place, rest) = id.rsplit_once('#')?;
    let (name, version) = match rest.split_once('@') {
        Some(both) => both,
        None => (place.rsplit_once('/')?.1, rest),
    };
    Some((name.to_owned(), version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_by_its_folder_or_by_itself() {
        let named = |id| package(id).map(|(name, version)| format!("{name} {version}"));
        assert_eq!(named("path+file:///work/idem/idem-sqlx#0.1.0").as_deref(), Some("idem-sqlx 0.1.0"));
        assert_eq!(named("path+file:///work/idem#idem-rs@0.1.0").as_deref(), Some("idem-rs 0.1.0"));
    }

    #[test]
    fn only_test_programs_are_told_of() {
        let line = |test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"path+file:///w#idem-rs@0.1.0","manifest_path":"/w/Cargo.toml",
                "target":{{"kind":["test"],"name":"crash"}},"profile":{{"test":{test}}},"executable":"/w/target/crash"}}"#
            )
        };
        assert_eq!(Program::told(&line(true)).map(|program| program.name()).as_deref(), Some("idem-rs::crash"));
        assert!(Program::told(&line(false)).is_none() && Program::told("").is_none());
    }
}
