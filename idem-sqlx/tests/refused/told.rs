//! What idem tells an operator, by scope. The thread that renews leases tells it, so that the listener is the program's.

use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::sync::{LazyLock, Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// The warnings and errors of each scope, as text.
static TOLD: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);

pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Listener).expect("no other subscriber"));
}

/// What was told of a scope until now.
pub(crate) fn of(scope: &str) -> String {
    TOLD.lock().expect("nothing panics under it").get(scope).cloned().unwrap_or_default()
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target() == "idem" && *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut said = Said::default();
        event.record(&mut said);
        let mut told = TOLD.lock().expect("nothing panics under it");
        told.entry(said.scope).or_default().push_str(&said.text);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
}

#[derive(Default)]
struct Said {
    scope: String,
    text: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "scope" {
            value.clone_into(&mut self.scope);
        }
        self.record_debug(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.text, "{field}={value:?}").expect("it is text");
    }
}
