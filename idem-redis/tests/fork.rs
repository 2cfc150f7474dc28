//! A process that forks after it has made calls: the child has a thread and connections of its own, and leaves its parent's alone.
//! One test, since a fork copies whatever other tests hold.
#![cfg(unix)]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use common::{HOUR, acquire, finish, key, own_store, request, url};
use fork::Fork;
use idem_core::Store as _;
use idem_redis::RedisStore;
use tokio::runtime::{Builder, Runtime};

const CALLS: usize = 50;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Every kind of connection that a store has.
fn call(store: &RedisStore, who: &str) {
    runtime().block_on(async {
        for number in 0..CALLS {
            finish(store, &key(&(who, number)), "1").await;
        }
        let claim = acquire(store, &request(&key(&(who, "held")))).await;
        store.extend(&claim, HOUR).await.expect("it is held");
        let mut listener = store.listen(&claim.key).expect("it can tell");
        while !listener.hears() {
            tokio::time::timeout(Duration::from_secs(20), listener.heard()).await.expect("it begins to hear");
        }
        store.release(&claim).await.expect("it is held");
        tokio::time::timeout(Duration::from_secs(20), listener.heard()).await.expect("it is told");
    });
}

#[test]
#[ignore = "needs a server: cargo xtask test"]
fn a_fork_has_connections_of_its_own() {
    let (store, _) = runtime().block_on(own_store(&url()));
    call(&store, "parent");
    match fork::fork().expect("a process") {
        Fork::Child => {
            let said = catch_unwind(AssertUnwindSafe(|| {
                call(&store, "child");
                drop(store);
            }));
            // Without the ends of a process that are its parent's.
            std::process::exit(i32::from(said.is_err()));
        }
        Fork::Parent(child) => {
            call(&store, "parent meanwhile");
            assert_eq!(fork::waitpid(child).expect("it is ours"), 0, "the child's calls work");
        }
    }
    call(&store, "parent again");
}
