//! The figure of transaction mode: no side effect happens twice and none is missing, whatever is killed, cut and parted.

use std::time::Instant;

use tempfile::TempDir;

use crate::audit::Audit;
use crate::bank::{self, Bank, Variant};
use crate::chaos::{Chaos, Length, Tally};
use crate::database::{Database, Isolation, Kind};
use crate::journal;
use crate::progress::Progress;
use crate::proxy::Proxy;
use crate::random::{Random, say, seed};
use crate::server::{IDLE, Server};
use crate::slot::Slot;
use crate::teller::{Transfers, requests};
use crate::worker;

const TELLERS: u32 = 3;
const SHORT: Length = Length { orders: 1_000, strikes: 16, one_in: 150, at_most: None };
/// What is broken shows soon.
const BROKEN: Length = Length { orders: 200, strikes: 8, one_in: 50, at_most: None };
const LONG: Length = Length { orders: 100_000, strikes: 160, one_in: 1_000, at_most: None };

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn postgres_chaos_dsevr_transaction_mode_zero() {
    sound(Kind::Postgres).await;
}

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn mysql_chaos_dsevr_transaction_mode_zero() {
    sound(Kind::MySql).await;
}

async fn sound(kind: Kind) {
    let length = Length::choose(SHORT, LONG);
    let (audit, tally) = run(kind, Variant::Sound, length).await;
    assert!(audit.is_sound(), "{audit:?}");
    if length.at_most.is_none() {
        assert_eq!(audit.operations, length.orders as usize, "every order is answered");
        assert_eq!(audit.requests, (0..length.orders).map(requests).sum::<u32>() as usize, "and so is every caller");
    }
    assert!(tally.kills > 0 && tally.server_kills > 0 && tally.partitions > 0, "{tally}");
}

/// The suite can fail: it finds what an application does wrong that has its side effect beside its transaction.
#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn a_side_effect_outside_the_transaction_is_found_twice() {
    let (audit, _) = run(Kind::Postgres, Variant::EffectOutside, BROKEN).await;
    assert!(audit.duplicates > 0, "{audit:?}");
}

/// And what one does that has no record.
#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_without_a_record_is_found_twice() {
    let (audit, _) = run(Kind::Postgres, Variant::NoRecord, BROKEN).await;
    assert!(audit.duplicates > 0 && audit.wrong_answers > 0 && audit.surplus > 0, "{audit:?}");
}

async fn run(kind: Kind, variant: Variant, length: Length) -> (Audit, Tally) {
    let seed = seed();
    say(&format!("{} transaction mode: seed={seed} (set IDEM_CRASH_SEED to choose it)", kind.name()));
    let mut server = Server::start(kind);
    let database = Database::on(kind, &server.url()).await;
    bank::found(&database).await;
    let proxy = Proxy::start(kind, server.port(), seed, length.one_in).await;
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let began = Instant::now();
    let slots = tellers(&folder, &database.through(proxy.port()), variant, length).map(Slot::start).collect();
    let tally = Chaos {
        server: &mut server,
        proxy: &proxy,
        length,
        answers: (0..length.orders).map(requests).sum::<u32>() as usize,
        progress: Progress::of(worker::journal_of(folder.path())),
        pause: IDLE.mul_f64(1.2),
        random: Random(seed),
        slots,
        parted_until: None,
        tally: Tally::default(),
    }
    .run()
    .await;
    let bank = Bank::open(&database, Isolation::Committed, variant);
    let audit = Audit::of(&bank, journal::read(&worker::journal_of(folder.path()))).await;
    say(&format!(
        "{} transaction mode ({variant:?}): operations={} requests={} duplicate side effects={} missing={} wrong answers={} \
         surplus={} {tally} seconds={}",
        kind.name(),
        audit.operations,
        audit.requests,
        audit.duplicates,
        audit.missing,
        audit.wrong_answers,
        audit.surplus,
        began.elapsed().as_secs(),
    ));
    (audit, tally)
}

/// Processes of all isolation levels, who ask for the same orders at about the same time.
fn tellers(folder: &TempDir, database: &Database, variant: Variant, length: Length) -> impl Iterator<Item = Transfers> {
    let until = length.until();
    (0..TELLERS).map(move |caller| Transfers {
        folder: folder.path().to_owned(),
        database: database.clone(),
        caller,
        callers: TELLERS,
        orders: 0..length.orders,
        at_once: 8,
        isolation: [Isolation::Committed, Isolation::Repeatable, Isolation::Serializable][caller as usize % 3],
        variant,
        fault: None,
        until,
    })
}
