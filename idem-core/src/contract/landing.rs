//! A claim whose acknowledgement is lost, late or never comes.

use std::time::Duration;

use crate::{Answer, ClaimDecision, ClaimRequest, Error, Execution, Origin, State};

use super::support::{
    LONG, SHORT, acquire, acquire_and_lapse, ask, becomes, by_another, faulty, fingerprint, operation, record, request,
    two,
};
use super::{Backend, Fault, Method};

/// How many callers give up.
const IMPATIENT: usize = 200;
/// How long the engine looks for a claim that was left.
const LOOKED_FOR: Duration = Duration::from_millis(2_400);

/// A caller that repeats its own claim id acquires again: the same claim, with a fresh lease.
pub async fn resume_by_claim_id_for_durable_replay(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let request = ClaimRequest { fingerprint: Some(fingerprint(1)), ..request("order") };
    let claim = acquire(&first, &request).await;
    let again = acquire(&second, &request).await;
    assert_eq!(again, crate::Claim { origin: Origin::Repeated, ..claim.clone() });
    assert_eq!(record(&first, "order").await.attempts, 1);

    // Also after the lease ran out, as long as nobody took over.
    let lapsed =
        acquire_and_lapse(&first, &ClaimRequest { key: super::support::key("lapsed"), ..by_another(&request) }).await;
    let request = ClaimRequest { key: lapsed.key.clone(), claim_id: lapsed.claim_id, ..request };
    let again = acquire(&second, &request).await;
    assert_eq!((again.fence, again.attempt, again.origin), (lapsed.fence, 1, Origin::Repeated));
    let other = ask(&first, &by_another(&request)).await;
    assert!(matches!(other, ClaimDecision::InProgress { .. }), "the lease is fresh: {other:?}");
    assert!(matches!(record(&first, "lapsed").await.state, State::Running { .. }));
}

/// A claim whose acknowledgement was lost is found again as the caller's own: the body runs, once, as the first attempt.
pub async fn lost_claim_ack_recognised_as_own(backend: &dyn Backend) {
    let body = async |execution: Execution| Ok::<_, Error>(execution.attempt());
    for round in 0..5 {
        let store = faulty(backend).await;
        store.plan(Method::Claim, [Fault::LosesAcknowledgement]);
        match operation(&round).run(&store, body).await {
            Ok(answer) => assert_eq!(answer, Answer::Executed(1)),
            // On a machine so slow that a single claim uses up the engine's patience, there is no repetition.
            Err(error) if error.is_retryable() && store.calls(Method::Claim) == 1 => continue,
            Err(error) => panic!("the claim is its own: {error}"),
        }
        assert_eq!(store.calls(Method::Claim), 2);
        assert_eq!(operation(&round).run(&store, body).await.expect("there is an outcome"), Answer::Replayed(1));
        return;
    }
    panic!("every claim took longer than the engine's patience");
}

/// A claim that lands after its caller gave up is released in the background: nobody waits for its lease.
pub async fn late_landing_claim_is_released(backend: &dyn Backend) {
    let late = Fault::LandsLate(Duration::from_millis(30));
    for last in [late, Fault::LosesAcknowledgement] {
        let store = faulty(backend).await;
        store.plan(Method::Claim, [Fault::Fails, Fault::Fails, last]);
        let name = format!("{last:?}");
        let error = operation(&name).lease(LONG).run(&store, async |_| Ok::<_, Error>(0)).await;
        assert!(error.is_err_and(|error| error.is_retryable() && error.store_error().is_some()));
        becomes(&store, &name, "released").await;
        assert_eq!(acquire(&store, &request(&name)).await.attempt, 2);
    }
}

/// A claim whose acknowledgement was lost, and whose repetition is refused for good, may have landed: it is released.
pub async fn claim_that_landed_before_a_refusal_is_released(backend: &dyn Backend) {
    let store = faulty(backend).await;
    store.plan(Method::Claim, [Fault::LosesAcknowledgement, Fault::Refuses]);
    let error = operation("order").lease(LONG).run(&store, async |_| Ok::<_, Error>(0)).await;
    assert!(error.is_err_and(|error| error.store_error().is_some()));
    becomes(&store, "order", "released").await;
}

/// A claim that lands late, after the same caller's repetition of it, changes nothing of what the repetition did.
pub async fn late_landing_claim_does_not_undo_an_outcome(backend: &dyn Backend) {
    let store = faulty(backend).await;
    store.plan(Method::Claim, [Fault::LandsLate(SHORT)]);
    let answer = operation("order").run(&store, async |_| Ok::<_, Error>(42)).await;
    assert_eq!(answer.expect("the repetition is answered"), Answer::Executed(42));
    let completed = record(&store, "order").await;
    tokio::time::sleep(2 * SHORT).await;
    assert_eq!(record(&store, "order").await, completed);
}

/// Callers that gave up while another one held their key have claimed nothing, and so write nothing, however many they are: what
/// they left is looked for by reading.
pub async fn callers_that_gave_up_write_nothing(backend: &dyn Backend) {
    let store = faulty(backend).await;
    let body = async |_| {
        store.plan(Method::Claim, std::iter::repeat_n(Fault::HangsAfter, IMPATIENT));
        for _ in 0..IMPATIENT {
            let call = operation("order").run(&store, async |_| Ok::<_, Error>(0));
            tokio::select! {
                biased;
                _ = call => panic!("the call was to be dropped"),
                () = tokio::task::yield_now() => {}
            }
        }
        // Until nobody looks for them any more.
        tokio::time::sleep(LOOKED_FOR).await;
        Ok::<_, Error>(42)
    };
    assert_eq!(operation("order").run(&store, body).await.expect("it is the holder"), Answer::Executed(42));
    let again = operation("order").run(&store, async |_| Ok::<_, Error>(0)).await;
    assert_eq!(again.expect("there is an outcome"), Answer::Replayed(42));
    assert_eq!(store.calls(Method::Release), 0);
}
