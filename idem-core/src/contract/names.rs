//! Several functions on one store: scopes keep them apart, and each keeps its own options.

use std::sync::Arc;
use std::time::Duration;

use crate::{Abandoned, Answer, Error, Key, MemoryStore, Operation, Scope, Site, State, Store};

use super::Backend;
use super::support::{Executions, HOUR, SHORT, acquire, found, operation, outcome, record, request, two};

fn key_in(scope: &'static str) -> Key {
    Key::new(Scope::from_static(scope), "order").expect("it is a key")
}

/// Two functions with one key have a record each, and both run.
pub async fn two_functions_same_key_same_store(backend: &dyn Backend) {
    static CHARGE: Site = Site::new("idem_core::contract::charge");
    static REFUND: Site = Site::new("idem_core::contract::refund");

    let [first, second] = two(backend).await;
    for (store, is_replayed) in [(&first, false), (&second, true)] {
        for (site, value) in [(&CHARGE, "charged"), (&REFUND, "refunded")] {
            let answer = Operation::scoped(site.scope_of("charge"), "order")
                .run(store, async |_| Ok::<_, Error>(value.to_owned()))
                .await;
            let answer = answer.expect("there is an outcome");
            assert_eq!((answer.is_replayed(), answer.into_inner().as_str()), (is_replayed, value));
        }
    }
    assert!(found(&first, &key_in("idem_core::contract::charge")).await.is_some());
}

/// Two functions that are given one scope share their keys, on purpose.
pub async fn namespace_shared_between_functions_opt_in(backend: &dyn Backend) {
    static OLD: Site = Site::named("contract.shared");
    static NEW: Site = Site::named("contract.shared");

    let [first, second] = two(backend).await;
    let old = Operation::scoped(OLD.scope_of("old"), "order").run(&first, async |_| Ok::<_, Error>(1)).await;
    assert_eq!(old.expect("the body runs"), Answer::Executed(1));
    let new = Operation::scoped(NEW.scope_of("new"), "order").run(&second, async |_| Ok::<_, Error>(2)).await;
    assert_eq!(new.expect("the outcome is shared"), Answer::Replayed(1));
}

/// A body may call another operation on the same store, also with the same key: each completes its own record.
pub async fn nested_functions_share_store(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let (outer_ran, inner_ran) = (Executions::default(), Executions::default());
    let inner = async |store: &Arc<dyn Store>| {
        Operation::new("inner", "order").run(store, async |_| Ok::<_, Error>(10 + inner_ran.add())).await
    };
    let outer = async |store: &Arc<dyn Store>| {
        let body = async |_| {
            outer_ran.add();
            Ok::<_, Error>(100 + inner(store).await?.into_inner())
        };
        Operation::new("outer", "order").run(store, body).await.expect("there is an outcome")
    };
    assert_eq!(outer(&first).await, Answer::Executed(111));
    assert_eq!(outer(&second).await, Answer::Replayed(111));
    assert_eq!(inner(&second).await.expect("there is an outcome"), Answer::Replayed(11));
    assert_eq!((outer_ran.count(), inner_ran.count()), (1, 1));
    for scope in ["outer", "inner"] {
        assert_eq!(found(&first, &key_in(scope)).await.expect("it has a record").state.name(), "completed");
    }
}

/// A body that calls its own operation with its own key on another store is a call of its own: two caches of one value.
pub async fn same_key_on_another_store_is_not_reentrant(backend: &dyn Backend) {
    let (store, elsewhere) = (backend.store().await, MemoryStore::new());
    let body = async |_| {
        let inner = operation("order").run(&elsewhere, async |_| Ok::<_, Error>(1)).await?;
        Ok::<_, Error>(10 + inner.into_inner())
    };
    assert_eq!(operation("order").run(&store, body).await.expect("both run"), Answer::Executed(11));
}

/// A body that calls its own operation with its own key on another store, where somebody else holds it, waits as any caller.
pub async fn same_key_in_progress_on_another_store_is_waited_for(backend: &dyn Backend) {
    let (store, elsewhere) = (backend.store().await, MemoryStore::new());
    let claim = acquire(&elsewhere, &request("order")).await;
    let body = async |_| {
        let rejected = operation("order").run(&elsewhere, async |_| Ok::<_, Error>(0)).await;
        assert!(rejected.is_err_and(|error| error.is_in_progress()), "it is not its own call");
        let waits = operation("order").in_flight(crate::InFlight::Wait(HOUR));
        let inner = waits.run(&elsewhere, async |_| Ok::<_, Error>(0));
        let ends = async {
            tokio::time::sleep(SHORT).await;
            elsewhere.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held");
        };
        let (inner, ()) = tokio::join!(inner, ends);
        Ok::<_, Error>(10 + inner?.into_inner())
    };
    assert_eq!(operation("order").run(&store, body).await.expect("both end"), Answer::Executed(11));
}

/// A body that calls its own operation with its own key is told so at once, instead of waiting for itself; also through
/// another one, and on another instance.
pub async fn reentrant_call_answers_at_once(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let waits = || operation("order").in_flight(crate::InFlight::Wait(HOUR));
    let body = async |_| {
        for store in [&first, &second] {
            let error = waits().run(store, async |_| Ok::<_, Error>(0)).await.expect_err("it is its own call");
            assert!(error.is_reentrant() && !error.is_retryable(), "{error}");
        }
        let between = async |_| {
            let inside = waits().run(&first, async |_| Ok::<_, Error>(0)).await;
            Ok::<_, Error>(inside.is_err_and(|error| error.is_reentrant()))
        };
        Operation::new("between", "order").run(&first, between).await
    };
    let answer = waits().run(&first, async |execution| Ok::<_, Error>(body(execution).await?.into_inner())).await;
    assert_eq!(answer.expect("the outer body goes on"), Answer::Executed(true));
}

/// The options belong to the call, not to the store: lease, retention, version and policies are as each call says.
pub async fn same_store_different_config_per_function(backend: &dyn Backend) {
    let store = backend.store().await;
    let call = async |name: &'static str, seconds: u64, abandoned| {
        let (lease, retention) = (Duration::from_secs(seconds), Duration::from_secs(100 * seconds));
        let body = async |_| {
            let running = record(&store, name).await;
            let State::Running { lease_until, abandoned: kept } = running.state else { panic!("the body runs") };
            assert_eq!((lease_until, kept), (running.updated_at + lease, abandoned));
            assert_eq!(running.expires_at, lease_until + retention);
            Ok::<_, Error>(name.to_owned())
        };
        let version = u32::try_from(seconds).expect("it is small");
        let call = operation(name).lease(lease).retain(retention).abandoned(abandoned).version(version);
        call.run(&store, body).await.expect("the body runs");
        let completed = record(&store, name).await;
        assert_eq!(completed.expires_at, completed.updated_at + retention);
        let State::Finished(outcome) = completed.state else { panic!("the body ran") };
        assert_eq!(outcome.version, version);
    };
    call("one", 60, Abandoned::Rerun).await;
    call("two", 7200, Abandoned::Refuse).await;
    call("three", 90, Abandoned::Rerun).await;
}
