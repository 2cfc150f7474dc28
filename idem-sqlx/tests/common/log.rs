//! The statements that sqlx reports to have sent, of the whole program: its tests run one at a time, or tell theirs apart.

use std::fmt::Debug;
use std::sync::{Mutex, MutexGuard, Once};

use tracing::field::{Field, Visit};
use tracing::span;

static SENT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The statements that were sent since they were last taken away; from the first call on.
///
/// A statement is reported when it has ended, which may be after its answer: send another one before you look.
pub(crate) fn sent() -> MutexGuard<'static, Vec<String>> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Log).expect("no other subscriber"));
    SENT.lock().expect("no test panics here")
}

struct Log;

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        let Statement { summary, text } = statement;
        let text = text.trim().to_owned();
        SENT.lock().expect("no test panics here").push(if text.is_empty() { summary } else { text });
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// A short statement is its own summary.
#[derive(Default)]
struct Statement {
    summary: String,
    text: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.text),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
