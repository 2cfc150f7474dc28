//! Acknowledgements that are lost, replies that are held, networks that part: each at the statement where it hurts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use idem::{Answer, Error, InFlight, Key, Operation, Record, Scope, State, Store};
use tempfile::TempDir;

use crate::bank::{self, Bank, Variant, amount};
use crate::database::{Database, Isolation, Kind};
use crate::fault::{Act, Point, Trap};
use crate::journal::{self, Entry, Receipt};
use crate::network::{COMMIT, Fault};
use crate::process::Worker;
use crate::proxy::Proxy;
use crate::teller::Transfers;
use crate::worker;

/// Only a claim of a key that has no record has this.
const CLAIM: &str = "(scope, ";

/// Only the statement that stores an outcome has this.
fn complete(kind: Kind) -> &'static str {
    match kind {
        Kind::Postgres => "codec = $",
        Kind::MySql => "codec = ?",
    }
}

/// A bank behind a proxy that does nothing until it is armed, and the same without the proxy.
struct Scene {
    database: Database,
    proxy: Proxy,
    behind: Bank,
    direct: Bank,
    folder: TempDir,
}

impl Scene {
    async fn open(kind: Kind) -> Self {
        let database = Database::fresh(kind).await;
        bank::found(&database).await;
        let proxy = Proxy::start(kind, database.port(), 0, 0).await;
        let open = |database: &Database| Bank::open(database, Isolation::Committed, Variant::Sound);
        Self {
            behind: open(&database.through(proxy.port())),
            direct: open(&database),
            folder: tempfile::tempdir().expect("there is room for a folder"),
            proxy,
            database,
        }
    }

    async fn store_behind(&self) -> Arc<dyn Store> {
        self.database.through(self.proxy.port()).open().await
    }

    /// Transfers once without a fault, so that the connection is there, and once with it.
    async fn transfer_with(&self, text: &'static str, fault: Fault) -> Receipt {
        transfer(&self.behind, 1).await;
        self.proxy.arm(text, fault);
        let receipt = transfer(&self.behind, 2).await;
        self.sprung().await;
        receipt
    }

    async fn sprung(&self) {
        let sprung = tokio::time::timeout(Duration::from_mins(1), self.proxy.sprung()).await;
        sprung.expect("the proxy has seen the statement");
    }

    /// Each order happened once, and with it its credit.
    async fn check(&self, receipts: &[Receipt]) {
        let mut effects = self.direct.effects().await;
        effects.sort_by_key(|effect| effect.order);
        assert_eq!(effects, receipts);
        assert_eq!(self.direct.balance().await, receipts.iter().map(|receipt| amount(receipt.order)).sum::<i64>());
    }

    /// A process that transfers once.
    fn teller(&self, fault: Option<crate::fault::Fault>) -> Transfers {
        Transfers {
            folder: self.folder.path().to_owned(),
            database: self.database.through(self.proxy.port()),
            caller: 0,
            callers: 1,
            orders: 7..8,
            at_once: 1,
            isolation: Isolation::Committed,
            variant: Variant::Sound,
            fault,
            until: None,
        }
    }

    fn answers(&self) -> Vec<Receipt> {
        let entries = journal::read(&worker::journal_of(self.folder.path()));
        let answer = |entry| if let Entry::Answered { answer: Ok(receipt), .. } = entry { Some(receipt) } else { None };
        entries.into_iter().filter_map(answer).collect()
    }
}

async fn transfer(bank: &Bank, order: u32) -> Receipt {
    bank.transfer(order, &Trap::new(None)).await.expect("the transfer is made")
}

pub(crate) async fn lost_commit_ack_recognised_as_own(kind: Kind) {
    let scene = Scene::open(kind).await;
    let receipt = scene.transfer_with(COMMIT, Fault::LoseReply).await;
    let first = transfer(&scene.direct, 1).await;
    assert_eq!(transfer(&scene.direct, 2).await, receipt, "and so is everybody else told");
    scene.check(&[first, receipt]).await;
    scene.database.remove().await;
}

/// As good as a commit that was lost itself: nothing has happened, and the second run is the one that counts.
pub(crate) async fn lost_statement_ack_rolls_back_and_runs_again(kind: Kind) {
    for text in [CLAIM, "INSERT INTO effects", complete(kind)] {
        let scene = Scene::open(kind).await;
        let receipt = scene.transfer_with(text, Fault::LoseReply).await;
        let first = transfer(&scene.direct, 1).await;
        scene.check(&[first, receipt]).await;
        scene.database.remove().await;
    }
}

pub(crate) async fn lost_commit_request_runs_again(kind: Kind) {
    let scene = Scene::open(kind).await;
    let receipt = scene.transfer_with(COMMIT, Fault::CutBefore).await;
    let first = transfer(&scene.direct, 1).await;
    scene.check(&[first, receipt]).await;
    scene.database.remove().await;
}

