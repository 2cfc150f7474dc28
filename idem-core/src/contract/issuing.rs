//! Issuing a key as a token: once, for a lifetime, and never over a record that somebody has.

use std::time::Duration;

use crate::{Answer, ClaimRequest, Error, IssueDecision, Operation, Store, Tokens};

use super::support::{
    HOUR, LONG, SCOPE, SHORT, acquire, expire, faulty, fingerprint, found, key, outcome, race, record, request, two,
};
use super::tokens::with_token;
use super::{Backend, Fault, Method};

/// Issuing makes a record that is unused, ends with its lifetime, and that a purge keeps until then and removes from then
/// on. Its first claim has a greater fence than what was there before.
pub async fn unused_token_ends_with_its_lifetime(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    assert_eq!(first.issue(&key("long"), HOUR).await.expect("the store answers"), IssueDecision::Issued);
    assert_eq!(first.issue(&key("short"), SHORT).await.expect("the store answers"), IssueDecision::Issued);
    let issued = record(&second, "long").await;
    assert_eq!((issued.state.name(), issued.claim_id, issued.attempts), ("issued", None, 0));
    assert_eq!((issued.created_at, issued.fingerprint), (issued.updated_at, None));
    assert_eq!(issued.expires_at, issued.updated_at + HOUR);

    expire(&second, &key("short")).await;
    // A millisecond for a clock that has no more digits: a purge leaves what has a fence of now.
    tokio::time::sleep(Duration::from_millis(2)).await;
    first.purge_expired(10).await.expect("the store answers");
    assert!(found(&second, &key("short")).await.is_none());
    assert_eq!(record(&second, "long").await, issued);
    let claim = acquire(&second, &with_token(&key("long"))).await;
    assert!(claim.fence > issued.fence && claim.attempt == 1, "{claim:?}");
}

/// A key that has a record is not issued, whatever its state, and the record stays as it is.
pub async fn issuing_a_taken_key_changes_nothing(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    first.issue(&key("issued"), HOUR).await.expect("the store answers");
    acquire(&first, &request("running")).await;
    let released = acquire(&first, &request("released")).await;
    first.release(&released).await.expect("the holder releases");
    let completed = ClaimRequest { fingerprint: Some(fingerprint(1)), ..request("completed") };
    let completed = acquire(&first, &completed).await;
    first.complete(&completed, &outcome("42"), HOUR).await.expect("the holder completes");
    for name in ["issued", "running", "released", "completed"] {
        let before = record(&first, name).await;
        for (store, lifetime) in [(&second, SHORT), (&first, HOUR * 2)] {
            assert_eq!(store.issue(&key(name), lifetime).await.expect("the store answers"), IssueDecision::Taken);
        }
        assert_eq!(record(&second, name).await, before, "{name}");
    }
}

/// A key whose record has expired is as good as new, but for its fence. Of many who issue it at once one does.
pub async fn expired_key_is_issued_anew_by_one(backend: &dyn Backend) {
    let stores = two(backend).await;
    let [first, second] = &stores;
    for name in ["issued", "lapsed", "released", "completed"] {
        let request =
            ClaimRequest { lease: SHORT, retention: SHORT, fingerprint: Some(fingerprint(1)), ..request(name) };
        if name == "issued" {
            first.issue(&request.key, SHORT).await.expect("the store answers");
        } else {
            let claim = acquire(first, &request).await;
            match name {
                "completed" => first.complete(&claim, &outcome("42"), SHORT).await.expect("the holder completes"),
                "released" => first.release(&claim).await.expect("the holder releases"),
                _ => {}
            }
        }
        let before = found(first, &request.key).await;
        expire(second, &request.key).await;
        let key = request.key.clone();
        let issued = race(&stores, |_, store| {
            let key = key.clone();
            async move { store.issue(&key, HOUR).await.expect("the store answers") }
        })
        .await;
        assert_eq!(issued.iter().filter(|decision| **decision == IssueDecision::Issued).count(), 1, "{name}");
        let anew = record(second, name).await;
        assert_eq!((anew.state.name(), anew.claim_id, anew.attempts, anew.fingerprint), ("issued", None, 0, None));
        assert_eq!(anew.created_at, anew.updated_at, "{name}");
        let claim = acquire(first, &with_token(&request.key)).await;
        assert!(before.is_none_or(|before| claim.fence > before.fence), "{name}");
        assert_eq!(claim.attempt, 1, "{name}");
    }
}

/// After an acknowledgement that was lost, a token is handed out all the same, and it can be used. Repeated with the same key, a
/// store says that it is taken and leaves it as it was issued.
pub async fn issue_repeated_after_a_lost_acknowledgement(backend: &dyn Backend) {
    let store = faulty(backend).await;
    store.plan(Method::Issue, [Fault::LosesAcknowledgement]);
    let token = Tokens::new(&store, SCOPE).issue_to("alice").await.expect("the second one is acknowledged");
    assert_eq!(store.calls(Method::Issue), 2);
    let answer = Operation::with_token(SCOPE, &token.of("alice")).run(&store, async |_| Ok::<_, Error>(42)).await;
    assert_eq!(answer.expect("the token was issued"), Answer::Executed(42));

    store.plan(Method::Issue, [Fault::LosesAcknowledgement]);
    assert!(store.issue(&key("token"), HOUR).await.is_err_and(|error| error.is_retryable()));
    let issued = record(&store, "token").await;
    assert_eq!(store.issue(&key("token"), LONG).await.expect("the store answers"), IssueDecision::Taken);
    assert_eq!(record(&store, "token").await, issued);

    store.always(Method::Issue, Fault::Fails);
    let error = Tokens::new(&store, SCOPE).issue_to("alice").await.expect_err("the store is away");
    assert!(error.is_retryable() && error.store_error().is_some(), "{error}");
}
