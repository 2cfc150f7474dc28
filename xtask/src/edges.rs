//! Which crate may depend on which: the architecture, as a check.

use crate::cargo::{Failed, cargo};

/// For each crate, the crates of ours that it may depend on, and names that must not be anywhere below it.
const EDGES: [(&str, &[&str], &[&str]); 4] = [
    ("idem-core", &[], &["sqlx", "redis", "axum", "tower", "hyper"]),
    ("idem-macros", &[], &["tokio", "serde", "sqlx"]),
    ("idem-sqlx", &["idem-core"], &["idem-macros", "axum", "tower"]),
    ("idem-redis", &["idem-core"], &["idem-macros", "sqlx", "axum", "tower"]),
];

/// Fails on an edge that the architecture does not have.
pub(crate) fn check() -> Result<(), Failed> {
    for (package, ours, strangers) in EDGES {
        let tree =
            cargo(["tree", "--package", package, "--all-features", "--edges", "normal,build", "--prefix", "none"])
                .output()?;
        for dependency in tree.lines().skip(1).filter_map(|line| line.split_whitespace().next()) {
            let ours_and_unknown = dependency.starts_with("idem") && !ours.contains(&dependency);
            if ours_and_unknown || strangers.contains(&dependency) {
                return Err(Failed::new(format!("{package} depends on {dependency}, which its place forbids")));
            }
        }
    }
    Ok(())
}
