//! The README's first snippet, as a new user has it: in a fresh crate outside this workspace.

use std::fmt::Display;
use std::path::Path;
use std::{env, fs};

use crate::cargo::{Failed, cargo};

/// Builds the snippet and runs it twice on one file: the body must run once in all.
pub(crate) fn check() -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or_else(|| Failed::new("the workspace is not where it was built"))?;
    let readme = fs::read_to_string(root.join("README.md")).map_err(io)?;
    let dependencies = fenced(&readme, "```toml\n")?;
    let program = fenced(&readme, "```rust,no_run\n")?;

    let folder = env::temp_dir().join(format!("idem-readme-{}", std::process::id()));
    let printed = write(&folder, root, dependencies, program).map_err(io).and_then(|()| run_twice(&folder, root));
    fs::remove_dir_all(&folder).map_err(io)?;
    match printed?.matches("charging").count() {
        1 => Ok(()),
        times => Err(Failed::new(format!("the README's first snippet charged {times} times in two runs"))),
    }
}

/// The first block of the README that begins with `fence`.
fn fenced<'a>(readme: &'a str, fence: &str) -> Result<&'a str, Failed> {
    readme
        .split_once(fence)
        .and_then(|(_, rest)| rest.split_once("```"))
        .map(|(block, _)| block)
        .ok_or_else(|| Failed::new(format!("the README has no {}", fence.trim())))
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
    Failed::new(format!("the README's first snippet: {error}"))
}
