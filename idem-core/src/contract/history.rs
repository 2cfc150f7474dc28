//! Random histories, each answer of which is compared with the pure functions of [`decision`](crate::decision).
//!
//! Time is the store's and real, so an answer may turn on an instant that nobody saw. The clock is read before and after
//! each call, and an answer is right if the pure functions give it, and the record that is then found, for an instant in
//! between.

mod choose;
mod step;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use step::{Answer, Step, expected, numbered_later, perform, turns};

use crate::decision::is_expired;
use crate::{Admission, Claim, ClaimDecision, ClaimId, ClaimRequest, Key, Record, Scope, State, Store, Timestamp};

const CALLERS: usize = 4;
const KEYS: u8 = 3;

/// Drives a random history of `steps` calls by four callers through `stores`, which are instances of one store, and
/// compares every answer and every record with what the decision gives.
///
/// The same `seed` makes the same choices. Nobody else may purge the backend meanwhile.
///
/// # Panics
///
/// At the first answer or record that is not what the decision gives, with the last steps that led there.
pub async fn random_history(stores: &[Arc<dyn Store>], seed: u64, steps: usize) {
    let mut history = History::start(stores, seed).await;
    for _ in 0..steps {
        let step = history.choose();
        history.take(step).await;
    }
}

struct History<'a> {
    stores: &'a [Arc<dyn Store>],
    random: StdRng,
    keys: Vec<Key>,
    /// A key that is done for good: looking it up reads the store's clock.
    clock: Key,
    /// What the store should hold.
    records: BTreeMap<Key, Record>,
    /// All claims that were ever acquired: most of them are zombies.
    claims: Vec<Claim>,
    last_requests: [Option<ClaimRequest>; CALLERS],
    trace: Vec<String>,
}

impl<'a> History<'a> {
    async fn start(stores: &'a [Arc<dyn Store>], seed: u64) -> Self {
        // The seed alone would let two runs on one backend meet.
        let scope = Scope::new(format!("contract.history.{}", ClaimId::random())).expect("a scope");
        let key = |number: u8| Key::new(scope.clone(), &number).expect("a number is a key");
        let mut history = Self {
            stores,
            random: StdRng::seed_from_u64(seed),
            keys: (0..KEYS).map(key).collect(),
            clock: key(KEYS),
            records: BTreeMap::new(),
            claims: Vec::new(),
            last_requests: [const { None }; CALLERS],
            trace: vec![format!("seed {seed}")],
        };
        let day = Duration::from_hours(24);
        let request = ClaimRequest { lease: day, admission: Admission::Open, ..history.request(history.clock.clone()) };
        let Ok(ClaimDecision::Acquired(claim)) = stores[0].claim(&request).await else {
            panic!("a key that was never used is not acquired")
        };
        stores[0].complete(&claim, &history.outcome(), day).await.expect("the holder completes");
        history
    }

    async fn take(&mut self, step: Step) {
        let caller = self.random.random_range(0..CALLERS);
        let store = &*self.stores[caller % self.stores.len()];
        let step = match (step, &self.last_requests[caller]) {
            // A lost acknowledgement: the caller asks again as it did before.
            (Step::Claim(_), Some(request)) if self.random.random_bool(0.2) => Step::Claim(request.clone()),
            (step, _) => step,
        };
        match step {
            Step::Wait(duration) => {
                self.trace.push(format!("{duration:?} go by"));
                tokio::time::sleep(duration).await;
            }
            Step::Purge(limit) => self.purge(store, limit).await,
            step => self.compare(store, caller, step).await,
        }
    }

    async fn compare(&mut self, store: &dyn Store, caller: usize, step: Step) {
        let Some(key) = step.key().cloned() else { return };
        let before = self.now().await;
        let answer = perform(store, &step).await;
        let after = self.now().await;
        let record = self.observe(&key, after).await;
        self.trace.push(format!("caller {caller}, key {}: {step:?}\n    -> {answer:?}", key.text()));
        let actual = (answer, record);
        self.check(&step, self.records.get(&key), before..=after, &actual);
        let (answer, record) = actual;
        self.records.extend(record.map(|record| (key, record)));
        if let Answer::Claim(ClaimDecision::Acquired(claim)) = answer {
            self.claims.push(claim);
        }
        if let Step::Claim(request) = step {
            self.last_requests[caller] = Some(request);
        }
    }

