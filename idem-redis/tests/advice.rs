//! What is said once, when a store connects to a server that may lose its records.

mod common;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use common::{Server, connection, own_store, say};
use idem_redis::RedisStore;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Writes down what is warned of under the target `idem`.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "idem" && *metadata.level() == Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().expect("nothing panics under it").push(line.0);
    }
}

/// What is said when a store connects.
async fn said(url: &str) -> Vec<String> {
    let warnings = Warnings::default();
    let guard = tracing::subscriber::set_default(warnings.clone());
    RedisStore::connect(url).await.expect("the server answers");
    drop(guard);
    warnings.0.lock().expect("nothing panics under it").clone()
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn redis_eviction_policy_warned() {
    let kept = ["--appendonly", "yes"];
    let server = Server::start(&[&kept[..], &["--maxmemory", "100mb"]].concat());
    let on = &mut connection(&server.url()).await;
    for policy in ["allkeys-lru", "volatile-ttl", "allkeys-random", "volatile-lfu"] {
        let _: () = say(on, &["CONFIG", "SET", "maxmemory-policy", policy]).await;
        let said = said(&server.url()).await;
        let [line] = &said[..] else { panic!("{said:?}") };
        assert!(line.contains("evict") && line.contains(policy), "{line}");
    }
    let _: () = say(on, &["CONFIG", "SET", "maxmemory-policy", "noeviction"]).await;
    assert_eq!(said(&server.url()).await, [""; 0]);
    // Without a limit nothing is evicted, whatever the policy.
    let _: () = say(on, &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "maxmemory", "0"]).await;
    assert_eq!(said(&server.url()).await, [""; 0]);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_server_that_keeps_nothing_on_disk_is_warned_of() {
    let server = Server::start(&[]);
    let on = &mut connection(&server.url()).await;
    let lines = said(&server.url()).await;
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(line.contains("disk") && line.contains("appendonly yes"), "{line}");
    for kept in [["save", "3600 1"], ["appendonly", "yes"]] {
        let _: () = say(on, &["CONFIG", "SET", "save", "", "appendonly", "no"]).await;
        let _: () = say(on, &["CONFIG", "SET", kept[0], kept[1]]).await;
        assert_eq!(said(&server.url()).await, [""; 0], "{kept:?}");
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_server_that_does_not_tell_is_used_all_the_same() {
    let server = Server::start(&["--rename-command", "CONFIG", ""]);
    assert_eq!(said(&server.url()).await, [""; 0]);
    own_store(&server.url()).await;
}
