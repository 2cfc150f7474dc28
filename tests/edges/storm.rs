//! A run: workers work while one blow after another befalls them and their store.

use std::time::{Duration, Instant, SystemTime};

use crate::blow::{Blow, Blows};
use crate::place::Place;
use crate::progress::Progress;
use crate::random::Random;
use crate::slot::Slot;
use crate::worker::Task;

/// How long a run is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Length {
    pub(crate) orders: u32,
    pub(crate) blows: u32,
    /// After which it ends though orders are left.
    pub(crate) at_most: Option<Duration>,
}

impl Length {
    /// The long form of `cargo xtask chaos edges`, or the one that every run of the tests has.
    pub(crate) fn choose() -> Self {
        if std::env::var("IDEM_CHAOS").is_ok_and(|length| length == "long") {
            let seconds = std::env::var("IDEM_CHAOS_SECONDS").ok();
            let seconds = seconds.map(|seconds| seconds.parse().expect("IDEM_CHAOS_SECONDS is a number"));
            return Self { orders: 10_000, blows: 120, at_most: seconds.map(Duration::from_secs) };
        }
        Self { orders: 200, blows: 10, at_most: None }
    }

    pub(crate) fn until(&self) -> Option<SystemTime> {
        self.at_most.map(|at_most| SystemTime::now() + at_most)
    }
}

pub(crate) struct Storm<'a> {
    pub(crate) place: &'a mut dyn Place,
    pub(crate) length: Length,
    /// How many answers there are in the end.
    pub(crate) answers: usize,
    pub(crate) progress: Progress,
    pub(crate) random: Random,
    pub(crate) slots: Vec<Slot<Task>>,
}

/// One that has begun.
struct Lasting {
    blow: Blow,
    until: Instant,
}

impl Storm<'_> {
    /// Strikes evenly over the work until all of it is done.
    pub(crate) async fn run(mut self, lease: Duration) -> Blows {
        let began = Instant::now();
        let (mut blows, mut struck, mut lasting) = (Blows::default(), 0, None::<Lasting>);
        while !self.slots.iter().all(Slot::is_done) {
            self.slots.iter_mut().for_each(Slot::advance);
            if let Some(over) = lasting.take_if(|lasting| Instant::now() >= lasting.until) {
                self.place.end(over.blow).await;
            }
            if lasting.is_none() && struck < self.due(began) {
                let all = self.place.blows();
                let blow = all[struck as usize % all.len()];
                struck += 1;
                lasting = self.strike(blow, lease, &mut blows).await;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if let Some(Lasting { blow, .. }) = lasting {
            self.place.end(blow).await;
        }
        self.place.calm();
        blows
    }

    async fn strike(&mut self, blow: Blow, lease: Duration, blows: &mut Blows) -> Option<Lasting> {
        let victim = self.random.below(self.slots.len() as u64);
        let slot = &mut self.slots[usize::try_from(victim).expect("it is below a length")];
        let happened = match blow {
            Blow::KillWorker => slot.kill(),
            Blow::PauseWorker => slot.pause(lease.mul_f64(1.2) + Duration::from_millis(self.random.below(300))),
            blow => {
                self.place.begin(blow).await;
                true
            }
        };
        if happened {
            blows.count(blow);
        }
        // Some are over before the lease is, and some are not.
        let until = Instant::now() + lease.mul_f64(0.25) + Duration::from_millis(self.random.below(700));
        blow.lasts().then_some(Lasting { blow, until })
    }

    /// How many blows there are to be by now, by the answers that there are, or one a second where it is time that ends it.
    fn due(&mut self, began: Instant) -> u32 {
        let most = self.length.blows;
        if self.length.at_most.is_some() {
            return u32::try_from(began.elapsed().as_secs()).map_or(most, |seconds| seconds.min(most));
        }
        let done = self.progress.answers() * (most as usize + 1) / self.answers;
        u32::try_from(done).map_or(most, |done| done.min(most))
    }
}
