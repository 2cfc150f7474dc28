//! With the feature `metrics` every call is one count, by scope and by how it ended, never by key.
#![cfg(all(feature = "contract", feature = "metrics"))]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use idem_core::contract::{Fault, Faulty, Method};
use idem_core::{Abandoned, Error, Execution, MemoryStore, Operation, OutcomeLimit};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};

/// Long enough that a call finds it live after a stall of the machine.
const LEASE: Duration = Duration::from_secs(2);
const KEY: &str = "a key that nobody is to see";

async fn ok(_: Execution) -> Result<u32, Error> {
    Ok(1)
}

async fn never(_: Execution) -> Result<u32, Error> {
    std::future::pending().await
}

#[derive(Clone, Default)]
struct Counters(Arc<Mutex<HashMap<String, Arc<AtomicU64>>>>);

impl metrics::Recorder for Counters {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Counter::from_arc(Arc::clone(self.0.lock().expect("no test panics inside").entry(name).or_default()))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// Every call is counted once, under its scope and its end; takeovers and outcomes that are omitted are too.
#[test]
fn outcome_metrics() {
    let counters = Counters::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    metrics::with_local_recorder(&counters, || {
        runtime.block_on(async {
            let store = Faulty::new(Arc::new(MemoryStore::new()));
            let call = || Operation::new("counted", KEY).lease(LEASE);
            let dropped = call().abandoned(Abandoned::Refuse).run(&store, never);
            tokio::time::timeout(Duration::from_millis(5), dropped).await.expect_err("the body never ends");
            call().run(&store, ok).await.expect_err("the claim is live");
            tokio::time::sleep(LEASE).await;
            call().abandoned(Abandoned::Refuse).run(&store, ok).await.expect_err("a person decides");
            let other = || Operation::new("counted", &(KEY, 2)).lease(LEASE);
            let dropped = other().run(&store, never);
            tokio::time::timeout(Duration::from_millis(5), dropped).await.expect_err("the body never ends");
            tokio::time::sleep(LEASE).await;
            store.plan(Method::Complete, [Fault::Refuses]);
            other().run(&store, ok).await.expect("it takes over");
            let limited = || Operation::new("counted", &(KEY, 3)).outcome_limit(OutcomeLimit::marker(0));
            limited().run(&store, ok).await.expect("the caller gets its value");
            limited().run(&store, ok).await.expect_err("there is none to replay");
            let unknown = Operation::new("counted", &(KEY, 4)).unknown_if(|_: &Error| true);
            let error = || Err::<u32, _>(idem_core::Scope::new("").expect_err("an empty scope is refused"));
            unknown.run(&store, async |_| error()).await.expect_err("the body's own error");
        });
    });
    let counters = counters.0.lock().expect("no test panics inside");
    let mut counted: Vec<_> =
        counters.iter().map(|(name, count)| format!("{name} {}", count.load(Ordering::Relaxed))).collect();
    counted.sort();
    assert_eq!(
        counted,
        [
            "idem_calls_total{scope=counted,end=abandoned} 1",
            "idem_calls_total{scope=counted,end=executed} 2",
            "idem_calls_total{scope=counted,end=failed} 3",
            "idem_calls_total{scope=counted,end=in_progress} 1",
            "idem_calls_total{scope=counted,end=unknown} 1",
            "idem_outcomes_omitted_total{scope=counted} 2",
            "idem_takeovers_total{scope=counted} 1",
        ]
    );
    assert!(counted.iter().all(|line| !line.contains(KEY)));
}
