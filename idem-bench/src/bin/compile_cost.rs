//! What the macros cost at compile time: a crate of 200 methods, plain, with `#[tracing::instrument]` and with
//! `#[idempotent]`; and a crate of 50 rows with their states, with `sqlx::FromRow` alone and with the derives, and with an
//! update and a transition of each. They are built by turns, with their dependencies built before.
//!
//! `cargo run --manifest-path idem-bench/Cargo.toml --ignore-rust-version --bin compile_cost`
//!
//! After `--`: `methods` or `entities` for those alone.
//!
//! Incremental compilation is off, so that every build compiles all of the crate, as a first build and CI do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use idem_bench::figures::{Times, head, readable, row};
use idem_bench::{methods, pairs};

const ROUNDS: usize = 5;

/// What is timed.
const COMMANDS: [&[&str]; 2] = [&["check"], &["build"]];

/// Crates that are compared.
struct Set {
    name: &'static str,
    title: &'static str,
    dependencies: &'static str,
    idem_features: &'static str,
    crates: Vec<Crate>,
}

/// A crate, and which of its set it is compared with.
struct Crate {
    name: &'static str,
    source: String,
    base: usize,
}

fn main() {
    let wanted: Vec<_> = std::env::args().skip(1).collect();
    for set in sets() {
        if wanted.is_empty() || wanted.iter().any(|name| name == set.name) {
            compare(&set);
        }
    }
}

fn sets() -> [Set; 2] {
    let methods = methods::Variant::ALL.map(|variant| Crate {
        name: variant.name(),
        source: methods::source(variant),
        base: usize::from(variant == methods::Variant::Idempotent),
    });
    let pairs = pairs::Variant::ALL.map(|variant| Crate {
        name: variant.name(),
        source: pairs::source(variant),
        base: if matches!(variant, pairs::Variant::ByHand | pairs::Variant::Used) { 2 } else { 0 },
    });
    [
        Set {
            name: "methods",
            title: "200 async methods",
            dependencies: "serde = { version = \"1\", features = [\"derive\"] }\ntracing = \"0.1\"\n",
            idem_features: "",
            crates: methods.into(),
        },
        Set {
            name: "entities",
            title: "50 rows and their states",
            dependencies: "sqlx = { version = \"0.9\", default-features = false, features = [\"runtime-tokio\", \"sqlite\", \
                           \"derive\"] }\n",
            idem_features: "\"sqlite\"",
            crates: pairs.into(),
        },
    ]
}

fn compare(set: &Set) {
    let folder = workspace(set);
    println!("\n{}, a whole build each time, median of {ROUNDS}\n", set.title);
    head(["command", "crate", "CPU", "wall", "CPU over the first", "CPU over"]);
    for command in COMMANDS {
        for one in &set.crates {
            build(&folder, command, one.name);
        }
        let mut taken: Vec<_> = set.crates.iter().map(|_| (Times::default(), Times::default())).collect();
        for round in 0..ROUNDS {
            for (one, (cpu, wall)) in set.crates.iter().zip(&mut taken) {
                // The content changes, since cargo would notice a mere touch late or never on a coarse clock.
                write(&folder, one, round);
                let (cpu_time, wall_time) = build(&folder, command, one.name);
                cpu.add(cpu_time, 1);
                wall.add(wall_time, 1);
            }
        }
        for (one, (cpu, wall)) in set.crates.iter().zip(&taken) {
            let over = |base: usize| format!("{:.2}", cpu.median() / taken[base].0.median());
            let base = format!("{} of `{}`", over(one.base), set.crates[one.base].name);
            let cells = [readable(cpu.median()), readable(wall.median())];
            row([&command.join(" "), one.name, &cells[0], &cells[1], &over(0), &base]);
        }
    }
}

/// A workspace beside this program, so that the next run finds the dependencies built.
fn workspace(set: &Set) -> PathBuf {
    let program = std::env::current_exe().expect("a path");
    let folder = program.ancestors().nth(2).expect("it lies in target/debug").join("compile-cost").join(set.name);
    for one in &set.crates {
        let package = folder.join(one.name);
        fs::create_dir_all(package.join("src")).expect("makes a folder");
        fs::write(package.join("Cargo.toml"), manifest(set, one)).expect("writes");
        write(&folder, one, usize::MAX);
    }
    let members: Vec<_> = set.crates.iter().map(|one| format!("{:?}", one.name)).collect();
    let root = format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", "));
    fs::write(folder.join("Cargo.toml"), root).expect("writes");
    folder
}

/// All crates of a set have the same dependencies, so that only their own code differs.
fn manifest(set: &Set, one: &Crate) -> String {
    let idem = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root of idem");
    format!(
        "[package]\nname = {:?}\nedition = \"2024\"\n\n[dependencies]\n\
         idem = {{ package = \"idem-rs\", path = \"{}\", features = [{}] }}\n{}",
        one.name,
        idem.display(),
        set.idem_features,
        set.dependencies,
    )
}

fn write(folder: &Path, one: &Crate, round: usize) {
    let source = format!("// {round}\n{}", one.source);
    fs::write(folder.join(one.name).join("src/lib.rs"), source).expect("writes");
}

/// The CPU time and the time of one build.
fn build(folder: &Path, command: &[&str], package: &str) -> (Duration, Duration) {
    let (begun, cpu) = (Instant::now(), children());
    let output = Command::new(env!("CARGO"))
        .args(command)
        .args(["--quiet", "--package", package])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .output()
        .expect("runs cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (children().saturating_sub(cpu), begun.elapsed())
}

/// The CPU time of all programs that this one has run to their end, as Linux tells it, in hundredths of a second. Unlike
/// the wall clock it does not count who else uses the machine.
fn children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name.split_whitespace().skip(13).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
