//! A call may end at any of its awaits.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use crate::{Abandoned, Answer, ClaimDecision, InFlight, Operation, Resolution, Store};

use super::support::{
    Executions, Failure, LONG, ask, faulty, found, key, lapse, operation, record, request, shorten_lease,
};
use super::{Backend, Fault, Faulty, Method};

/// A call that is dropped at any await leaves a record that the next call can handle: the key is free when the lease has
/// run out at the latest, a body that has returned does not run again, and a completed outcome stays.
pub async fn every_await_may_be_the_last(backend: &dyn Backend) {
    for abandoned in [Abandoned::Rerun, Abandoned::Refuse] {
        for succeeds in [true, false] {
            let mut awaits = 0;
            while !dropped_at(backend, awaits, abandoned, succeeds).await {
                awaits += 1;
            }
            assert!(awaits >= 5, "a call has two awaits per call of the store, and one of its body, not {awaits}");
        }
    }
}

/// Drops a call at its n-th await and calls again. Says whether the call ended before that.
async fn dropped_at(backend: &dyn Backend, awaits: usize, abandoned: Abandoned, succeeds: bool) -> bool {
    let (store, elsewhere) = (faulty(backend).await, backend.store().await);
    for method in [Method::Claim, Method::Extend, Method::Complete, Method::Release, Method::Lookup] {
        store.always(method, Fault::Yields);
    }
    let name = format!("{awaits} {abandoned:?} {succeeds}");
    let (begun, returned) = (Executions::default(), Executions::default());
    let ended = {
        let body = async |_| {
            begun.add();
            tokio::task::yield_now().await;
            returned.add();
            if succeeds { Ok(1) } else { Err(Failure::Busy) }
        };
        let mut call = pin!(operation(&name).lease(LONG).abandoned(abandoned).run(&store, body));
        let mut polls = 0;
        poll_fn(|context| match call.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if polls == awaits => Poll::Ready(false),
            Poll::Pending => {
                polls += 1;
                Poll::Pending
            }
        })
        .await
    };
    let is_dropped_in_its_body = begun.count() > returned.count();
    if is_dropped_in_its_body {
        shorten_lease(&elsewhere, &name).await;
    }
    if is_dropped_in_its_body && abandoned == Abandoned::Refuse {
        // Nobody knows what the body did before it was dropped, so the key waits for an operator.
        lapse(&elsewhere, &key(&name)).await;
        assert_eq!(ask(&elsewhere, &request(&name)).await, ClaimDecision::Abandoned, "{name}");
        let lapsed = record(&elsewhere, &name).await.claim_id.expect("it was claimed");
        elsewhere.resolve(&key(&name), lapsed, &Resolution::Rerun).await.expect("the claim has lapsed");
    }
    next_call_is_right(&store, &elsewhere, &name, returned.count() > 0 && succeeds).await;
    assert!(begun.count() <= 1 && returned.count() <= begun.count());
    ended
}

/// The next call replays exactly if the body before has succeeded, and what it leaves is final.
async fn next_call_is_right(store: &Arc<Faulty>, elsewhere: &Arc<dyn Store>, name: &str, is_done: bool) {
    let waits = || -> Operation { operation(name).in_flight(InFlight::Wait(LONG / 3)) };
    let answer = waits().run(store, async |_| Ok::<_, Failure>(2)).await.expect("the key is not blocked for longer");
    assert_eq!(answer, if is_done { Answer::Replayed(1) } else { Answer::Executed(2) }, "{name}");

    let completed = record(elsewhere, name).await;
    assert_eq!(completed.state.name(), "completed");
    let again = waits().run(elsewhere, async |_| Ok::<_, Failure>(3)).await.expect("there is an outcome");
    assert_eq!(again, Answer::Replayed(answer.into_inner()), "{name}");
    assert_eq!(found(elsewhere, &key(name)).await, Some(completed), "{name}");
}