    /// Whether there are instants between the two readings of the clock at which the decision gives what came.
    fn check(
        &self,
        step: &Step,
        found: Option<&Record>,
        between: RangeInclusive<Timestamp>,
        actual: &(Answer, Option<Record>),
    ) {
        let mut instants = vec![*between.start(), *between.end()];
        instants.extend(found.into_iter().flat_map(turns));
        instants.extend(actual.1.as_ref().map(|record| record.updated_at));
        if let (Answer::Claim(ClaimDecision::InProgress { lease_left }), Some(State::Running { lease_until, .. })) =
            (&actual.0, found.map(|record| &record.state))
        {
            let left = i64::try_from(lease_left.as_micros()).unwrap_or(i64::MAX);
            instants.push(Timestamp::from_micros(lease_until.as_micros().saturating_sub(left)));
        }
        instants.retain(|now| between.contains(now));
        let explains = |decided: &Timestamp| {
            let later = instants.iter().filter(|now| *now >= decided);
            later.into_iter().any(|now| {
                let expected = expected(step, found, *decided, *now);
                expected == *actual || numbered_later(expected, &actual.0, &between) == *actual
            })
        };
        if !instants.iter().any(explains) {
            let [early, late] = [between.start(), between.end()].map(|now| expected(step, found, *now, *now));
            self.fail(&format!("found {found:#?}\nin {between:?} came {actual:#?}\nexpected {early:#?}\nor {late:#?}"));
        }
    }

    /// The purge removes exactly as many as it says, all that had expired up to its limit, and none that have not.
    async fn purge(&mut self, store: &dyn Store, limit: u32) {
        let before = self.now().await;
        let answer = store.purge_expired(limit).await;
        let after = self.now().await;
        self.trace.push(format!("purge up to {limit}\n    -> {answer:?}"));
        let (mut kept, mut removed) = (BTreeMap::new(), Vec::new());
        for (key, record) in self.records.clone() {
            match self.observe(&key, after).await {
                Some(found) if found == record => {
                    kept.insert(key, record);
                }
                Some(found) => self.fail(&format!("a purge changed {record:#?}\ninto {found:#?}")),
                None => removed.push(record),
            }
        }
        // A store may look at its records one after the other, each at an instant of its own: what expires meanwhile may
        // go or stay, also when a record that expired later goes.
        let explained = removed.iter().all(|record| is_expired(record, after))
            && (removed.len() == limit as usize || kept.values().all(|record| !is_expired(record, before)))
            && removed.len() <= limit as usize;
        if !explained || answer.ok() != Some(removed.len() as u64) {
            self.fail(&format!("between {before:?} and {after:?} a purge removed {removed:#?}\nand kept {kept:#?}"));
        }
        self.records = kept;
    }

    /// The store's clock.
    async fn now(&self) -> Timestamp {
        let observed = self.stores[0].lookup(&self.clock).await.expect("the store answers a lookup");
        observed.expect("a record that has not expired is there").now
    }

    /// The record of a key, as any of the instances sees it.
    async fn observe(&mut self, key: &Key, not_before: Timestamp) -> Option<Record> {
        let store = self.random.random_range(0..self.stores.len());
        let observed = self.stores[store].lookup(key).await.expect("the store answers a lookup")?;
        if observed.now < not_before {
            self.fail(&format!("the store's clock went back from {not_before:?} to {:?}", observed.now));
        }
        (observed.record.key == *key).then_some(observed.record)
    }

    fn fail(&self, what: &str) -> ! {
        let mut message = String::from("the store does not do what the decision gives\n");
        for (number, line) in self.trace.iter().enumerate().skip(self.trace.len().saturating_sub(20)) {
            let _ = writeln!(message, "{number:>4} {line}");
        }
        panic!("{message}{what}");
    }
}
