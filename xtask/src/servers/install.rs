//! Finding programs, and installing those that are missing where we may: as root, by `apt-get`.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::geteuid;

use crate::cargo::Failed;
use crate::run;

/// A program that we need, and the Debian package that it is in.
#[derive(Clone, Copy)]
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) package: &'static str,
}

/// Finds all of these, after installing what is missing.
pub(super) fn all(programs: impl Iterator<Item = Program> + Clone) -> Result<(), Failed> {
    let packages = missing(programs.clone(), |name| find(name).is_some());
    if packages.is_empty() {
        return Ok(());
    }
    for command in commands(&packages, geteuid().is_root() && find("apt-get").is_some())? {
        let line = command.join(" ");
        eprintln!("\n# {line}");
        let mut apt = Command::new(&command[0]);
        apt.args(&command[1..]).env("DEBIAN_FRONTEND", "noninteractive");
        run::apart(apt, &format!("`{line}`"))?;
    }
    match missing(programs, |name| find(name).is_some()).as_slice() {
        [] => Ok(()),
        packages => Err(Failed::new(format!("installed, but without the programs we need: {}", packages.join(" ")))),
    }
}

/// Where a program is. The folder of PostgreSQL comes first: what stands in `/usr/bin` under the names of its programs
/// is a script that looks for Debian's own servers.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // The last ones are on root's PATH only, and it is there that Debian puts `mariadbd` and `pgbouncer`.
    let others = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    newest_postgres()
        .into_iter()
        .chain(env::split_paths(&path))
        .chain(others)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// The folder of the newest PostgreSQL that has a server; a newer one may be there that is a client only.
fn newest_postgres() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let version = |name: String| name.parse::<u32>().ok();
    versions
        .filter(|folder| folder.path().join("bin/postgres").is_file())
        .max_by_key(|folder| folder.file_name().into_string().ok().and_then(version))
        .map(|folder| folder.path().join("bin"))
}

/// The packages of the programs that are not `there`, each once.
fn missing(programs: impl Iterator<Item = Program>, there: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let mut packages: Vec<_> = programs.filter(|program| !there(program.name)).map(|program| program.package).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// What installs these packages, or what to do if we may not.
fn commands(packages: &[&str], permitted: bool) -> Result<[Vec<String>; 2], Failed> {
    let packages = packages.join(" ");
    if !permitted {
        return Err(Failed::new(format!(
            "tests that need a server need these packages too: {packages}\n\n\
             apt-get install {packages}      installs them on Debian, as root\n\
             cargo xtask test --embedded     runs the tests that need no server\n\n\
             A server of your own is used if its variable is set: {}",
            super::ALL.map(super::Server::variable).join(", ")
        )));
    }
    let words = |line: &str| line.split(' ').map(str::to_owned).collect();
    let install = format!("apt-get install --yes --no-install-recommends {packages}");
    Ok([words("apt-get update"), words(&install)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAMS: [Program; 3] = [
        Program { name: "mariadbd", package: "mariadb-server" },
        Program { name: "initdb", package: "postgresql" },
        Program { name: "postgres", package: "postgresql" },
    ];

    #[test]
    fn a_package_is_missing_once_if_any_of_its_programs_is() {
        assert_eq!(missing(PROGRAMS.into_iter(), |_| true), [""; 0]);
        assert_eq!(missing(PROGRAMS.into_iter(), |name| name != "postgres"), ["postgresql"]);
        assert_eq!(missing(PROGRAMS.into_iter(), |_| false), ["mariadb-server", "postgresql"]);
    }

    #[test]
    fn the_lists_are_fetched_and_only_what_is_missing_is_installed() {
        let commands = commands(&["pgbouncer", "postgresql"], true).map(|lines| lines.map(|words| words.join(" ")));
        assert_eq!(
            commands.map_err(|failed| failed.what),
            Ok([
                "apt-get update".to_owned(),
                "apt-get install --yes --no-install-recommends pgbouncer postgresql".to_owned()
            ])
        );
    }

    #[test]
    fn without_permission_the_packages_and_the_command_that_needs_none_are_named() {
        let told = commands(&["pgbouncer"], false).map_err(|failed| failed.what).expect_err("must not install");
        for needed in ["apt-get install pgbouncer ", "cargo xtask test --embedded", "IDEM_TEST_POSTGRES_URL"] {
            assert!(told.contains(needed), "{needed} is not in: {told}");
        }
    }
}
