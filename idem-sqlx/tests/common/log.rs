//! The statements that sqlx reports to have sent, each for the test that sent it.
//!
//! A program has one subscriber, and its tests run side by side. What tells them apart is the runtime: each test has one of its
//! own, and so has every task that it spawns. SQLite runs its statements on a thread without a runtime. sqlx enters a span
//! there, the one that was current where the statement came from, so the subscriber says that this is the runtime.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex, OnceLock};

use tokio::runtime::Handle;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};
use tracing_core::span::Current;

/// What each runtime has sent, by its number.
static SENT: LazyLock<Mutex<HashMap<u64, Vec<String>>>> = LazyLock::new(Mutex::default);

/// A span says what it is, and all of ours are the same.
static SPAN: OnceLock<&'static Metadata<'static>> = OnceLock::new();

thread_local! {
    /// The runtime for which a thread works that has none.
    static WORKS_FOR: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Takes the statements that this test has sent since it took them last. The first call begins to listen.
///
/// A statement is reported when it has ended, which may be after its answer: send another one before you look.
pub(crate) fn take() -> Vec<String> {
    SPAN.get_or_init(|| {
        tracing::subscriber::set_global_default(Log).expect("no other subscriber");
        tracing::trace_span!("a runtime").metadata().expect("it is enabled")
    });
    let own = runtime().expect("a test has a runtime");
    SENT.lock().expect("nothing panics under it").remove(&own).unwrap_or_default()
}

fn runtime() -> Option<u64> {
    let own = Handle::try_current().ok().map(|runtime| runtime.id().to_string().parse().expect("a number"));
    own.or_else(|| WORKS_FOR.get())
}

struct Log;

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query" || metadata.target() == module_path!()
    }

    fn event(&self, event: &Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        let Statement { summary, text } = statement;
        let text = text.trim().to_owned();
        let Some(runtime) = runtime() else { return };
        let mut sent = SENT.lock().expect("nothing panics under it");
        sent.entry(runtime).or_default().push(if text.is_empty() { summary } else { text });
    }

    fn current_span(&self) -> Current {
        match (runtime(), SPAN.get()) {
            (Some(runtime), Some(span)) => Current::new(span::Id::from_u64(runtime), span),
            _ => Current::none(),
        }
    }

    fn enter(&self, span: &span::Id) {
        WORKS_FOR.set(Some(span.into_u64()));
    }

    fn exit(&self, _: &span::Id) {
        WORKS_FOR.set(None);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(u64::MAX)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
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
