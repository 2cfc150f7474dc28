//! Tokens: the server issues the key, the client brings it back, and it is used once.

use std::sync::Arc;
use std::time::Duration;

use crate::{
    Admission, Answer, ClaimDecision, ClaimRequest, Error, Execution, InFlight, IssueDecision, Key, Operation, Scope,
    Store, Token, TokenOf, Tokens,
};

use super::Backend;
use super::support::{
    Executions, HOUR, LONG, SCOPE, SHORT, acquire, ask, clock, expire, found, key, outcome, race, request, two,
};

/// A lifetime that runs out, and not before the token was claimed, however busy the machine is.
const LIFETIME: Duration = Duration::from_secs(1);

/// The call that brings a token back.
fn operation(token: &TokenOf) -> Operation {
    Operation::with_token(SCOPE, token).lease(LONG).retain(HOUR)
}

async fn issue(store: &Arc<dyn Store>, lifetime: Duration) -> Token {
    Tokens::new(store, SCOPE).lifetime(lifetime).issue_to("alice").await.expect("the store issues")
}

fn key_of(token: Token) -> Key {
    token.of("alice").key(Scope::from_static(SCOPE)).expect("the cases' tokens are keys")
}

/// A request for the claim that [`operation`] asks for.
pub(super) fn with_token(key: &Key) -> ClaimRequest {
    ClaimRequest { key: key.clone(), admission: Admission::IssuedOnly, ..request("token") }
}

/// Of many clicks at once, on two instances, one runs the body. The others are refused as any duplicate in flight is, or
/// wait and get its outcome.
pub async fn token_single_use(backend: &dyn Backend) {
    let stores = two(backend).await;
    for in_flight in [InFlight::Reject, InFlight::Wait(LONG)] {
        let token = issue(&stores[0], HOUR).await;
        let executions = Executions::default();
        let answers = race(&stores, |_, store| {
            let executions = executions.clone();
            async move {
                let body = async |_| Ok::<_, Error>(executions.add());
                operation(&token.of("alice")).in_flight(in_flight).run(&store, body).await
            }
        })
        .await;
        let executed = answers.iter().filter(|answer| matches!(answer, Ok(Answer::Executed(1)))).count();
        assert_eq!((executions.count(), executed), (1, 1), "{answers:?}");
        let may = |answer: &Result<Answer<usize>, Error>| match answer {
            Ok(answer) => answer.into_inner() == 1,
            Err(error) => error.is_in_progress() && matches!(in_flight, InFlight::Reject),
        };
        assert!(answers.iter().all(may), "{answers:?}");
    }
}

/// A token that was never issued, was issued to somebody else, to nobody, for another operation, or whose lifetime is over:
/// one error for all of them, and no record.
pub async fn unknown_expired_forged_and_foreign_tokens_create_no_record(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let executions = Executions::default();
    let token = issue(&first, HOUR).await;
    let for_anyone = Tokens::new(&first, SCOPE).issue_to_anyone().await.expect("the store issues");
    let elsewhere = Tokens::new(&first, "contract.elsewhere").issue_to("alice").await.expect("the store issues");
    let expired = issue(&first, SHORT).await;
    expire(&second, &key_of(expired)).await;
    let unknown: Token = "0123456789ABCDEFGHIJKL".parse().expect("the form of a token");
    let wrong = [
        unknown.of("alice"),
        token.of("mallory"),
        token.of(("alice",)),
        token.of_anyone(),
        for_anyone.of("alice"),
        elsewhere.of("alice"),
        expired.of("alice"),
    ];
    let said = "".parse::<Token>().expect_err("no token is empty").to_string();
    for token in &wrong {
        let key = token.key(Scope::from_static(SCOPE)).expect("it has a key");
        let before = found(&first, &key).await;
        for store in [&first, &second] {
            let error = operation(token).run(store, async |_| Ok::<_, Error>(executions.add())).await;
            let error = error.expect_err("the token may not be used");
            assert!(error.is_not_issued() && !error.is_retryable(), "{error}");
            assert_eq!(error.to_string(), said);
        }
        assert_eq!(found(&first, &key).await, before);
    }
    assert_eq!(executions.count(), 0);

    for token in [token.of("alice"), for_anyone.of_anyone()] {
        let answer = operation(&token).run(&second, async |_| Ok::<_, Error>(executions.add())).await;
        assert!(answer.is_ok_and(|answer| !answer.is_replayed()), "the right one still may");
    }
}

