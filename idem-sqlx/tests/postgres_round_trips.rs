//! What a call costs on PostgreSQL: how often a client waits for the server, counted between the two.
#![cfg(feature = "postgres")]

mod common;
mod postgres_common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::postgres::Schema;
use common::{HOUR, TestDatabase, acquire, fingerprint, key, outcome, request};
use idem_core::{ClaimDecision, ClaimRequest, Store as _};
use idem_sqlx::PgStore;
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};

/// A wire to the server, with a count of the messages for whose answer a caller waits: `Query`, `Parse` and `Execute`. The
/// `Sync` that sqlx sends when a connection goes back to the pool is nobody's.
struct Wire {
    port: u16,
    waits: Arc<AtomicU64>,
}

impl Wire {
    async fn to(server: PgConnectOptions) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let wire = Self { port: listener.local_addr().expect("a port").port(), waits: Arc::default() };
        let waits = Arc::clone(&wire.waits);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect((server.get_host(), server.get_port())).await.expect("the server");
                tokio::spawn(pass(client, server, Arc::clone(&waits)));
            }
        });
        wire
    }

    /// How often a client waited for the server in the meantime.
    async fn waits_of<T>(&self, work: impl Future<Output = T>) -> (u64, T) {
        let before = self.waits.load(Ordering::SeqCst);
        let done = work.await;
        (self.waits.load(Ordering::SeqCst) - before, done)
    }
}

async fn pass(client: TcpStream, server: TcpStream, waits: Arc<AtomicU64>) {
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let answers = tokio::spawn(async move { copy(&mut from_server, &mut to_client).await.map(drop) });
    // The first message has no type; every other has one byte of it, and then its length, which counts itself.
    let mut kind = None;
    while let Ok(length) = from_client.read_u32().await {
        let mut body = vec![0; usize::try_from(length).expect("a length") - 4];
        from_client.read_exact(&mut body).await.expect("the rest of a message");
        waits.fetch_add(u64::from(matches!(kind, Some(b'Q' | b'P' | b'E'))), Ordering::SeqCst);
        let message = [kind.as_slice(), &length.to_be_bytes(), &body].concat();
        to_server.write_all(&message).await.expect("the server listens");
        kind = from_client.read_u8().await.ok();
        if kind.is_none() {
            break;
        }
    }
    drop(to_server);
    let _ = answers.await;
}

/// A store whose statements are prepared already, if they ever are.
async fn store(schema: &Schema, wire: &Wire, cache: usize) -> PgStore {
    let options = schema.connect_options().host("127.0.0.1").port(wire.port).statement_cache_capacity(cache);
    let store = PgStore::new(postgres_common::pool(options, 1).await);
    let warm = request(&key(&("warm", cache)));
    let claim = acquire(&store, &warm).await;
    acquire(&store, &warm).await;
    store.extend(&claim, HOUR).await.expect("the claim is held");
    store.release(&claim).await.expect("the claim is held");
    common::finish(&store, &warm.key, "1").await;
    store
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn every_answer_of_a_claim_is_one_round_trip_and_so_is_every_write_of_its_holder() {
    let schema = Schema::migrated().await;
    let wire = Wire::to(schema.server()).await;
    for cache in [0, 100] {
        let store = store(&schema, &wire, cache).await;
        let first = request(&key(&("order", cache)));

        let (waits, claim) = wire.waits_of(acquire(&store, &first)).await;
        assert_eq!(waits, 1, "claimed, with a cache of {cache}");
        let (waits, answer) = wire.waits_of(store.claim(&request(&first.key))).await;
        assert!(matches!(answer, Ok(ClaimDecision::InProgress { .. })), "{answer:?}");
        assert_eq!(waits, 1, "in progress, with a cache of {cache}");
        let another = ClaimRequest { fingerprint: Some(fingerprint(2)), ..request(&first.key) };
        let (waits, answer) = wire.waits_of(store.claim(&another)).await;
        assert!(matches!(answer, Ok(ClaimDecision::Mismatch)), "{answer:?}");
        assert_eq!(waits, 1, "mismatch, with a cache of {cache}");

        let (waits, extended) = wire.waits_of(store.extend(&claim, HOUR)).await;
        extended.expect("the claim is held");
        assert_eq!(waits, 1, "extended, with a cache of {cache}");
        let (waits, completed) = wire.waits_of(store.complete(&claim, &outcome("42"), HOUR)).await;
        completed.expect("the claim is held");
        assert_eq!(waits, 1, "completed, with a cache of {cache}");
        let (waits, answer) = wire.waits_of(store.claim(&request(&first.key))).await;
        assert!(matches!(answer, Ok(ClaimDecision::Replay(_))), "{answer:?}");
        assert_eq!(waits, 1, "replayed, with a cache of {cache}");
        let (waits, answer) = wire.waits_of(store.claim(&another)).await;
        assert!(matches!(answer, Ok(ClaimDecision::Mismatch)), "{answer:?}");
        assert_eq!(waits, 1, "mismatch of an outcome, with a cache of {cache}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_takeover_is_two_round_trips() {
    let schema = Schema::migrated().await;
    let wire = Wire::to(schema.server()).await;
    for cache in [0, 100] {
        let store = store(&schema, &wire, cache).await;
        let lapsing = ClaimRequest { lease: Duration::ZERO, ..request(&key(&("order", cache))) };
        acquire(&store, &lapsing).await;
        let (waits, claim) = wire.waits_of(acquire(&store, &request(&lapsing.key))).await;
        assert_eq!((waits, claim.attempt), (2, 2), "with a cache of {cache}");
    }
}
