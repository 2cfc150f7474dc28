//! A process that forks after it has made calls: the child is a process of its own. One test, since a fork copies whatever
//! other tests hold.
#![cfg(all(unix, feature = "contract"))]

use std::io::{Read as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use fork::Fork;
use idem_core::contract::{Faulty, Method};
use idem_core::{Answer, ClaimId, Error, Execution, MemoryStore, Operation};

/// Long enough for a stall of the machine between two renewals.
const LEASE: Duration = Duration::from_millis(1500);

/// A call whose body outlives its lease, so that it needs a keeper that is alive.
fn call(name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = Faulty::new(Arc::new(MemoryStore::new()));
        let body = async |execution: Execution| {
            store.called(Method::Extend, 3).await;
            Ok::<_, Error>(execution.is_lost())
        };
        let call = Operation::new("fork", name).lease(LEASE).run(&store, body);
        let answer = tokio::time::timeout(Duration::from_secs(30), call).await.expect("the lease is renewed");
        assert_eq!(answer.expect("the body runs"), Answer::Executed(false));
    });
}

/// Forks a child that makes a call and says which claim id it would have next.
fn child(name: &str) -> ClaimId {
    let (mut from, mut to) = std::io::pipe().expect("a pipe");
    match fork::fork().expect("a process") {
        Fork::Child => {
            let said = catch_unwind(AssertUnwindSafe(|| {
                let next = ClaimId::random();
                call(name);
                to.write_all(&next.to_bytes()).expect("the parent reads");
            }));
            // Without the ends of a process that are its parent's.
            std::process::exit(i32::from(said.is_err()));
        }
        Fork::Parent(_) => {
            drop(to);
            let mut said = Vec::new();
            from.read_to_end(&mut said).expect("the pipe can be read");
            ClaimId::from_bytes(said.try_into().expect("the child made its call"))
        }
    }
}

#[test]
fn a_fork_keeps_its_own_claims_under_ids_of_its_own() {
    call("parent");
    let (first, second) = (child("first child"), child("second child"));
    assert_ne!(first, second, "two children claim as one");
    assert_ne!(first, ClaimId::random());
    call("parent again");
}