pub(crate) async fn kill9_before_commit(kind: Kind) {
    let scene = Scene::open(kind).await;
    let fault = crate::fault::Fault { at: Point::BodyAfterEffect, act: Act::Kill };
    Worker::start(&scene.teller(Some(fault))).finish_killed();
    assert_eq!((scene.direct.effects().await, scene.direct.balance().await), (vec![], 0), "neither");
    Worker::start(&scene.teller(None)).finish();
    assert_eq!(scene.answers().len(), 1);
    scene.check(&scene.answers()).await;
    scene.database.remove().await;
}

pub(crate) async fn kill9_after_commit_before_reply(kind: Kind) {
    let scene = Scene::open(kind).await;
    scene.proxy.arm(COMMIT, Fault::HoldReply);
    let teller = Worker::start(&scene.teller(None));
    scene.sprung().await;
    teller.kill();
    teller.finish_killed();
    let committed = scene.direct.effects().await;
    assert_eq!((committed.len(), scene.answers()), (1, vec![]));
    Worker::start(&scene.teller(None)).finish();
    assert_eq!(scene.answers(), committed, "replayed");
    scene.check(&committed).await;
    scene.database.remove().await;
}

/// A call of lease mode, and how often its body ran.
async fn call(store: &Arc<dyn Store>, order: u32, runs: &AtomicU32) -> Result<Answer<u32>, Error> {
    Operation::new("faults.call", &order)
        .lease(Duration::from_mins(10))
        .in_flight(InFlight::Wait(Duration::from_mins(1)))
        .run(store, async |_| Ok(runs.fetch_add(1, Ordering::SeqCst)))
        .await
}

async fn record(database: &Database, order: u32) -> Record {
    let key = Key::new(Scope::from_static("faults.call"), &order).expect("a number is a key");
    let found = database.open().await.lookup(&key).await.expect("the store answers");
    found.expect("there is a record").record
}

/// A lease of ten minutes stands in the way of everybody but the one who finds its own claim.
async fn lost_in_lease_mode(kind: Kind, text: &'static str) {
    let scene = Scene::open(kind).await;
    let (store, runs) = (scene.store_behind().await, AtomicU32::new(0));
    call(&store, 1, &runs).await.expect("nothing befalls the first");
    scene.proxy.arm(text, Fault::LoseReply);
    assert_eq!(call(&store, 2, &runs).await.expect("the claim is its own"), Answer::Executed(1));
    scene.sprung().await;
    let record = record(&scene.database, 2).await;
    assert!(record.attempts == 1 && matches!(record.state, State::Finished(_)), "{record:?}");
    assert_eq!(call(&store, 2, &runs).await.expect("there is an outcome"), Answer::Replayed(1));
    assert_eq!(runs.into_inner(), 2, "one for each order");
    scene.database.remove().await;
}

pub(crate) async fn lost_claim_insert_ack_recognised_as_own(kind: Kind) {
    lost_in_lease_mode(kind, CLAIM).await;
}

pub(crate) async fn lost_complete_ack_recognised_as_own(kind: Kind) {
    lost_in_lease_mode(kind, complete(kind)).await;
}

/// The network parts before or after the server has the claim; somebody else calls meanwhile; it heals, or is cut.
pub(crate) async fn partition_during_claim(kind: Kind) {
    for fault in [Fault::PartBefore, Fault::PartAfter] {
        for end in [Proxy::heal, Proxy::cut] {
            let scene = Scene::open(kind).await;
            let runs = part(&scene, fault, end).await;
            assert_eq!((runs, record(&scene.database, 2).await.attempts), (1, 1), "{fault:?}");
            scene.database.remove().await;
        }
    }
}

/// How often the body of the call ran that two make.
async fn part(scene: &Scene, fault: Fault, end: fn(&Proxy)) -> u32 {
    let (near, far) = (scene.database.open().await, scene.store_behind().await);
    let [warm, runs] = [AtomicU32::new(0), AtomicU32::new(0)];
    call(&far, 1, &warm).await.expect("nothing befalls the first");
    scene.proxy.arm(CLAIM, fault);
    let parted = call(&far, 2, &runs);
    let other = async {
        scene.sprung().await;
        if fault == Fault::PartBefore {
            // The server has not got the claim, so the other is the first.
            let answer = call(&near, 2, &runs).await;
            end(&scene.proxy);
            answer
        } else {
            // The claim is in the way of the other, who waits for what nobody hears of before the end.
            let waits = call(&near, 2, &runs);
            let ends = async { end(&scene.proxy) };
            tokio::join!(waits, ends).0
        }
    };
    let (parted, other) = tokio::join!(parted, other);
    let answers = [parted, other].map(|answer| answer.expect("it has an outcome").into_inner());
    assert_eq!(answers, [0, 0], "{fault:?}");
    runs.into_inner()
}
