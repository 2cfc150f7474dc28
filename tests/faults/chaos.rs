//! Strikes at random, at workers, at their server and at the network between them.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use crate::process::Work;
use crate::progress::Progress;
use crate::proxy::Proxy;
use crate::random::Random;
use crate::server::Server;
use crate::slot::Slot;

/// How long a run is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Length {
    pub(crate) orders: u32,
    pub(crate) strikes: u32,
    /// One request in so many meets a fault of the network.
    pub(crate) one_in: u64,
    /// After which it ends though orders are left.
    pub(crate) at_most: Option<Duration>,
}

impl Length {
    /// The length that was asked for.
    pub(crate) fn choose(short: Self, long: Self) -> Self {
        if std::env::var("IDEM_CHAOS").is_ok_and(|length| length == "long") {
            let Ok(seconds) = std::env::var("IDEM_CHAOS_SECONDS") else { return long };
            let seconds: u32 = seconds.parse().expect("IDEM_CHAOS_SECONDS is a number");
            let strikes = long.strikes.min(8 + seconds / 4);
            return Self { strikes, at_most: Some(Duration::from_secs(seconds.into())), ..long };
        }
        short
    }

    pub(crate) fn until(&self) -> Option<SystemTime> {
        self.at_most.map(|at_most| SystemTime::now() + at_most)
    }
}

/// How often each happened.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) kills: u32,
    pub(crate) pauses: u32,
    pub(crate) server_kills: u32,
    pub(crate) partitions: u32,
    lost_replies: u64,
    lost_commits: u64,
    cut_before: u64,
    delays: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "kills of workers={} kills of the server={} pauses={} lost acknowledgements={} of which of COMMIT={} \
             lost requests={} delays={} partitions={}",
            self.kills,
            self.server_kills,
            self.pauses,
            self.lost_replies,
            self.lost_commits,
            self.cut_before,
            self.delays,
            self.partitions,
        )
    }
}

/// A run.
pub(crate) struct Chaos<'a, W> {
    pub(crate) server: &'a mut Server,
    pub(crate) proxy: &'a Proxy,
    pub(crate) length: Length,
    /// How many answers there are in the end.
    pub(crate) answers: usize,
    pub(crate) progress: Progress,
    /// What a worker is paused for: longer than anybody keeps anything for it.
    pub(crate) pause: Duration,
    pub(crate) random: Random,
    pub(crate) slots: Vec<Slot<W>>,
    pub(crate) parted_until: Option<Instant>,
    pub(crate) tally: Tally,
}

impl<W: Work> Chaos<'_, W> {
    /// Strikes evenly over the work until all of it is done.
    pub(crate) async fn run(mut self) -> Tally {
        let (began, mut struck) = (Instant::now(), 0);
        while !self.slots.iter().all(Slot::is_done) {
            self.slots.iter_mut().for_each(Slot::advance);
            self.mend();
            if struck < self.due(began) {
                struck += 1;
                self.strike(struck);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.proxy.heal();
        self.proxy.calm();
        let counts = self.proxy.counts();
        self.tally.lost_replies = counts.lost_replies.load(Ordering::Relaxed);
        self.tally.lost_commits = counts.lost_commits.load(Ordering::Relaxed);
        self.tally.cut_before = counts.cut_before.load(Ordering::Relaxed);
        self.tally.delays = counts.delays.load(Ordering::Relaxed);
        self.tally
    }

    /// How many strikes there are to be by now, by the answers that there are or by the time that is over.
    fn due(&mut self, began: Instant) -> u32 {
        let done = share(self.progress.answers(), self.answers);
        let over = self.length.at_most.map_or(0.0, |at_most| began.elapsed().as_secs_f64() / at_most.as_secs_f64());
        let share = |strike| f64::from(strike) / f64::from(self.length.strikes + 1);
        (1..=self.length.strikes).take_while(|strike| share(*strike) <= done.max(over)).last().unwrap_or(0)
    }

    /// One strike in eight is at the server, so that there is one in a short run too.
    fn strike(&mut self, number: u32) {
        let victim = self.random.below(self.slots.len() as u64);
        let slot = &mut self.slots[usize::try_from(victim).expect("it is below a length")];
        match number % 8 {
            4 => {
                self.server.kill();
                std::thread::sleep(Duration::from_millis(self.random.below(200)));
                self.server.restart();
                self.tally.server_kills += 1;
            }
            1 | 6 => {
                let pause = self.pause + Duration::from_millis(self.random.below(500));
                self.tally.pauses += u32::from(slot.pause(pause));
            }
            2 | 7 if self.parted_until.is_none() => {
                self.proxy.part();
                self.parted_until = Some(Instant::now() + Duration::from_millis(100 + self.random.below(1_400)));
                self.tally.partitions += 1;
            }
            _ => self.tally.kills += u32::from(slot.kill()),
        }
    }

    /// Ends a partition whose time has come, one way or the other.
    fn mend(&mut self) {
        if self.parted_until.take_if(|until| Instant::now() >= *until).is_some() {
            if self.random.below(2) == 0 {
                self.proxy.heal();
            } else {
                self.proxy.cut();
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is about how much is left, more or less")]
fn share(done: usize, of: usize) -> f64 {
    done as f64 / of as f64
}
