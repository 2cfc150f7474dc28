//! The expansion of `#[idempotent]` in hostile surroundings: shadowed names, no prelude, a renamed crate, raw identifiers,
//! macros, and lints that are denied. Most of it is tested by compiling; all of it is run as well.
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    future_incompatible,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    unused,
    absolute_paths_not_starting_with_crate,
    missing_docs,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
#![deny(
    clippy::default_numeric_fallback,
    clippy::items_after_statements,
    clippy::let_underscore_untyped,
    clippy::pattern_type_mismatch,
    clippy::ref_patterns,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]
#![allow(clippy::redundant_pub_crate, clippy::expect_used, clippy::single_call_fn, reason = "of the test itself")]

extern crate idem as payments;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use idem::MemoryStore;

static IDEM: LazyLock<MemoryStore> = LazyLock::new(MemoryStore::new);
/// Every test of this process counts here.
static RUNS: AtomicU32 = AtomicU32::new(0);

/// Counts a run, and says which one it is.
fn run() -> u32 {
    RUNS.fetch_add(1, Ordering::SeqCst)
}

/// Asserts that a function runs once, and that the second call gets what the first one got.
macro_rules! assert_runs_once {
    ($call:expr) => {{
        let first = $call.await.expect("runs");
        assert_eq!($call.await.expect("replays"), first);
        first
    }};
}

mod no_prelude {
    #![no_implicit_prelude]

    #[::idem::idempotent(
        store = *crate::IDEM,
        key = (id, "a"),
        fingerprint = (id, name),
        lease = "30s",
        retain = ::core::time::Duration::from_mins(1),
        in_flight = wait("5s"),
        abandoned = rerun,
        max_attempts = 5,
        version = 1,
        context = execution
    )]
    pub(super) async fn charge(id: u64, name: &str) -> ::core::result::Result<(u64, u32), ::idem::Error> {
        let _: ::idem::Fence = execution.fence();
        let _: &str = name;
        ::core::result::Result::Ok((id, crate::run()))
    }
}

mod shadowed {
    pub(super) struct Option;
    pub(super) struct Some;
    pub(super) struct Box;
    pub(super) struct Send;
    pub(super) struct Execution;
    pub(super) struct Site;
    pub(super) type Result<T> = ::core::result::Result<T, ::idem::Error>;

    mod core {}
    mod std {}
    mod idem {}

    pub(super) const SITE: u64 = 7;

    #[::idem::idempotent(store = store, key = (site, operation, SITE))]
    pub(super) async fn charge(
        store: &::idem::MemoryStore,
        site: u64,
        operation: u64,
        returns: u64,
        returned: u64,
        future: u64,
    ) -> Result<(u64, u32)> {
        let _: (Option, Some, Box, Send, Execution, Site) = (Option, Some, Box, Send, Execution, Site);
        Ok((site + operation + returns + returned + future + SITE, crate::run()))
    }
}

mod renamed_crate {
    #[payments::idempotent(store = *crate::IDEM, key = id, crate = payments)]
    pub(super) async fn renamed(id: u64) -> Result<u32, payments::Error> {
        Ok(crate::run() + u32::from(id == 0))
    }

    pub(super) mod reexported {
        pub(in super::super) use ::idem as library;
    }

    #[reexported::library::idempotent(store = *crate::IDEM, key = id, crate = self::reexported::library)]
    pub(super) async fn through_a_module(id: u64) -> Result<u32, payments::Error> {
        Ok(crate::run() + u32::from(id == 0))
    }
}

mod raw {
    use super::IDEM;

    #[idem::idempotent(store = *IDEM, key = (r#type, r#as), context = r#in)]
    pub(super) async fn r#move(r#type: u64, r#as: &str) -> Result<(u64, String, u32), idem::Error> {
        Ok((r#type, format!("{}{}", r#in.key().scope().as_str(), r#as), super::run()))
    }
}

mod in_macros {
    use super::IDEM;

