//! A future that ends though it is dropped: where it goes then, and when it goes nowhere.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use idem_core::{Answer, Error, MemoryStore, Operation, to_the_end};
use tokio::sync::Notify;

/// Polls a future once, as an executor without a runtime would.
fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn it_is_polled_where_it_stands() {
    let task = tokio::spawn(async { (to_the_end(async { tokio::task::id() }).await, tokio::task::id()) });
    let (inside, outside) = task.await.expect("no panic");
    assert_eq!(inside, outside);
}

#[tokio::test]
async fn what_is_dropped_goes_on_to_its_end() {
    let (go_on, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    {
        let (go_on, ended) = (Arc::clone(&go_on), Arc::clone(&ended));
        let mut call = pin!(to_the_end(async move {
            go_on.notified().await;
            ended.notify_one();
        }));
        assert!(poll_once(call.as_mut()).is_pending());
    }
    go_on.notify_one();
    ended.notified().await;
}

#[tokio::test]
async fn a_call_that_was_dropped_while_it_claimed_is_made_all_the_same() {
    let store = MemoryStore::new();
    let reached = Arc::new(Notify::new());
    let call = {
        let (store, reached) = (store.clone(), Arc::clone(&reached));
        to_the_end(async move {
            tokio::task::yield_now().await;
            let answer = Operation::new("dropped", &1).run(&store, async |_| Ok::<_, Error>(1)).await;
            reached.notify_one();
            answer
        })
    };
    assert!(poll_once(pin!(call)).is_pending());
    reached.notified().await;
    let again = Operation::new("dropped", &1).run(&store, async |_| Ok::<_, Error>(2)).await;
    assert_eq!(again.expect("there is an outcome"), Answer::Replayed(1));
}

#[tokio::test]
async fn what_was_never_polled_is_just_dropped() {
    let held = Arc::new(());
    let call = to_the_end({
        let held = Arc::clone(&held);
        async move { drop(held) }
    });
    drop(call);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[tokio::test]
async fn what_panics_is_not_polled_again() {
    let polls = Arc::new(AtomicU64::new(0));
    let call = tokio::spawn({
        let polls = Arc::clone(&polls);
        to_the_end(async move {
            polls.fetch_add(1, Ordering::SeqCst);
            std::panic::resume_unwind(Box::new("without the hook, which would print"))
        })
    });
    assert!(call.await.is_err_and(|error| error.is_panic()));
    tokio::task::yield_now().await;
    assert_eq!(polls.load(Ordering::SeqCst), 1);
}

#[test]
fn without_a_runtime_it_is_just_dropped() {
    let held = Arc::new(());
    {
        let held = Arc::clone(&held);
        let mut call = pin!(to_the_end(async move {
            pending::<()>().await;
            drop(held);
        }));
        assert!(poll_once(call.as_mut()).is_pending());
    }
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_runtime_that_is_gone_takes_nothing() {
    let held = Arc::new(());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    let mut call = Box::pin(to_the_end({
        let held = Arc::clone(&held);
        async move {
            pending::<()>().await;
            drop(held);
        }
    }));
    {
        let _entered = runtime.enter();
        assert!(poll_once(call.as_mut()).is_pending());
    }
    drop(runtime);
    drop(call);
    assert_eq!(Arc::strong_count(&held), 1);
}
