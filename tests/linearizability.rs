//! What concurrent callers are answered could have been answered to one caller at a time.
//!
//! Tasks race for one key through two instances of a store, and every call is recorded with when it began and ended. A
//! history passes if its calls can be put in an order that keeps each call before those that began after it had ended, and
//! in which the pure decision gives the very answers that the store gave. Leases and retention are long, so that the
//! decision may take place at one instant.

#[path = "linearizability/broken.rs"]
mod broken;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use idem::decision::{HolderWrite, Holding, decide_claim, decide_write};
use idem::{
    Abandoned, Admission, AsStore, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Fence, Fingerprint, Key,
    MemoryStore, Origin, Outcome, OutcomeKind, Record, Scope, SqliteStore, Store, Timestamp,
};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use tokio::sync::Barrier;

use broken::{Broken, Defect};

const HOUR: Duration = Duration::from_hours(1);
const NOW: Timestamp = Timestamp::from_micros(1);
const TASKS: u8 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn linearizability_history_check_memory() {
    let store = MemoryStore::new();
    let clone = store.clone();
    assert_consistent(first_inconsistent(&[store.as_store(), clone.as_store()], 500).await.as_ref());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn linearizability_history_check_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = async || SqliteStore::open(folder.path().join("idem.db")).await.expect("a database").as_store();
    assert_consistent(first_inconsistent(&[open().await, open().await], 60).await.as_ref());
}

/// A check that passes everything would pass the stores, too. On one thread the tasks take the same turns in each run.
#[tokio::test]
async fn linearizability_history_check_catches_broken_stores() {
    let check = async |defect| {
        let broken: Arc<dyn Store> = Arc::new(Broken::new(defect));
        first_inconsistent(&[broken.clone(), broken], 200).await
    };
    assert_consistent(check(Defect::None).await.as_ref());
    for defect in [Defect::TornClaim, Defect::TornRelease, Defect::BlindComplete, Defect::StuckFence] {
        assert!(check(defect).await.is_some(), "{defect:?} went unnoticed");
    }
}

fn assert_consistent(inconsistent: Option<&History>) {
    assert!(inconsistent.is_none(), "no order explains {inconsistent:#?}");
}

type History = LinearizabilityTester<u8, OneKey>;

/// Records this many histories, each on a key of its own, and returns the first that no order explains.
async fn first_inconsistent(instances: &[Arc<dyn Store>; 2], histories: u64) -> Option<History> {
    for seed in 0..histories {
        let history = record(instances, seed).await;
        if !history.is_consistent() {
            return Some(history);
        }
    }
    None
}

/// Lets the tasks race, half of them through each instance.
async fn record(instances: &[Arc<dyn Store>; 2], seed: u64) -> History {
    let key = Key::new(Scope::from_static("linearizability"), &seed).expect("a short key");
    let history = Arc::new(Mutex::new(History::new(OneKey::default())));
    let start = Arc::new(Barrier::new(usize::from(TASKS)));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let store = instances[usize::from(task % 2)].clone();
        let (key, history, start) = (key.clone(), history.clone(), start.clone());
        let mut dice = Dice(seed << 8 | u64::from(task));
        tasks.spawn(async move {
            start.wait().await;
            for step in 0..3 + dice.roll(2) {
                let call = Call::random(&mut dice, &key, task, step);
                pause(&mut dice).await;
                history.lock().expect("no panic").on_invoke(task, call.clone()).expect("one call at a time");
                // A caller may be stopped anywhere: some calls must be so long that those of others fit into them.
                pause(&mut dice).await;
                let answer = call.make(&*store).await;
                history.lock().expect("no panic").on_return(task, answer).expect("the call was recorded");
            }
        });
    }
    tasks.join_all().await;
    Arc::into_inner(history).expect("all tasks ended").into_inner().expect("no panic")
}

async fn pause(dice: &mut Dice) {
    if dice.roll(3) == 0 {
        tokio::task::yield_now().await;
    }
}

/// Random numbers that are the same in each run (`SplitMix64`), so that only the schedule differs between two runs.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u8) -> u8 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u8::try_from((mixed ^ (mixed >> 31)) % u64::from(sides)).expect("less than `sides`")
    }
}

#[derive(Debug, Clone)]
enum Call {
    Claim(ClaimRequest),
    Complete(Claim, Outcome),
    Release(Claim),
}

