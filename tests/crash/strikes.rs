//! Strikes at workers at random while they work, and the figure: how many side effects happen twice, and that each of them
//! is a takeover that was logged.

use std::time::Duration;

use crate::journal::Failure;
use crate::progress::Progress;
use crate::random::{Random, say, seed};
use crate::site::Site;
use crate::slot::Slot;
use crate::worker::{self, Body, Patience, Task};

const WORKERS: u32 = 4;

/// A run, and where its records are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) store: &'static str,
    pub(crate) orders: u32,
    pub(crate) strikes: u32,
    /// Short, so that a strike costs little, and long enough for renewals between two busy cores.
    pub(crate) lease: Duration,
}

/// Strikes until all is done, and says what came of it.
pub(crate) async fn bounded_and_reported(site: &Site, run: Run) {
    let Run { store, orders, .. } = run;
    let seed = seed();
    say(&format!("crash: store={store} seed={seed} (set IDEM_CRASH_SEED to choose it)"));
    let (kills, pauses) = Strikes::begin(site, run, seed).run();

    let account = site.account();
    let unkept = site.unkept(&account).await;
    say(&format!(
        "crash: store={store} operations={orders} executions={} duplicate side effects={} of which without a takeover of \
         their order={} logged takeovers={} kills={kills} pauses={pauses} outcomes not stored={} answers not \
         kept={unkept} repeated claims={}",
        account.executions(),
        account.duplicates(),
        account.unlogged(),
        account.takeovers(),
        account.not_stored.len(),
        account.repeated,
    ));
    assert_eq!(account.orders.len(), orders as usize);
    assert_eq!(account.unlogged(), 0, "second executions without a logged takeover");
    for order in account.orders.values() {
        assert!(order.receipts.len() >= 2 * WORKERS as usize, "a caller has no answer: {order:#?}");
        assert!(order.failures.iter().all(Failure::is_retryable), "{order:#?}");
    }
    assert!(kills > 0 && pauses > 0, "kills={kills} pauses={pauses}");
}

/// A run that is under way.
struct Strikes {
    run: Run,
    progress: Progress,
    random: Random,
    slots: Vec<Slot<Task>>,
    kills: u32,
    pauses: u32,
}

impl Strikes {
    fn begin(site: &Site, run: Run, seed: u64) -> Self {
        let slots = (0..WORKERS).map(|caller| {
            let task = Task {
                caller,
                orders: 0..run.orders,
                calls: 2,
                at_once: 8,
                lease: run.lease,
                body: Body::Works,
                patience: Patience::CallsUntilAnswered,
                ..site.task(0)
            };
            Slot::start(task)
        });
        Self {
            run,
            progress: Progress::of(worker::journal_of(site.folder())),
            random: Random(seed),
            slots: slots.collect(),
            kills: 0,
            pauses: 0,
        }
    }

    /// Strikes evenly over the work, and returns how often it killed and paused when all of it is done.
    fn run(mut self) -> (u32, u32) {
        while self.slots.iter().any(|slot| !slot.is_done()) {
            self.slots.iter_mut().for_each(Slot::advance);
            let struck = self.kills + self.pauses;
            if struck < self.run.strikes && self.progress() >= self.run.orders * (struck + 1) / (self.run.strikes + 1) {
                self.strike();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        (self.kills, self.pauses)
    }

    /// About how many orders are done.
    fn progress(&mut self) -> u32 {
        let answers = u32::try_from(self.progress.answers()).expect("the journal is short");
        answers / (2 * WORKERS)
    }

    /// The first is a kill and the second a pause, so that there are both in a short run.
    fn strike(&mut self) {
        let victim = self.random.below(self.slots.len() as u64);
        let slot = &mut self.slots[usize::try_from(victim).expect("it is below a length")];
        if self.kills == 0 || self.pauses > 0 && self.random.below(10) < 7 {
            self.kills += u32::from(slot.kill());
        } else {
            let past_the_lease = self.run.lease.mul_f64(1.2) + Duration::from_millis(self.random.below(300));
            self.pauses += u32::from(slot.pause(past_the_lease));
        }
    }
}
