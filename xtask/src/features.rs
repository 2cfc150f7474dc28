//! Each feature alone, so that none of them leans on another.

use crate::cargo::{Failed, cargo};

const FEATURES: [(&str, &[&str]); 4] = [
    ("idem-core", &["contract", "metrics", "uuid", "chrono", "rust_decimal"]),
    ("idem-sqlx", &["postgres", "mysql", "sqlite", "chrono", "time"]),
    ("idem-redis", &[]),
    ("idem-rs", &["postgres", "mysql", "sqlite", "redis", "metrics", "uuid", "chrono", "time", "rust_decimal"]),
];

pub(crate) fn check() -> Result<(), Failed> {
    for (package, features) in FEATURES {
        for feature in [""].iter().chain(features) {
            cargo([
                "clippy",
                "--package",
                package,
                "--no-default-features",
                "--features",
                feature,
                "--",
                "--deny",
                "warnings",
            ])
            .run()?;
        }
    }
    Ok(())
}