impl Call {
    /// The tasks share two claims: a claim is often repeated while it is still under way, and a write repeated by another
    /// hand, as after a lost acknowledgement. All outcomes differ, so that a replay shows whose was kept.
    fn random(dice: &mut Dice, key: &Key, task: u8, step: u8) -> Self {
        let claim_id = ClaimId::from_bytes([dice.roll(2); 16]);
        // Writes compare nothing but the claim id, so the rest of the claim may be made up.
        let (key, fence) = (key.clone(), Fence::from_number(1));
        let claim = Claim { key: key.clone(), claim_id, fence, attempt: 1, origin: Origin::Free };
        match dice.roll(7) {
            0..4 => Self::Claim(ClaimRequest {
                key,
                claim_id,
                fingerprint: Fingerprint::of(&(dice.roll(8) == 0)).ok(),
                lease: HOUR,
                retention: HOUR,
                abandoned: Abandoned::Rerun,
                max_attempts: None,
                admission: Admission::Open,
            }),
            4 => {
                let text = format!("{task}{step}").into();
                Self::Complete(claim, Outcome { kind: OutcomeKind::Value, codec: Codec::Json, version: 1, text })
            }
            _ => Self::Release(claim),
        }
    }

    /// Ambiguous errors have no place here: nothing but the calls themselves disturbs the store.
    async fn make(&self, store: &dyn Store) -> Reply {
        let written = match self {
            Self::Claim(request) => return Reply::decided(store.claim(request).await.expect("an answer")),
            Self::Complete(claim, outcome) => store.complete(claim, outcome, HOUR).await,
            Self::Release(claim) => store.release(claim).await,
        };
        match written {
            Ok(()) => Reply::Written,
            Err(error) if error.is_claim_lost() => Reply::Lost,
            Err(error) => panic!("no answer: {error}"),
        }
    }
}

/// What a call was answered, as far as two clocks can agree on it.
#[derive(Debug, Clone, PartialEq)]
enum Reply {
    Decided(ClaimDecision),
    Written,
    Lost,
}

impl Reply {
    fn decided(decision: ClaimDecision) -> Self {
        Self::Decided(match decision {
            ClaimDecision::InProgress { .. } => ClaimDecision::InProgress { lease_left: Duration::ZERO },
            decision => decision,
        })
    }
}

/// The record of one key, as one caller at a time leaves it.
#[derive(Debug, Clone, Default)]
struct OneKey(Option<Record>);

impl OneKey {
    fn write(&mut self, claim: &Claim, write: HolderWrite, change: impl FnOnce(Record) -> Record) -> Reply {
        match decide_write(self.0.as_ref(), claim.claim_id, write) {
            Holding::Held => self.0 = self.0.take().map(change),
            Holding::Repeated => {}
            Holding::Lost => return Reply::Lost,
        }
        Reply::Written
    }
}

impl SequentialSpec for OneKey {
    type Op = Call;
    type Ret = Reply;

    fn invoke(&mut self, call: &Call) -> Reply {
        match call {
            Call::Claim(request) => {
                let decision = decide_claim(self.0.as_ref(), NOW, request);
                if let ClaimDecision::Acquired(claim) = &decision {
                    self.0 = Some(Record::claimed(request, claim, NOW, self.0.as_ref()));
                }
                Reply::decided(decision)
            }
            Call::Complete(claim, outcome) => {
                self.write(claim, HolderWrite::Complete, |record| record.finished(outcome.clone(), HOUR, NOW))
            }
            Call::Release(claim) => self.write(claim, HolderWrite::Release, |record| record.released(NOW)),
        }
    }

    /// Fences begin at the store's clock, so the record takes over the one that was given out if it is a right one: greater
    /// than the last, or the same if the claim was repeated.
    fn is_valid_step(&mut self, call: &Call, reply: &Reply) -> bool {
        let last = self.0.as_ref().map(|record| record.fence);
        let mut expected = self.invoke(call);
        if let (Reply::Decided(ClaimDecision::Acquired(expected)), Reply::Decided(ClaimDecision::Acquired(given))) =
            (&mut expected, reply)
        {
            let is_right =
                if expected.origin == Origin::Repeated { Some(given.fence) == last } else { Some(given.fence) > last };
            if let Some(record) = self.0.as_mut().filter(|_| is_right) {
                (record.fence, expected.fence) = (given.fence, given.fence);
            }
        }
        expected == *reply
    }
}
