//! The figure of lease mode: how many side effects happen twice when workers are killed and paused at random, and that
//! each of them is a takeover that was logged.

use std::io::Write as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::account::Account;
use crate::journal::{self, Failure};
use crate::process::Worker;
use crate::site::{Site, stored};
use crate::worker::{self, Body, Patience, Task};

const WORKERS: u32 = 4;
const ORDERS: u32 = 2000;
const STRIKES: u32 = 36;
/// Short, so that a strike costs little, and long enough for renewals between two busy cores.
const LEASE: Duration = Duration::from_millis(250);

#[tokio::test]
async fn chaos_dsevr_lease_mode_bounded_and_reported() {
    let site = Site::open().await;
    let seed = seed();
    say(&format!("crash: seed={seed} (set IDEM_CRASH_SEED to choose it)"));
    let (kills, pauses) = Chaos::begin(&site, seed).run();

    let account = site.account();
    let unkept = unkept(&site, &account).await;
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

/// How many callers were told something else than the record says now. The engine has reported each outcome that they
/// may have been told instead, or the account would not have passed.
async fn unkept(site: &Site, account: &Account) -> usize {
    let mut unkept = 0;
    for (number, order) in &account.orders {
        let kept = stored(&site.record(*number).await);
        assert!(order.receipts.contains(&kept), "nobody was told what is kept: {kept:?} {order:#?}");
        unkept += order.receipts.iter().filter(|receipt| **receipt != kept).count();
    }
    unkept
}

/// Past the capture of the test harness: the figure is what the suite is for.
fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody listens");
}

fn seed() -> u64 {
    let chosen = std::env::var("IDEM_CRASH_SEED").ok().map(|seed| seed.parse().expect("a seed is a number"));
    chosen.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
        u64::from(now.subsec_nanos())
    })
}

/// Strikes at random while the workers work.
struct Chaos<'a> {
    site: &'a Site,
    random: Random,
    slots: Vec<Slot>,
    kills: u32,
    pauses: u32,
}

/// The place of a worker, and of those who follow it.
struct Slot {
    task: Task,
    worker: Worker,
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Runs,
    Killed,
    Paused { until: Instant },
    Done,
}

impl<'a> Chaos<'a> {
    fn begin(site: &'a Site, seed: u64) -> Self {
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
            Slot { worker: Worker::start(&task), task, fate: Fate::Runs }
        });
        Self { site, random: Random(seed), slots: slots.collect(), kills: 0, pauses: 0 }
    }

    /// Strikes evenly over the work, and returns how often it killed and paused when all of it is done.
    fn run(mut self) -> (u32, u32) {
        while self.slots.iter().any(|slot| slot.fate != Fate::Done) {
            self.slots.iter_mut().for_each(Slot::advance);
            let strikes = self.kills + self.pauses;
            if strikes < STRIKES && self.progress() >= ORDERS * (strikes + 1) / (STRIKES + 1) {
                self.strike();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        (self.kills, self.pauses)
    }

    /// About how many orders are done: each leaves a claim, an effect and two answers per worker in the journal.
    fn progress(&self) -> u32 {
        let lines = journal::lines(&worker::journal_of(self.site.folder()));
        u32::try_from(lines).expect("the journal is short") / (2 + 2 * WORKERS)
    }

    fn strike(&mut self) {
        let victim = self.random.below(self.slots.len() as u64);
        let slot = &mut self.slots[usize::try_from(victim).expect("it is below a length")];
        if slot.fate != Fate::Runs {
            return;
        }
        if self.random.below(10) < 7 {
            slot.worker.kill();
            slot.fate = Fate::Killed;
            self.kills += 1;
        } else if slot.worker.pause() {
            let past_the_lease = LEASE.mul_f64(1.2) + Duration::from_millis(self.random.below(300));
            slot.fate = Fate::Paused { until: Instant::now() + past_the_lease };
            self.pauses += 1;
        }
    }
}

impl Slot {
    /// Resumes a worker whose time has come, and replaces a dead one.
    fn advance(&mut self) {
        match self.fate {
            Fate::Paused { until } if Instant::now() >= until => {
                self.worker.resume();
                self.fate = Fate::Runs;
            }
            Fate::Paused { .. } | Fate::Done => {}
            Fate::Runs | Fate::Killed => match self.worker.ended() {
                None => {}
                Some(status) if status.success() => self.fate = Fate::Done,
                Some(status) => {
                    assert!(self.fate == Fate::Killed, "a worker failed: {status}");
                    self.worker = Worker::start(&self.task);
                    self.fate = Fate::Runs;
                }
            },
        }
    }
}

/// `SplitMix64`, by Sebastiano Vigna: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
