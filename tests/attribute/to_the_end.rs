//! A call that ends though its caller is gone.

use std::sync::Arc;
use std::time::Duration;

use idem::{MemoryStore, idempotent, to_the_end};
use tokio::sync::Notify;
use tracing::Span;
use tracing_subscriber::util::SubscriberInitExt as _;

#[derive(Clone, Default)]
struct Bank {
    idem: MemoryStore,
    reached: Arc<Notify>,
    go_on: Arc<Notify>,
}

/// Says in which span it ends.
#[idempotent(store = bank.idem, scope = "tests.to_the_end", key = order, in_flight = wait("30s"))]
async fn charge(bank: Bank, order: u64) -> Result<Option<u64>, idem::Error> {
    bank.reached.notify_one();
    bank.go_on.notified().await;
    Ok(Span::current().id().map(|id| id.into_u64()))
}

#[tokio::test]
async fn a_timeout_and_then_a_retry_run_the_body_once_in_the_span_of_the_first_caller() {
    let _guard = tracing_subscriber::registry().set_default();
    let bank = Bank::default();
    let request = tracing::info_span!("request");
    let number = request.id().map(|id| id.into_u64());
    let call = request.in_scope(|| to_the_end(charge(bank.clone(), 17)));
    tokio::select! {
        _ = call => panic!("the body does not end"),
        () = bank.reached.notified() => {}
    }
    let retry = tokio::spawn(tokio::time::timeout(Duration::from_secs(30), charge(bank.clone(), 17)));
    bank.go_on.notify_one();
    let answer = retry.await.expect("no panic").expect("the first call ends").expect("it has an outcome");
    assert_eq!((answer, answer.is_some()), (number, true));
}
