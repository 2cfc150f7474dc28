//! Claims whose callers have given up, and that may have landed all the same, or are still on their way.
//!
//! Their bodies did not run, so one that lands is released. Callers can leave any number of them, and holders must not wait
//! behind these: a store is asked about one key at a time, by reading, however many claims of it there are. Only a claim that has
//! landed is written. There is room for so many in all, and one beyond that lapses.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::{Claim, ClaimId, ClaimRequest, Fence, Key, Origin, State, Store};

use super::drain::Counted;
use super::keeper::Keeper;
use super::lanes::place_of;
use super::report;
use super::settle::within;

/// When a claim is looked for, from when it was left. One that has not landed by then is not expected any more.
const LOOKS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(10),
    Duration::from_millis(60),
    Duration::from_millis(310),
    Duration::from_millis(2_310),
];
/// From the end of one round to the next.
const PAUSE: Duration = Duration::from_millis(10);
/// The same while the store does not answer, at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// A claim that the store does not answer for is looked for no longer than this: in an outage each call leaves one.
const LONGEST_SILENCE: Duration = Duration::from_mins(1);
/// How many are looked for at most, at all stores together.
const MOST: usize = 16_384;

/// The claims of a process that may land.
#[derive(Default)]
pub(super) struct Landings {
    left: Mutex<Left>,
}

impl Landings {
    /// Adds the claim of a request, and says whether somebody must begin to [look](Self::look) at its store.
    #[must_use]
    pub(super) fn enter(&self, store: &Arc<dyn Store>, request: &ClaimRequest, counted: Counted) -> bool {
        let mut left = self.left();
        if left.count >= MOST {
            let was_told = std::mem::replace(&mut left.is_told_full, true);
            drop(left);
            if !was_told {
                report::not_looked_for(&request.key);
            }
            return false;
        }
        left.count += 1;
        let place = place_of(store);
        let is_first = !left.stores.contains_key(&place);
        let landing = Landing { claim_id: request.claim_id, since: Instant::now(), looks: 0, _counted: counted };
        left.stores.entry(place).or_default().entry(request.key.clone()).or_default().landings.push(landing);
        is_first
    }

    /// Looks for the claims of a store, round by round, until none is left.
    pub(super) async fn look(&self, keeper: &Keeper, store: Arc<dyn Store>) {
        let mut search = Search { landings: self, place: place_of(&store), is_over: false };
        let mut pause = PAUSE;
        while let Some(due) = search.next_round() {
            let is_answered = self.look_at_all(keeper, &store, &due).await;
            pause = if is_answered { PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
            tokio::time::sleep(pause).await;
        }
    }

    /// Looks at the keys of one round; `false` if the store does not answer. Then it is not asked for the others, which stay due.
    async fn look_at_all(&self, keeper: &Keeper, store: &Arc<dyn Store>, due: &[Key]) -> bool {
        for (before, key) in due.iter().enumerate() {
            let asked_at = Instant::now();
            if !self.look_at(keeper, store, key).await {
                self.left().not_answered(place_of(store), &due[before..], asked_at);
                return false;
            }
            self.left().answered(place_of(store), key, asked_at);
        }
        true
    }

    /// Releases the claim of a key if it is one of these; `false` if the store does not answer.
    async fn look_at(&self, keeper: &Keeper, store: &Arc<dyn Store>, key: &Key) -> bool {
        let found = match within(PATIENCE, store.lookup(key)).await {
            None => return false,
            Some(Err(error)) => return !error.is_retryable(),
            Some(Ok(found)) => found,
        };
        let landed =
            found.map(|observed| observed.record).filter(|record| matches!(record.state, State::Running { .. }));
        let Some(claim_id) = landed.and_then(|record| record.claim_id) else { return true };
        if !self.left().has(place_of(store), key, claim_id) {
            return true;
        }
        let claim =
            Claim { key: key.clone(), claim_id, fence: Fence::from_number(0), attempt: 0, origin: Origin::Free };
        match within(PATIENCE, store.release(&claim)).await {
            None => return false,
            Some(Err(error)) if error.is_retryable() => return false,
            Some(Err(error)) if error.is_claim_lost() => {}
            Some(Err(error)) => report::not_released(&claim, &error),
            Some(Ok(())) => keeper.waiters().wake(&claim.key),
        }
        self.left().forget(place_of(store), key, |landing| landing.claim_id == claim_id);
        true
    }

    /// Nothing panics under this lock, so a poisoned one protects nothing.
    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The search at one store. If the store panics its claims are forgotten, so that the next one that is left begins another search.
struct Search<'l> {
    landings: &'l Landings,
    place: usize,
    /// The place was given back when nothing was left. It may be that of another search by now.
    is_over: bool,
}

impl Search<'_> {
    fn next_round(&mut self) -> Option<Vec<Key>> {
        let due = self.landings.left().due(self.place, Instant::now());
        self.is_over = due.is_none();
        due
    }
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.landings.left().forget_store(self.place);
        }
    }
}

