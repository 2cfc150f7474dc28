//! The task that serves who listens: it connects, and subscribes to what they listen to, again after each loss.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use idem_core::StoreError;
use redis::RedisResult;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tracing::debug;

use crate::error::{Sent, store_error};

use super::Channels;
use super::ear::Ear;

/// How long it takes at most to connect, or to be answered.
const PATIENCE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How long a connection is kept on which nobody listens.
const IDLE: Duration = Duration::from_secs(30);

/// Serves until nobody listens. Waiters poll while it does not get through, so an error is no more than an event.
pub(super) async fn serve(channels: Arc<Channels>) {
    let mut pause = FIRST_PAUSE;
    while channels.are_needed() {
        let began = Instant::now();
        let Err(error) = Session::begin(&channels).run().await else { continue };
        debug!(target: "idem", %error, "Redis does not tell waiters that claims end; they poll");
        if began.elapsed() > LONGEST_PAUSE {
            pause = FIRST_PAUSE;
        }
        sleep(spread(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// One connection. When it ends, nobody hears.
struct Session<'a> {
    channels: &'a Arc<Channels>,
    number: u64,
    wanted: Vec<(Arc<str>, bool)>,
    subscribed: HashSet<Arc<str>>,
}

impl<'a> Session<'a> {
    fn begin(channels: &'a Arc<Channels>) -> Self {
        let (number, names) = channels.begin_session();
        let wanted = names.into_iter().map(|name| (name, true)).collect();
        Self { channels, number, wanted, subscribed: HashSet::new() }
    }

    /// Listens until the connection is lost, or nobody needs it any more.
    async fn run(mut self) -> Result<(), StoreError> {
        let (broken, number) = (Arc::new(Notify::new()), self.number);
        let ear = self.channels.client.connect(PATIENCE, {
            let (channels, broken) = (Arc::clone(self.channels), Arc::clone(&broken));
            move |said| {
                if !channels.take(number, &said) {
                    broken.notify_one();
                }
            }
        });
        let ear = match timeout(PATIENCE, ear).await {
            Ok(ear) => ear.map_err(|error| store_error(error, Sent::Once))?,
            Err(late) => return Err(StoreError::unavailable(late)),
        };
        loop {
            tokio::select! {
                biased;
                () = broken.notified() => return Err(lost()),
                followed = timeout(PATIENCE, self.follow(&ear)) => followed.map_err(StoreError::unavailable)??,
            }
            tokio::select! {
                biased;
                () = broken.notified() => return Err(lost()),
                () = self.channels.changed.notified() => self.wanted = self.channels.take_changed(),
                () = sleep(IDLE), if self.subscribed.is_empty() => return Ok(()),
            }
        }
    }

    /// Subscribes to what is listened to since, and unsubscribes from what is not any more: all at once, since each is a
    /// round trip.
    async fn follow(&mut self, ear: &Ear) -> Result<(), StoreError> {
        let (mut opened, mut closed) = (Vec::new(), Vec::new());
        for (name, wanted) in std::mem::take(&mut self.wanted) {
            if wanted {
                // Once more if it was left meanwhile: who listens now waits for a confirmation of their own.
                self.subscribed.insert(Arc::clone(&name));
                opened.push(name);
            } else if self.subscribed.remove(&name) {
                closed.push(name);
            }
        }
        let closing = async { join_all(closed.iter().map(|name| ear.close(name))).await };
        let opening = async { join_all(opened.iter().map(|name| ear.open(name))).await };
        let (closing, opening) = tokio::join!(closing, opening);
        closing.into_iter().chain(opening).try_for_each(tolerate)
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.channels.end_session();
    }
}

/// What the server refuses is refused for one channel, as to a user who may not listen to it: its waiters poll, and others
/// hear.
fn tolerate(answer: RedisResult<()>) -> Result<(), StoreError> {
    match answer.map_err(|error| store_error(error, Sent::Once)) {
        Err(error) if !error.is_retryable() => {
            debug!(target: "idem", %error, "Redis does not let waiters listen; they poll");
            Ok(())
        }
        answer => answer,
    }
}

/// Between half of `pause` and all of it, so that processes do not come back in step.
fn spread(pause: Duration) -> Duration {
    let parts = RandomState::new().hash_one(()) % 1_024;
    pause / 2 + pause / 2_048 * u32::try_from(parts).unwrap_or(0)
}

fn lost() -> StoreError {
    StoreError::unavailable("the connection to Redis was lost")
}