/// A use that failed does not use the token up: the next click is the next attempt.
pub async fn token_consumed_then_handler_fails(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let token = issue(&first, HOUR).await.of("alice");
    let executions = Executions::default();
    let fails_at_first = async |execution: Execution| match executions.add() {
        1 => Err(Error::misuse("the body fails")),
        _ => Ok(execution.attempt()),
    };
    assert!(operation(&token).run(&first, fails_at_first).await.is_err_and(|error| error.is_misuse()));
    assert_eq!(operation(&token).run(&second, fails_at_first).await.expect("the token is free"), Answer::Executed(2));
    assert_eq!(operation(&token).run(&first, fails_at_first).await.expect("there is an outcome"), Answer::Replayed(2));
    assert_eq!(executions.count(), 2);
}

/// A token that was used replays its outcome, also to those who ask with other options, and to nobody else. Another payload is a
/// mismatch.
pub async fn token_reuse_after_success_replays(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let issued = issue(&first, HOUR).await;
    let token = issued.of("alice");
    let executions = Executions::default();
    let body = async |_| Ok::<_, Error>(executions.add());
    let answer = operation(&token).fingerprint(&100).run(&first, body).await;
    assert_eq!(answer.expect("the token was issued"), Answer::Executed(1));
    for store in [&first, &second] {
        let answer = operation(&token).fingerprint(&100).max_attempts(1).run(store, body).await;
        assert_eq!(answer.expect("there is an outcome"), Answer::Replayed(1));
        let other = operation(&token).fingerprint(&101).run(store, body).await;
        assert!(other.is_err_and(|error| error.is_mismatch()));
        let foreign = operation(&issued.of("mallory")).fingerprint(&100).run(store, body).await;
        assert!(foreign.is_err_and(|error| error.is_not_issued()));
    }
    assert_eq!(executions.count(), 1);
}

/// The lifetime bounds the first use alone: what was claimed in time may finish later, and is then replayed for the
/// retention of its outcome. Once that is over too the token is unknown, and its body never runs again.
pub async fn token_finished_after_its_lifetime_replays(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let token = key_of(issue(&first, HOUR).await);
    let short = Key::new(token.scope().clone(), "a token of a short life").expect("a key");
    assert_eq!(first.issue(&short, LIFETIME).await.expect("the store answers"), IssueDecision::Issued);
    let issued = found(&second, &short).await.expect("it was issued");
    let claim = acquire(&second, &with_token(&short)).await;
    while clock(&first, &short).await <= issued.expires_at {
        tokio::time::sleep(SHORT).await;
    }
    first.complete(&claim, &outcome("42"), HOUR).await.expect("the holder completes");
    let replayed = ask(&second, &with_token(&short)).await;
    assert_eq!(replayed, ClaimDecision::Replay(outcome("42")));
    assert_eq!(found(&first, &short).await.expect("it is kept").created_at, issued.created_at);

    let claim = acquire(&first, &with_token(&token)).await;
    second.complete(&claim, &outcome("42"), SHORT).await.expect("the holder completes");
    expire(&first, &token).await;
    assert_eq!(ask(&second, &with_token(&token)).await, ClaimDecision::NotIssued);
}

/// A use that ended with nothing to keep may be repeated for the retention of its claim, though the lifetime is over.
pub async fn failed_token_may_be_used_again_after_its_lifetime(backend: &dyn Backend) {
    let store = backend.store().await;
    let token = key("a token of a short life");
    assert_eq!(store.issue(&token, LIFETIME).await.expect("the store answers"), IssueDecision::Issued);
    let issued = found(&store, &token).await.expect("it was issued");
    let claim = acquire(&store, &with_token(&token)).await;
    store.release(&claim).await.expect("the holder releases");
    while clock(&store, &token).await <= issued.expires_at {
        tokio::time::sleep(SHORT).await;
    }
    let claim = acquire(&store, &with_token(&token)).await;
    assert_eq!(claim.attempt, 2);
}