#[derive(Default)]
struct Left {
    /// By the place of their store. A store that is here is being looked at.
    stores: HashMap<usize, HashMap<Key, Sought>>,
    count: usize,
    /// The warning was given, and half of the room was not free since then.
    is_told_full: bool,
}

/// The claims of one key.
#[derive(Default)]
struct Sought {
    landings: Vec<Landing>,
    asked_at: Option<Instant>,
    /// Since when the store has not answered, to this question or to one before it.
    silent_since: Option<Instant>,
}

struct Landing {
    claim_id: ClaimId,
    since: Instant,
    /// How many of [`LOOKS`] are over: the store has answered since.
    looks: usize,
    /// A process that comes to its end waits for it.
    _counted: Counted,
}

impl Landing {
    /// How many of [`LOOKS`] are over with a question that is asked now.
    fn looks_by(&self, now: Instant) -> usize {
        let since = now.checked_duration_since(self.since);
        since.map_or(0, |since| LOOKS.iter().take_while(|look| **look <= since).count())
    }
}

impl Left {
    /// The keys to look at now, first the one that was not asked for the longest; nothing, and the place is free, once no claim is
    /// left.
    fn due(&mut self, place: usize, now: Instant) -> Option<Vec<Key>> {
        let keys = self.stores.get_mut(&place)?;
        let is_hopeless = |sought: &Sought| {
            sought.silent_since.is_some_and(|since| now.saturating_duration_since(since) >= LONGEST_SILENCE)
        };
        let gone = keys.extract_if(|_, sought| is_hopeless(sought)).map(|(_, sought)| sought.landings.len()).sum();
        let is_due = |landing: &Landing| landing.looks_by(now) > landing.looks;
        let mut due: Vec<_> = keys.iter().filter(|(_, sought)| sought.landings.iter().any(is_due)).collect();
        due.sort_by_key(|(_, sought)| sought.asked_at);
        let due = due.into_iter().map(|(key, _)| key.clone()).collect();
        let is_over = keys.is_empty();
        if is_over {
            self.stores.remove(&place);
        }
        self.made_room(gone);
        (!is_over).then_some(due)
    }

    /// The store has answered a question for this key that was asked then.
    fn answered(&mut self, place: usize, key: &Key, asked_at: Instant) {
        if let Some(sought) = self.stores.get_mut(&place).and_then(|keys| keys.get_mut(key)) {
            (sought.asked_at, sought.silent_since) = (Some(asked_at), None);
            for landing in &mut sought.landings {
                landing.looks = landing.looks.max(landing.looks_by(asked_at));
            }
        }
        self.forget(place, key, |landing| landing.looks == LOOKS.len());
    }

    /// The store has not answered a question for the first of these keys, and was not asked for the others.
    fn not_answered(&mut self, place: usize, keys: &[Key], asked_at: Instant) {
        let Some(of_store) = self.stores.get_mut(&place) else { return };
        for (number, key) in keys.iter().enumerate() {
            if let Some(sought) = of_store.get_mut(key) {
                sought.silent_since.get_or_insert(asked_at);
                if number == 0 {
                    sought.asked_at = Some(asked_at);
                }
            }
        }
    }

    fn has(&self, place: usize, key: &Key, claim_id: ClaimId) -> bool {
        let sought = self.stores.get(&place).and_then(|keys| keys.get(key));
        sought.is_some_and(|sought| sought.landings.iter().any(|landing| landing.claim_id == claim_id))
    }

    fn forget(&mut self, place: usize, key: &Key, is_over: impl Fn(&Landing) -> bool) {
        let Some(keys) = self.stores.get_mut(&place) else { return };
        let Some(sought) = keys.get_mut(key) else { return };
        let before = sought.landings.len();
        sought.landings.retain(|landing| !is_over(landing));
        let gone = before - sought.landings.len();
        if sought.landings.is_empty() {
            keys.remove(key);
        }
        self.made_room(gone);
    }

    fn forget_store(&mut self, place: usize) {
        let keys = self.stores.remove(&place).unwrap_or_default();
        self.made_room(keys.values().map(|sought| sought.landings.len()).sum());
    }

