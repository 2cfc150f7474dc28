//! The README's programs, as a new user has them: in a fresh crate outside this workspace.

use std::fmt::Display;
use std::path::Path;
use std::{env, fs};

use crate::cargo::{Failed, cargo};

/// A program of the README, and what two runs of it print.
struct Program {
    /// The heading that it stands under; the first one stands under none.
    under: &'static str,
    printed: &'static str,
}

const PROGRAMS: [Program; 3] = [
    // On one file, so the body runs once in all.
    Program { under: "# idem\n", printed: "charging 1250\n" },
    Program { under: "## States", printed: STATES },
    // On a database of its own each time.
    Program {
        under: "## Rows",
        printed: "Unpaid -> Paid\npaid before\nversion 3\nUnpaid -> Paid\npaid before\nversion 3\n",
    },
];

const STATES: &str = include_str!("readme/states.txt");

/// Builds each program and runs it twice.
pub(crate) fn check() -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or_else(|| Failed::new("the workspace is not where it was built"))?;
    let readme = fs::read_to_string(root.join("README.md")).map_err(io)?;
    let dependencies = dependencies(&readme)?;

    let folder = env::temp_dir().join(format!("idem-readme-{}", std::process::id()));
    let checked = PROGRAMS.iter().try_for_each(|program| {
        write(&folder, root, &dependencies, program.text(&readme)?).map_err(io)?;
        program.compare(&run_twice(&folder, root)?)
    });
    fs::remove_dir_all(&folder).map_err(io)?;
    checked
}

impl Program {
    /// The first block of Rust under the heading.
    fn text<'a>(&self, readme: &'a str) -> Result<&'a str, Failed> {
        let (_, section) = readme.split_once(self.under).ok_or_else(|| self.failed("there is no such heading"))?;
        let (_, block) = section.split_once("```rust").ok_or_else(|| self.failed("there is no program"))?;
        let (_, block) = block.split_once('\n').ok_or_else(|| self.failed("there is no program"))?;
        block.split_once("```").map(|(text, _)| text).ok_or_else(|| self.failed("the program has no end"))
    }

    fn compare(&self, printed: &str) -> Result<(), Failed> {
        if printed == self.printed {
            return Ok(());
        }
        Err(self.failed(&format!("two runs printed\n{printed}\nand not\n{}", self.printed)))
    }

    fn failed(&self, what: &str) -> Failed {
        Failed::new(format!("the README's program under `{}`: {what}", self.under.trim()))
    }
}

/// What the README tells users to depend on: the block of its beginning, and the line for rows.
fn dependencies(readme: &str) -> Result<String, Failed> {
    let between = |start: &str, end: &str| {
        let (_, rest) = readme.split_once(start)?;
        rest.split_once(end).map(|(block, _)| block.to_owned())
    };
    let missing = || Failed::new("the README does not say what to depend on");
    let block = between("```toml\n", "```").ok_or_else(missing)?;
    let sqlx = between("`sqlx = ", "`").ok_or_else(missing)?;
    Ok(format!("{block}sqlx = {sqlx}\n"))
}

/// A crate that depends on this one by path, with our lock file, so that it needs no network that we do not.
fn write(folder: &Path, root: &Path, dependencies: &str, program: &str) -> std::io::Result<()> {
    let dependencies = dependencies.replace(r#"version = "0.1""#, &format!("path = {:?}", root.display().to_string()));
    let manifest = format!("[package]\nname = \"fresh\"\nedition = \"2024\"\n\n[workspace]\n\n{dependencies}");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/main.rs"), program)?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).map(drop)
}

fn run_twice(folder: &Path, root: &Path) -> Result<String, Failed> {
    let target = root.join("target/readme").display().to_string();
    let run = || cargo(["run", "--quiet"]).within(folder).env("CARGO_TARGET_DIR", &target).output();
    Ok(run()? + &run()?)
}

fn io(error: impl Display) -> Failed {
    Failed::new(format!("the README's programs: {error}"))
}
