//! What must hold beside the tests.

use crate::cargo::{Failed, cargo};
use crate::{edges, features, readme};

/// All checks, the quick ones first.
pub(crate) fn all() -> Result<(), Failed> {
    cargo(["fmt", "--all", "--check"]).run()?;
    edges::check()?;
    cargo(["clippy", "--workspace", "--all-targets", "--all-features", "--", "--deny", "warnings"]).run()?;
    features::check()?;
    documentation()?;
    readme::check()?;
    examples()
}

fn documentation() -> Result<(), Failed> {
    cargo(["doc", "--workspace", "--all-features", "--no-deps", "--exclude", "xtask", "--exclude", "idem-ui"])
        .env("RUSTDOCFLAGS", "--deny warnings")
        .run()
}

/// The examples check their own result and say so by their exit code.
fn examples() -> Result<(), Failed> {
    cargo(["run", "--quiet", "--example", "payments"]).run()?;
    cargo(["run", "--quiet", "--example", "payments", "--", "--store", "memory"]).run()
}