    fn made_room(&mut self, for_more: usize) {
        self.count -= for_more;
        if self.count < MOST / 2 {
            self.is_told_full = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::drain::Drain;
    use super::*;
    use crate::{Abandoned, Admission, AsStore as _, MemoryStore, Scope};

    fn drain() -> &'static Drain {
        Box::leak(Box::default())
    }

    fn request(number: usize) -> ClaimRequest {
        ClaimRequest {
            key: Key::new(Scope::from_static("landings"), &number).expect("a key"),
            claim_id: ClaimId::random(),
            fingerprint: None,
            lease: Duration::from_secs(30),
            retention: Duration::from_secs(30),
            abandoned: Abandoned::Rerun,
            max_attempts: None,
            admission: Admission::Open,
        }
    }

    #[test]
    fn there_is_room_for_so_many_claims_and_all_of_a_key_are_looked_for_at_once() {
        const KEYS: usize = 100;

        let (drain, landings, store) = (drain(), Landings::default(), MemoryStore::new().as_store());
        let place = place_of(&store);
        let began =
            (0..=MOST).filter(|number| landings.enter(&store, &request(number % KEYS), drain.landing())).count();
        assert_eq!((began, landings.left().count), (1, MOST));
        for look in [LOOKS[0], LOOKS[LOOKS.len() - 1]] {
            let now = Instant::now() + look;
            let due = landings.left().due(place, now).expect("there are claims");
            assert_eq!(due.len(), KEYS);
            for key in &due {
                landings.left().answered(place, key, now);
            }
        }
        assert_eq!(landings.left().due(place, Instant::now()), None);
        assert_eq!(landings.left().count, 0);
        assert!(landings.enter(&store, &request(0), drain.landing()), "somebody begins to look again");
    }

    #[test]
    fn the_warning_that_there_is_no_room_is_given_again_once_half_of_the_room_was_free() {
        let (drain, landings, store) = (drain(), Landings::default(), MemoryStore::new().as_store());
        let requests: Vec<_> = (0..=MOST).map(request).collect();
        for request in &requests {
            let _is_first = landings.enter(&store, request, drain.landing());
        }
        assert!(landings.left().is_told_full);
        let forget = |count| {
            requests
                .iter()
                .take(count)
                .for_each(|request| landings.left().forget(place_of(&store), &request.key, |_| true));
        };
        forget(MOST / 2);
        assert!(landings.left().is_told_full, "there is room, but not for long");
        forget(MOST / 2 + 1);
        assert!(!landings.left().is_told_full);
    }

    #[test]
    fn a_key_that_has_no_answer_comes_after_the_others_and_not_for_ever() {
        const KEYS: usize = 10;

        let (drain, landings, store) = (drain(), Landings::default(), MemoryStore::new().as_store());
        let place = place_of(&store);
        for number in 0..KEYS {
            let _is_first = landings.enter(&store, &request(number), drain.landing());
        }
        let began = Instant::now();
        let due = landings.left().due(place, began).expect("there are claims");
        landings.left().not_answered(place, &due, began);
        let again = landings.left().due(place, began).expect("there are claims");
        assert_eq!((again.len(), again.last()), (KEYS, due.first()), "no look is over without an answer");

        landings.left().answered(place, &again[0], began);
        let late = landings.left().due(place, began + LONGEST_SILENCE).expect("one had an answer");
        assert_eq!((late.as_slice(), landings.left().count), (&again[..1], 1));
    }

    #[cfg(feature = "contract")]
    #[tokio::test]
    async fn a_store_that_panics_leaves_room_for_another_search() {
        use crate::contract::{Fault, Faulty, Method};

        let keeper = Keeper::start(std::process::id()).expect("a thread can be started");
        for method in [Method::Lookup, Method::Release] {
            let landings: &'static Landings = Box::leak(Box::default());
            let faulty = Faulty::new(MemoryStore::new().as_store());
            faulty.plan(method, [Fault::Panics]);
            let store: Arc<dyn Store> = faulty;
            let left = request(0);
            store.claim(&left).await.expect("it lands");
            assert!(landings.enter(&store, &left, drain().landing()));
            let ended = tokio::spawn(landings.look(keeper, Arc::clone(&store))).await;
            assert!(ended.is_err_and(|error| error.is_panic()), "{method:?}");
            assert_eq!(landings.left().count, 0, "{method:?}");

            assert!(landings.enter(&store, &left, drain().landing()), "{method:?}");
            landings.look(keeper, Arc::clone(&store)).await;
            let found = store.lookup(&left.key).await.expect("it answers");
            let is_held = found.is_some_and(|found| matches!(found.record.state, State::Running { .. }));
            assert!(!is_held, "{method:?}");
        }
    }
}
