//! The figure of lease mode: how many side effects happen twice when workers are killed and paused at random, and that
//! each of them is a takeover that was logged.

use std::time::Duration;

use crate::database::Database;
use crate::journal::Failure;
use crate::progress::Progress;
use crate::random::{Random, say, seed};
use crate::site::Site;
use crate::slot::Slot;
use crate::worker::{self, Body, Patience, Task};

const WORKERS: u32 = 4;
const ORDERS: u32 = 2000;
const STRIKES: u32 = 36;
/// Short, so that a strike costs little, and long enough for renewals between two busy cores.
const LEASE: Duration = Duration::from_millis(250);

#[tokio::test]
async fn chaos_dsevr_lease_mode_bounded_and_reported() {
    let site = Site::open(Database::in_folder).await;
    let seed = seed();
    say(&format!("crash: seed={seed} (set IDEM_CRASH_SEED to choose it)"));
    let (kills, pauses) = Chaos::begin(&site, seed).run();

    let account = site.account();
    let unkept = site.unkept(&account).await;
    say(&format!(
        "crash: store=sqlite operations={ORDERS} executions={} duplicate side effects={} logged takeovers={} \
         kills={kills} pauses={pauses} outcomes not stored={} answers not kept={unkept} repeated claims={}",
        account.executions(),
        account.duplicates(),
        account.takeovers(),
        account.not_stored.len(),
        account.repeated,
    ));
    assert_eq!(account.orders.len(), ORDERS as usize);
    assert!(account.duplicates() <= account.takeovers());
    for order in account.orders.values() {
        assert!(order.receipts.len() >= 2 * WORKERS as usize, "a caller has no answer: {order:#?}");
        assert!(order.failures.iter().all(Failure::is_retryable), "{order:#?}");
    }
}

/// Strikes at random while the workers work.
struct Chaos {
    progress: Progress,
    random: Random,
    slots: Vec<Slot<Task>>,
    kills: u32,
    pauses: u32,
}

impl Chaos {
    fn begin(site: &Site, seed: u64) -> Self {
        let slots = (0..WORKERS).map(|caller| {
            let task = Task {
                caller,
                orders: 0..ORDERS,
                calls: 2,
                at_once: 8,
                lease: LEASE,
                body: Body::Works,
                patience: Patience::CallsUntilAnswered,
                ..site.task(0)
            };
            Slot::start(task)
        });
        Self {
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
            let strikes = self.kills + self.pauses;
            if strikes < STRIKES && self.progress() >= ORDERS * (strikes + 1) / (STRIKES + 1) {
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

    fn strike(&mut self) {
        let victim = self.random.below(self.slots.len() as u64);
        let slot = &mut self.slots[usize::try_from(victim).expect("it is below a length")];
        if self.random.below(10) < 7 {
            self.kills += u32::from(slot.kill());
        } else {
            let past_the_lease = LEASE.mul_f64(1.2) + Duration::from_millis(self.random.below(300));
            self.pauses += u32::from(slot.pause(past_the_lease));
        }
    }
}
