//! Acknowledgements that are lost, networks that part: each at the request where it hurts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use idem::{Answer, Error, InFlight, Key, Operation, Record, Scope, State, Store};

use crate::database::{Database, Kind};
use crate::network::Fault;
use crate::proxy::Proxy;
use crate::server::Server;

/// The first request of a call with this in it claims.
const CLAIM: &str = "faults.call";
/// Only a request that stores an outcome has this.
const COMPLETE: &str = "the outcome of run 1";

/// A server behind a proxy that does nothing until it is armed.
struct Scene {
    server: Server,
    proxy: Proxy,
    direct: Arc<dyn Store>,
    behind: Arc<dyn Store>,
}

impl Scene {
    async fn open() -> Self {
        let server = Server::start(Kind::Redis);
        let proxy = Proxy::start(Kind::Redis, server.port(), 0, 0).await;
        Self {
            direct: Database::at(server.port()).open().await,
            behind: Database::at(proxy.port()).open().await,
            proxy,
            server,
        }
    }

    async fn sprung(&self) {
        let sprung = tokio::time::timeout(Duration::from_mins(1), self.proxy.sprung()).await;
        sprung.expect("the proxy has seen the request");
    }

    async fn record(&self, order: u32) -> Record {
        let key = Key::new(Scope::from_static("faults.call"), &order).expect("a number is a key");
        let found = self.direct.lookup(&key).await.expect("the store answers");
        found.expect("there is a record").record
    }
}

/// A call whose lease of ten minutes stands in the way of everybody but the one who finds its own claim. How often the body
/// ran is told by what it returns.
async fn call(store: &Arc<dyn Store>, order: u32, runs: &AtomicU32) -> Result<Answer<String>, Error> {
    Operation::new("faults.call", &order)
        .lease(Duration::from_mins(10))
        .in_flight(InFlight::Wait(Duration::from_mins(1)))
        .run(store, async |_| Ok(outcome(runs.fetch_add(1, Ordering::SeqCst))))
        .await
}

fn outcome(run: u32) -> String {
    format!("the outcome of run {run}")
}

async fn lost_acknowledgement_of(text: &'static str, fault: Fault) {
    let (scene, runs) = (Scene::open().await, AtomicU32::new(0));
    call(&scene.behind, 1, &runs).await.expect("nothing befalls the first");
    scene.proxy.arm(text, fault);
    let answer = call(&scene.behind, 2, &runs).await.expect("the claim is its own");
    assert_eq!(answer, Answer::Executed(outcome(1)));
    scene.sprung().await;
    let record = scene.record(2).await;
    assert!(record.attempts == 1 && matches!(record.state, State::Finished(_)), "{record:?}");
    assert_eq!(call(&scene.direct, 2, &runs).await.expect("there is an outcome"), Answer::Replayed(outcome(1)));
    assert_eq!(runs.into_inner(), 2, "one for each order");
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn lost_claim_ack_recognised_as_own() {
    lost_acknowledgement_of(CLAIM, Fault::LoseReply).await;
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn lost_claim_request_runs_once() {
    lost_acknowledgement_of(CLAIM, Fault::CutBefore).await;
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn lost_complete_ack_recognised_as_own() {
    lost_acknowledgement_of(COMPLETE, Fault::LoseReply).await;
}

/// The network parts before or after the server has the claim; somebody else calls meanwhile; it heals, or is cut.
#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn partition_during_claim() {
    for fault in [Fault::PartBefore, Fault::PartAfter] {
        for end in [Proxy::heal, Proxy::cut] {
            let scene = Scene::open().await;
            let runs = part(&scene, fault, end).await;
            assert_eq!((runs, scene.record(2).await.attempts), (1, 1), "{fault:?}");
        }
    }
}

/// How often the body of the call ran that two make.
async fn part(scene: &Scene, fault: Fault, end: fn(&Proxy)) -> u32 {
    let [warm, runs] = [AtomicU32::new(0), AtomicU32::new(0)];
    call(&scene.behind, 1, &warm).await.expect("nothing befalls the first");
    scene.proxy.arm(CLAIM, fault);
    let parted = call(&scene.behind, 2, &runs);
    let other = async {
        scene.sprung().await;
        let waits = call(&scene.direct, 2, &runs);
        if fault == Fault::PartBefore {
            // The server has not got the claim, so the other is the first.
            let answer = waits.await;
            end(&scene.proxy);
            return answer;
        }
        // The claim is in the way of the other, who waits for what nobody hears of before the end.
        tokio::join!(waits, async { end(&scene.proxy) }).0
    };
    let (parted, other) = tokio::join!(parted, other);
    let answers = [parted, other].map(|answer| answer.expect("it has an outcome").into_inner());
    assert_eq!(answers, [outcome(0), outcome(0)], "{fault:?}");
    runs.into_inner()
}

/// With its memory the server loses the scripts that it was sent, and the store sends them again without being asked to.
#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_has_kept_what_it_acknowledged() {
    let (mut scene, runs) = (Scene::open().await, AtomicU32::new(0));
    call(&scene.direct, 1, &runs).await.expect("the server answers");
    scene.server.kill();
    scene.server.restart();
    let answer = loop {
        match call(&scene.direct, 1, &runs).await {
            // The connection that was is found to be gone.
            Err(error) if error.is_retryable() => tokio::time::sleep(Duration::from_millis(10)).await,
            answer => break answer,
        }
    };
    assert_eq!(answer.expect("there is an outcome"), Answer::Replayed(outcome(0)));
    assert_eq!(call(&scene.direct, 2, &runs).await.expect("the server answers"), Answer::Executed(outcome(1)));
}