    macro_rules! function {
        ($name:ident, $argument:ident: $type:ty, $key:expr, $result:ty, $lease:literal, $context:ident, $body:block) => {
            #[idem::idempotent(store = *$crate::IDEM, key = $key, lease = $lease, context = $context, crate = $crate::payments)]
            pub(super) async fn $name($argument: $type) -> $result $body
        };
    }

    macro_rules! method {
        ($self:ident, $store:expr) => {
            #[idem::idempotent(store = $store, scope = "tests.charge_order", key = ($self.id, local()))]
            pub(super) async fn charge_order(&$self) -> Result<u32, idem::Error> {
                let id = $self.id;
                Ok(super::run() + u32::from(id == 0))
            }
        };
    }

    function!(charge, id: u64, (id, id + 1), Result<u32, idem::Error>, "30s", execution, {
        let _: u32 = execution.attempt();
        Ok(super::run() + u32::from(id == 0))
    });

    const fn local() -> u64 {
        7
    }

    pub(super) struct Order {
        pub(super) id: u64,
    }

    impl Order {
        method!(self, *IDEM);
    }
}

mod with_async_trait {
    use async_trait::async_trait;

    use super::IDEM;

    #[async_trait]
    pub(super) trait Payments {
        async fn charge(&self, id: u64, unused: u64, names: &[&str]) -> Result<u32, idem::Error>;
    }

    pub(super) struct Service;

    #[async_trait]
    impl Payments for Service {
        #[idem::idempotent(store = *IDEM, scope = "tests.charge", key = id)]
        async fn charge(&self, id: u64, _unused: u64, names: &[&str]) -> Result<u32, idem::Error> {
            if names.is_empty() {
                return Ok(0);
            }
            Ok(super::run())
        }
    }
}

#[path = "hygiene/in_a_transaction.rs"]
mod in_a_transaction;

mod diverging {
    use super::IDEM;

    #[idem::idempotent(store = *IDEM, key = 1_u64)]
    pub(super) async fn always_panics() -> Result<u32, idem::Error> {
        panic!("on purpose")
    }
}

#[tokio::test]
async fn names_and_lints_of_the_user_do_not_meet_ours_in_a_transaction() {
    use in_a_transaction::Payments as _;

    let folder = tempfile::tempdir().expect("a folder");
    let store = idem::SqliteStore::open(folder.path().join("idem.db")).await.expect("opens");
    let mut tx = store.pool().begin().await.expect("begins");
    let mut count = 0;
    let first = assert_runs_once!(in_a_transaction::charge(&mut tx, &store, 1, (2, 3), vec![4], &mut count));
    assert_eq!((first.0, count), (10, 1));
    let _: u32 = assert_runs_once!(in_a_transaction::in_a_macro(&store, &mut tx));
    let _: u32 = assert_runs_once!(in_a_transaction::only_joined(&store, &mut tx));
    let _: u32 = assert_runs_once!(store.pay(&mut tx, "name".to_owned()));
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn names_and_lints_of_the_user_do_not_meet_ours() {
    use with_async_trait::Payments as _;

    assert_eq!(assert_runs_once!(no_prelude::charge(1, "a")).0, 1);
    assert_eq!(assert_runs_once!(shadowed::charge(&IDEM, 1, 2, 3, 4, 5)).0, 22);
    let _: u32 = assert_runs_once!(renamed_crate::renamed(1));
    let _: u32 = assert_runs_once!(renamed_crate::through_a_module(1));
    assert_eq!(assert_runs_once!(raw::r#move(1, "a")).1, "hygiene::raw::movea");
    let _: u32 = assert_runs_once!(in_macros::charge(1));
    let _: u32 = assert_runs_once!(in_macros::Order { id: 1 }.charge_order());
    let _: u32 = assert_runs_once!(with_async_trait::Service.charge(1, 2, &["a"]));
    let panicked = tokio::spawn(diverging::always_panics()).await.expect_err("panics");
    assert!(panicked.is_panic());
}
