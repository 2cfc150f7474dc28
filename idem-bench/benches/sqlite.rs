//! First calls and replays on SQLite: idem against the same work by hand in sqlx, taking turns.
//!
//! One caller, one pool, one table, WAL, `synchronous = FULL`.
//!
//! `cargo bench --manifest-path idem-bench/Cargo.toml --ignore-rust-version --bench sqlite`

use std::path::Path;
use std::time::Instant;

use idem::{Operation, SqliteStore};
use idem_bench::by_hand::{Lean, SameStatements};
use idem_bench::figures::{Times, head, readable, row};
use idem_bench::orders::{Order, Receipt, charge};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

const FIRST_CALLS: usize = 1500;
const REPLAYS: usize = 20_000;
/// The keys that are replayed.
const REPLAYED: usize = 500;
/// The calls of one turn, where calls follow calls of the same kind and find the processor's caches warm. Replays are also
/// measured in turns of one call, where each follows calls of another kind, and more code costs more.
const TURN: usize = 50;

/// idem.
#[derive(Clone)]
struct Idem(SqliteStore);

impl Idem {
    async fn call(&self, order: &Order) -> Result<Receipt, idem::Error> {
        let charge = async |_| charge(order).await.map_err(|never| match never {});
        Operation::new("idem", &order.id).run(&self.0, charge).await.map(idem::Answer::into_inner)
    }
}

async fn open(path: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    SqlitePoolOptions::new().test_before_acquire(false).connect_with(options).await.expect("opens")
}

/// All of them.
struct Contenders(Lean, SameStatements, Idem);

const NAMES: [&str; 3] = ["by hand, lean", "by hand, the same statements", "idem"];

impl Contenders {
    /// Times each call, turn by turn, for the same orders. Who goes first changes with each turn.
    async fn compare(&self, turns: impl Iterator<Item = &[Order]>) -> [Times; 3] {
        let mut times = [const { Times::new() }; 3];
        for (index, orders) in turns.enumerate() {
            for contender in [0, 1, 2].map(|place| (index + place) % 3) {
                for order in orders {
                    let begun = Instant::now();
                    self.call(contender, order).await;
                    times[contender].add(begun.elapsed(), 1);
                }
            }
        }
        times
    }

    async fn call(&self, contender: usize, order: &Order) {
        match contender {
            0 => self.0.call(order).await.expect("charges"),
            1 => self.1.call(order).await.expect("charges"),
            _ => self.2.call(order).await.expect("charges"),
        };
    }
}

fn report(what: &str, all: &[Times; 3]) {
    for (name, times) in NAMES.iter().zip(all) {
        let overheads = [0, 1].map(|base| format!("{:+.1} %", (times.median() / all[base].median() - 1.0) * 100.0));
        let cells = [0.1, 0.5, 0.9].map(|share| readable(times.quantile(share)));
        row([what, name, &cells[0], &cells[1], &cells[2], &overheads[0], &overheads[1]]);
    }
}

async fn run(path: std::path::PathBuf) {
    let pool = open(&path).await;
    let store = SqliteStore::new(pool.clone());
    store.migrate().await.expect("migrates");
    let contenders = Contenders(Lean(pool.clone()), SameStatements(pool), Idem(store));
    contenders.compare(Order::batch(0, 100).chunks(TURN)).await;

    let orders = Order::batch(1, FIRST_CALLS);
    let first = contenders.compare(orders.chunks(TURN)).await;
    let warm = contenders.compare(orders[..REPLAYED].chunks(TURN).cycle().take(REPLAYS / TURN)).await;
    let cold = contenders.compare(orders[..REPLAYED].chunks(1).cycle().take(REPLAYS)).await;
    println!("\nOn SQLite, one caller, time per call\n");
    head(["call", "contender", "p10", "median", "p90", "over lean", "over the same"]);
    report(&format!("first ({FIRST_CALLS}), in turns of {TURN}"), &first);
    report(&format!("replay ({REPLAYS}), in turns of {TURN}"), &warm);
    report(&format!("replay ({REPLAYS}), in turns of 1"), &cold);
}

fn main() {
    // On the disk of the build, since a temporary folder may be memory, where a commit costs nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let path = folder.path().join("bench.db");
    runtime.block_on(async { tokio::spawn(run(path)).await.expect("runs") });
}
