//! The statements that were sent, as sqlx logs them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber, callsite, level_filters::LevelFilter, span};

static LISTENING: AtomicBool = AtomicBool::new(false);
static SENT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps what sqlx says while [`listen`] does, and wants nothing at all otherwise: then each log line costs one load, as in a
/// program that has no subscriber.
#[derive(Debug)]
struct Statements;

/// Prepares this process to be listened to.
///
/// # Panics
///
/// If it was before.
pub fn prepare() {
    tracing::subscriber::set_global_default(Statements).expect("the only subscriber");
}

/// The statements that are sent while `work` is done, except those that sqlx does not log, such as `BEGIN`.
pub async fn listen<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    sent().clear();
    switch(true);
    let done = work.await;
    switch(false);
    (done, std::mem::take(&mut *sent()))
}

fn switch(listening: bool) {
    LISTENING.store(listening, Ordering::SeqCst);
    callsite::rebuild_interest_cache();
}

fn sent() -> std::sync::MutexGuard<'static, Vec<String>> {
    SENT.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Subscriber for Statements {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(if LISTENING.load(Ordering::SeqCst) { LevelFilter::DEBUG } else { LevelFilter::OFF })
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        LISTENING.load(Ordering::SeqCst) && metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        sent().push(if statement.full.is_empty() { statement.summary } else { statement.full });
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// What one log line says.
#[derive(Default)]
struct Statement {
    summary: String,
    full: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.trim().clone_into(&mut self.full),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
