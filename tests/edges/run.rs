//! A run on one store, and its line.

use std::time::{Duration, Instant};

use crate::account::Account;
use crate::journal;
use crate::place::Place;
use crate::progress::Progress;
use crate::random::{Random, say, seed};
use crate::site::Site;
use crate::slot::Slot;
use crate::storm::{Length, Storm};
use crate::worker::{self, Body, Patience, Task};

const CALLS: usize = 2;
/// Short, so that a blow costs little, and long enough for renewals between two busy cores.
pub(crate) const LEASE: Duration = Duration::from_millis(400);

/// What came of a run.
pub(crate) struct Outcome {
    pub(crate) account: Account,
    line: String,
}

/// Runs until every caller has a final answer.
pub(crate) async fn run(place: &mut dyn Place, length: Length) -> Outcome {
    let (name, seed, began) = (place.name(), seed(), Instant::now());
    say(&format!("edges: store={name} seed={seed} (set IDEM_CRASH_SEED to choose it)"));
    let site = Site::open(|_| place.direct()).await;
    let (database, workers) = (place.database(), place.workers());
    let task = |caller| Task {
        database: database.clone(),
        caller,
        orders: 0..length.orders,
        calls: CALLS,
        at_once: 8,
        lease: LEASE,
        body: Body::Blocks,
        patience: Patience::HangsUp,
        until: length.until(),
        ..site.task(0)
    };
    let storm = Storm {
        length,
        answers: length.orders as usize * workers as usize * CALLS,
        progress: Progress::of(worker::journal_of(site.folder())),
        random: Random(seed),
        slots: (0..workers).map(|caller| Slot::start(task(caller))).collect(),
        place,
    };
    let expected = storm.place.blows();
    let blows = storm.run(LEASE).await;
    let few = length.at_most.is_some() || (length.blows as usize) < expected.len();
    assert!(few || expected.iter().all(|blow| blows.has(*blow)), "{blows}");
    let account = Account::of(journal::read(&worker::journal_of(site.folder())));
    let line = line(name, &account, &blows.to_string(), began);
    Outcome { account, line }
}

fn line(name: &str, account: &Account, blows: &str, began: Instant) -> String {
    let finals = account.orders.values().filter(|order| order.failures.iter().any(journal::Failure::is_final)).count();
    format!(
        "edges: store={name} operations={} executions={} logged takeovers={} outcomes not stored={} without an \
         outcome={finals} repeated claims={} {blows} seconds={} second executions without a logged takeover = {}",
        account.orders.len(),
        account.executions(),
        account.takeovers(),
        account.not_stored.len(),
        account.repeated,
        began.elapsed().as_secs(),
        account.unlogged(),
    )
}

/// Says what came of a run, and fails if anything ran twice that should not have, or anybody was told something else.
pub(crate) fn check(outcome: &Outcome, length: Length) {
    say(&outcome.line);
    let Outcome { account, line } = outcome;
    assert_eq!(account.unlogged(), 0, "{line}");
    account.check();
    if length.at_most.is_none() {
        assert_eq!(account.orders.len(), length.orders as usize, "{line}");
    }
}
