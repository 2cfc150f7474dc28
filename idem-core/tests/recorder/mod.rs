//! A subscriber that keeps the events of this library.

use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Begins to keep events.
pub(crate) fn start() {
    LazyLock::force(&EVENTS);
}

/// The events of this library: the scope, the fields, and how the call ended if that is what the event says.
static EVENTS: LazyLock<Events> = LazyLock::new(|| {
    tracing::subscriber::set_global_default(Recorder).expect("this test file has one subscriber");
    Events::default()
});

#[derive(Default)]
struct Events(Mutex<Vec<Seen>>);

#[derive(Debug, Clone, Default)]
struct Seen {
    scope: String,
    end: Option<String>,
    is_error: bool,
    all: String,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}").trim_matches('"').to_owned();
        self.all.extend([field.name(), "=", value.as_str(), " "]);
        match field.name() {
            "scope" => self.scope = value,
            "end" => self.end = Some(value),
            _ => {}
        }
    }
}

struct Recorder;

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "idem"
    }

    fn event(&self, event: &Event<'_>) {
        let mut seen = Seen { is_error: *event.metadata().level() == tracing::Level::ERROR, ..Seen::default() };
        event.record(&mut seen);
        EVENTS.0.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// How the calls of a scope ended, in order. No event may show the secret.
pub(crate) fn ends(scope: &str, secret: &str) -> Vec<String> {
    let events = EVENTS.0.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(events.iter().all(|event| !event.all.contains(secret)), "an event shows the secret: {events:?}");
    events.iter().filter(|event| event.scope == scope).filter_map(|event| event.end.clone()).collect()
}

/// Whether an event about a scope says this.
pub(crate) fn told(scope: &str, text: &str) -> bool {
    let events = EVENTS.0.lock().unwrap_or_else(PoisonError::into_inner);
    events.iter().any(|event| event.scope == scope && event.all.contains(text))
}

/// The events of the level ERROR of a scope, in order, with all their fields.
pub(crate) fn errors(scope: &str) -> Vec<String> {
    let events = EVENTS.0.lock().unwrap_or_else(PoisonError::into_inner);
    events.iter().filter(|event| event.scope == scope && event.is_error).map(|event| event.all.clone()).collect()
}
