//! Nobody's call depends on a thread that somebody else blocks, nor on a runtime that has ended.

mod common;

use std::sync::mpsc;
use std::time::Duration;

use common::{Server, acquire, finish, key, own_prefix, own_store, request, store_at, url};
use idem_core::{Key, Listener, Store as _};
use idem_redis::RedisStore;
use redis::Client;
use redis::aio::ConnectionManager;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

const CALLS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(20);

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn workers(count: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(count).enable_all().build().expect("a runtime")
}

/// Claims and completes key after key, and fails at the first error.
async fn call_again_and_again(store: &RedisStore, caller: usize) {
    for number in 0..CALLS {
        finish(store, &key(&(caller, number)), "1").await;
    }
}

/// Sends two claims from a task that then blocks its worker until it is told to go on: whatever those claims left to be done on
/// that worker is not done until then.
async fn claim_and_block(store: RedisStore, blocks: mpsc::Sender<()>, go_on: mpsc::Receiver<()>) {
    let requests = ["one", "two", "three"].map(|name| request(&key(name)));
    let block = async move {
        blocks.send(()).expect("the test waits");
        go_on.recv().expect("the test goes on");
    };
    let (one, two, three, ()) =
        tokio::join!(store.claim(&requests[0]), store.claim(&requests[1]), store.claim(&requests[2]), block);
    // Blocked for longer than a call may take, they may have been given up.
    for claimed in [one, two, three] {
        assert!(claimed.as_ref().map_or_else(idem_core::StoreError::is_retryable, |_| true), "{claimed:?}");
    }
}

#[test]
#[ignore = "needs a server: cargo xtask test"]
fn a_blocked_worker_holds_up_no_caller_on_the_others() {
    for serving in 0..8 {
        let runtime = workers(3);
        runtime.block_on(async {
            // The connection is opened by one of the workers, as in a service.
            let connected = tokio::spawn(async move { store_at(&url(), &own_prefix()).await });
            let store = connected.await.expect("it does not panic");
            finish(&store, &key("warm"), "1").await;
            let (blocks, blocked) = mpsc::channel();
            let (release, go_on) = mpsc::channel();
            let blocking = tokio::spawn(claim_and_block(store.clone(), blocks, go_on));
            tokio::task::spawn_blocking(move || blocked.recv()).await.expect("no panic").expect("it blocks");
            let callers: Vec<_> = (0..4)
                .map(|caller| {
                    let store = store.clone();
                    tokio::spawn(async move { call_again_and_again(&store, caller + 10 * serving).await })
                })
                .collect();
            for caller in callers {
                caller.await.expect("every call is answered while the worker is blocked");
            }
            release.send(()).expect("it waits");
            blocking.await.expect("it goes on");
        });
    }
}

#[test]
#[ignore = "needs a server: cargo xtask test"]
fn the_runtime_that_connected_may_be_blocked_while_another_one_calls() {
    let (connecting, calling) = (current_thread(), current_thread());
    let store = connecting.block_on(store_at(&url(), &own_prefix()));
    connecting.block_on(finish(&store, &key("warm"), "1"));
    // Nothing runs on the first one now, as if a body blocked its only thread.
    calling.block_on(async {
        call_again_and_again(&store, 0).await;
        let claim = acquire(&store, &request(&key("order"))).await;
        store.extend(&claim, common::HOUR).await.expect("it is held");
    });
}

#[test]
#[ignore = "needs a server: cargo xtask test"]
fn the_runtime_that_connected_may_have_ended() {
    let connecting = current_thread();
    let store = connecting.block_on(store_at(&url(), &own_prefix()));
    connecting.block_on(finish(&store, &key("warm"), "1"));
    drop(connecting);
    workers(1).block_on(call_again_and_again(&store, 0));
    current_thread().block_on(call_again_and_again(&store, 1));
}

#[test]
#[ignore = "needs a server: cargo xtask test"]
fn callers_over_an_applications_connection_do_not_depend_on_each_other() {
    // The connection is the application's, and so is the runtime that serves it.
    let serving = workers(1);
    let client = Client::open(url()).expect("a URL");
    let manager = serving.block_on(ConnectionManager::new(client)).expect("the server answers");
    let store = RedisStore::with_connection(manager).prefix(&own_prefix()).expect("a prefix");
    serving.block_on(finish(&store, &key("warm"), "1"));
    let (blocks, blocked) = mpsc::channel();
    let (release, go_on) = mpsc::channel();
    let blocking = std::thread::spawn({
        let store = store.clone();
        move || current_thread().block_on(claim_and_block(store, blocks, go_on))
    });
    blocked.recv().expect("it blocks");
    current_thread().block_on(call_again_and_again(&store, 0));
    release.send(()).expect("it waits");
    blocking.join().expect("it goes on");
}

/// What is said to a waiter does not come from its own runtime either.
#[test]
#[ignore = "needs a server: cargo xtask test"]
fn the_runtime_that_began_to_listen_may_be_blocked_while_another_one_waits() {
    let (first, second) = (current_thread(), current_thread());
    let server = Server::start(&[]);
    let (store, prefix) = second.block_on(own_store(&server.url()));
    let begun = first.block_on(async { store.listen(&key("begun")) });
    assert!(begun.is_some(), "it can tell");
    // Nothing runs on the first one now.
    second.block_on(async {
        let order: Key = key("order");
        let mut listener = store.listen(&order).expect("it can tell");
        let heard = async |listener: &mut dyn Listener| timeout(PATIENCE, listener.heard()).await.expect("it is told");
        while !listener.hears() {
            heard(&mut *listener).await;
        }
        let other = store_at(&server.url(), &prefix).await;
        finish(&other, &order, "1").await;
        heard(&mut *listener).await;
    });
}
