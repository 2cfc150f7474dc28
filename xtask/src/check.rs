//! What must hold beside the tests.

use crate::cargo::{Failed, cargo};
use crate::servers::Servers;
use crate::{edges, features, readme};

/// All checks, the quick ones first.
pub(crate) fn all() -> Result<(), Failed> {
    cargo(["fmt", "--all", "--check"]).run()?;
    edges::check()?;
    cargo(["clippy", "--workspace", "--all-targets", "--all-features", "--", "--deny", "warnings"]).run()?;
    compile_errors_ran()?;
    features::check()?;
    documentation()?;
    readme::check()?;
    examples()
}

/// The compile errors are those of one compiler, and their suite is ignored on others: not here.
fn compile_errors_ran() -> Result<(), Failed> {
    let ignored =
        cargo(["test", "--quiet", "--package", "idem-ui", "--test", "ui", "--", "--list", "--ignored"]).output()?;
    if ignored.contains("compile_errors") {
        return Err(Failed::new("the suite of compile errors is ignored on this compiler, see `tests/ui/tests/ui.rs`"));
    }
    Ok(())
}

fn documentation() -> Result<(), Failed> {
    cargo(["doc", "--workspace", "--all-features", "--no-deps", "--exclude", "xtask", "--exclude", "idem-ui"])
        .env("RUSTDOCFLAGS", "--deny warnings")
        .run()
}

/// The examples check their own result and say so by their exit code.
fn examples() -> Result<(), Failed> {
    cargo(["run", "--quiet", "--example", "payments"]).run()?;
    cargo(["run", "--quiet", "--example", "payments", "--", "--store", "memory"]).run()?;
    cargo(["run", "--quiet", "--example", "ledger"]).run()?;
    cargo(["run", "--quiet", "--example", "checkout"]).run()?;
    cargo(["run", "--quiet", "--example", "orders"]).run()?;
    let servers = Servers::start()?;
    for (example, variable) in [
        ("ledger", "IDEM_TEST_POSTGRES_URL"),
        ("ledger", "IDEM_TEST_MYSQL_URL"),
        ("checkout", "IDEM_TEST_POSTGRES_URL"),
        ("checkout", "IDEM_TEST_MYSQL_URL"),
        ("checkout", "IDEM_TEST_REDIS_URL"),
        ("orders", "IDEM_TEST_POSTGRES_URL"),
        ("orders", "IDEM_TEST_MYSQL_URL"),
    ] {
        let url = servers.environment().find_map(|(name, url)| (name == variable).then_some(url));
        let url = url.ok_or_else(|| Failed::new(format!("no server told {variable}")))?;
        cargo(["run", "--quiet", "--example", example, "--features", "postgres,mysql,redis", "--", url]).run()?;
    }
    Ok(())
}
