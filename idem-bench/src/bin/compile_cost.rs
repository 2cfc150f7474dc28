//! What the attribute costs at compile time: a crate of 200 methods, plain, with `#[tracing::instrument]` and with
//! `#[idempotent]`, built by turns with their dependencies built before.
//!
//! `cargo run --manifest-path idem-bench/Cargo.toml --ignore-rust-version --bin compile_cost`
//!
//! Incremental compilation is off, so that every build compiles all of the crate, as a first build and CI do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use idem_bench::figures::{Times, head, readable, row};
use idem_bench::methods::{Variant, source};

const ROUNDS: usize = 5;

/// What is timed.
const COMMANDS: [&[&str]; 2] = [&["check"], &["build"]];

fn main() {
    let folder = workspace();
    println!("\n200 async methods, a whole build each time, median of {ROUNDS}\n");
    head(["command", "variant", "CPU", "wall", "CPU over plain", "CPU over `#[tracing::instrument]`"]);
    for command in COMMANDS {
        for variant in Variant::ALL {
            build(&folder, command, variant);
        }
        let mut taken = Variant::ALL.map(|_| (Times::default(), Times::default()));
        for round in 0..ROUNDS {
            for (variant, (cpu, wall)) in Variant::ALL.into_iter().zip(&mut taken) {
                // The content changes, since cargo would notice a mere touch late or never on a coarse clock.
                write(&folder, variant, round);
                let (cpu_time, wall_time) = build(&folder, command, variant);
                cpu.add(cpu_time, 1);
                wall.add(wall_time, 1);
            }
        }
        let [plain, instrument, _] = Variant::ALL.map(|variant| taken[variant as usize].0.median());
        for (variant, (cpu, wall)) in Variant::ALL.into_iter().zip(&taken) {
            let over = [plain, instrument].map(|base| format!("{:.2}", cpu.median() / base));
            let cells = [readable(cpu.median()), readable(wall.median())];
            row([&command.join(" "), variant.name(), &cells[0], &cells[1], &over[0], &over[1]]);
        }
    }
}

/// A workspace beside this program, so that the next run finds the dependencies built.
fn workspace() -> PathBuf {
    let program = std::env::current_exe().expect("a path");
    let folder = program.ancestors().nth(2).expect("it lies in target/debug").join("compile-cost");
    for variant in Variant::ALL {
        let package = folder.join(variant.name());
        fs::create_dir_all(package.join("src")).expect("makes a folder");
        fs::write(package.join("Cargo.toml"), manifest(variant)).expect("writes");
        write(&folder, variant, usize::MAX);
    }
    let members = Variant::ALL.map(|variant| format!("{:?}", variant.name())).join(", ");
    let root = format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n");
    fs::write(folder.join("Cargo.toml"), root).expect("writes");
    folder
}

/// All variants have the same dependencies, so that only their own code differs.
fn manifest(variant: Variant) -> String {
    let idem = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root of idem");
    format!(
        "[package]\nname = {:?}\nedition = \"2024\"\n\n[dependencies]\n\
         idem = {{ package = \"idem-rs\", path = \"{}\" }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n\
         tracing = \"0.1\"\n",
        variant.name(),
        idem.display(),
    )
}

fn write(folder: &Path, variant: Variant, round: usize) {
    let source = format!("// {round}\n{}", source(variant));
    fs::write(folder.join(variant.name()).join("src/lib.rs"), source).expect("writes");
}

/// The CPU time and the time of one build.
fn build(folder: &Path, command: &[&str], variant: Variant) -> (Duration, Duration) {
    let (begun, cpu) = (Instant::now(), children());
    let output = Command::new(env!("CARGO"))
        .args(command)
        .args(["--quiet", "--package", variant.name()])
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
