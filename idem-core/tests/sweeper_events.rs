//! What the sweeper tells when it fails. Alone in its program, since what one thread listens to is decided for all.
#![cfg(feature = "contract")]

mod expiring;

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use expiring::store;
use idem_core::Sweeper;
use idem_core::contract::{Fault, Method};
use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(start_paused = true)]
async fn errors_are_reported_and_slow_it_down_and_do_not_end_it() {
    let events = Events::default();
    let _guard = tracing::subscriber::set_default(events.clone());
    let (store, memory) = store(1).await;
    store.always(Method::PurgeExpired, Fault::Fails);
    let sweeper = Sweeper::new(&store).every(MINUTE).start();
    let mut turns = Vec::new();
    for turn in 1..=7 {
        store.called(Method::PurgeExpired, turn).await;
        turns.push(Instant::now());
    }
    let waits: Vec<_> = turns.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits[0] > MINUTE && waits[1] > waits[0] && waits[2] > waits[1], "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= MINUTE * 10), "{waits:?}");
    store.heal();
    store.called(Method::PurgeExpired, 9).await;
    sweeper.stop().await;
    assert_eq!(memory.len(), 1);
    let seen = events.0.lock().expect("no panic").clone();
    let warnings: Vec<_> = seen.iter().filter(|(level, _)| *level == Level::WARN).collect();
    assert_eq!(warnings.len(), 7, "{seen:?}");
    assert!(warnings[0].1.contains("a planned failure"), "{seen:?}");
    assert!(seen.iter().any(|(level, text)| *level == Level::DEBUG && text.contains("removed=1")), "{seen:?}");
}

/// The events of this library on this thread, as text.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<(Level, String)>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for Events {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "idem"
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().expect("no panic").push((*event.metadata().level(), text.0));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
