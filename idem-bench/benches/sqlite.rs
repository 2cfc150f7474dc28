//! First calls and replays on SQLite: idem against the same work by hand in sqlx, taking turns call by call.
//!
//! One caller, one pool, one table, WAL, `synchronous = FULL`. Each contender has a scope of its own in the table that
//! idem made. Long because SQL is read as a whole.
//!
//! `cargo bench --manifest-path idem-bench/Cargo.toml --ignore-rust-version --bench sqlite`

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use idem::{Operation, SqliteStore};
use idem_bench::figures::{Times, head, readable, row};
use idem_bench::orders::{Order, Receipt, charge};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteQueryResult, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Row as _};

const FIRST_CALLS: usize = 1500;
const REPLAYS: usize = 20_000;
/// The keys that are replayed.
const REPLAYED: usize = 500;
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// What a careful engineer writes for one function: as little as the table allows.
#[derive(Clone)]
struct ByHand(SqlitePool);

impl ByHand {
    const SELECT: &str = "SELECT state, outcome FROM idem_records \
        WHERE scope = 'by hand' AND key = ?1 AND expires_at > unixepoch('subsec') * 1000000";

    const INSERT: &str = "INSERT INTO idem_records (scope, key, state, claim_id, abandoned, lease_until, expires_at, \
            attempts, fence, created_at, updated_at) \
        VALUES ('by hand', ?1, 'running', ?2, 'rerun', \
            CAST(unixepoch('subsec') * 1000000 AS INTEGER) + ?3, CAST(unixepoch('subsec') * 1000000 AS INTEGER) + ?4, \
            1, CAST(unixepoch('subsec') * 1000000 AS INTEGER), CAST(unixepoch('subsec') * 1000000 AS INTEGER), \
            CAST(unixepoch('subsec') * 1000000 AS INTEGER)) \
        ON CONFLICT (scope, key) DO NOTHING";

    const UPDATE: &str = "UPDATE idem_records SET state = 'completed', codec = 'json', outcome_version = 1, \
            outcome = ?3, expires_at = CAST(unixepoch('subsec') * 1000000 AS INTEGER) + ?4, \
            updated_at = CAST(unixepoch('subsec') * 1000000 AS INTEGER), lease_until = NULL, abandoned = NULL \
        WHERE scope = 'by hand' AND key = ?1 AND claim_id = ?2 AND state = 'running'";

    async fn call(&self, order: &Order) -> Result<Receipt, BoxError> {
        let found = sqlx::query(Self::SELECT).bind(&order.id).fetch_optional(&self.0).await?;
        if let Some(found) = found {
            return replayed(found.try_get(0)?, found.try_get(1)?);
        }
        let claim_id = claim_id();
        let claimed = sqlx::query(Self::INSERT)
            .bind(&order.id)
            .bind(&claim_id)
            .bind(MINUTE / 2)
            .bind(DAY)
            .execute(&self.0)
            .await?;
        written(&claimed)?;
        let receipt = charge(order).await?;
        let completed = sqlx::query(Self::UPDATE)
            .bind(&order.id)
            .bind(&claim_id)
            .bind(serde_json::to_string(&receipt)?)
            .bind(DAY)
            .execute(&self.0)
            .await?;
        written(&completed)?;
        Ok(receipt)
    }
}

/// The statements of `idem-sqlx`, word for word, with no engine around them: what is left is what idem itself costs.
#[derive(Clone)]
struct SameStatements(SqlitePool);

impl SameStatements {
    const SELECT: &str = "SELECT clock.now, state, claim_id, fence, attempts, fingerprint, fingerprint_version, \
            abandoned, lease_until, expires_at, codec, outcome_version, outcome, created_at, updated_at \
        FROM (SELECT (CAST(round(unixepoch('subsec') * 1000) AS INTEGER) * 1000) AS now) AS clock \
        LEFT JOIN \"idem_records\" ON scope = ?1 AND key = ?2";

    async fn call(&self, order: &Order) -> Result<Receipt, BoxError> {
        let found = sqlx::query(Self::SELECT).bind("same").bind(&order.id).fetch_one(&self.0).await?;
        let (now, expires_at) = (found.try_get::<i64, _>(0)?, found.try_get::<Option<i64>, _>(9)?);
        if let Some(state) = found.try_get::<Option<&str>, _>(1)?
            && expires_at > Some(now)
        {
            return replayed(state, found.try_get(12)?);
        }
        let claim_id = claim_id();
        let claimed = sqlx::query(AssertSqlSafe(same_insert()))
            .bind("same")
            .bind(&order.id)
            .bind(&claim_id)
            .bind(None::<String>)
            .bind(None::<i64>)
            .bind("rerun")
            .bind(MINUTE / 2)
            .bind(DAY)
            .bind(1)
            .fetch_all(&self.0)
            .await?;
        let _fence: i64 = claimed.first().ok_or("lost a race")?.try_get(0)?;
        let receipt = charge(order).await?;
        let completed = sqlx::query(AssertSqlSafe(same_update()))
            .bind("same")
            .bind(&order.id)
            .bind(&claim_id)
            .bind("completed")
            .bind("json")
            .bind(1)
            .bind(serde_json::to_string(&receipt)?)
            .bind(DAY)
            .execute(&self.0)
            .await?;
        written(&completed)?;
        Ok(receipt)
    }
}

const NOW: &str = "(CAST(round(unixepoch('subsec') * 1000) AS INTEGER) * 1000)";

fn later(instant: &str, micros: &str) -> String {
    format!("(min({instant}, 9223372036854775807 - {micros}) + {micros})")
}

fn same_insert() -> Arc<str> {
    static INSERT: LazyLock<Arc<str>> = LazyLock::new(|| {
        let lease_until = later(NOW, "?7");
        let expires_at = later(&lease_until, "?8");
        let insert = format!(
            "INSERT INTO \"idem_records\" (scope, key, state, claim_id, fingerprint, fingerprint_version, abandoned, \
                 lease_until, expires_at, attempts, fence, created_at, updated_at) \
             VALUES (?1, ?2, 'running', ?3, ?4, ?5, ?6, {lease_until}, {expires_at}, ?9, max(1, {NOW}), {NOW}, {NOW}) \
             ON CONFLICT (scope, key) DO NOTHING \
             RETURNING fence"
        );
        insert.into()
    });
    INSERT.clone()
}

fn same_update() -> Arc<str> {
    static UPDATE: LazyLock<Arc<str>> = LazyLock::new(|| {
        let expires_at = later(NOW, "?8");
        let update = format!(
            "UPDATE \"idem_records\" SET state = ?4, codec = ?5, outcome_version = ?6, outcome = ?7, \
                 expires_at = {expires_at}, updated_at = {NOW}, lease_until = NULL, abandoned = NULL \
             WHERE scope = ?1 AND key = ?2 AND claim_id = ?3 AND state = 'running'"
        );
        update.into()
    });
    UPDATE.clone()
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn replayed(state: &str, outcome: Option<&str>) -> Result<Receipt, BoxError> {
    match (state, outcome) {
        ("completed", Some(outcome)) => Ok(serde_json::from_str(outcome)?),
        _ => Err(format!("the key is {state}").into()),
    }
}

fn claim_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

fn written(done: &SqliteQueryResult) -> Result<(), BoxError> {
    if done.rows_affected() == 1 { Ok(()) } else { Err("somebody else holds the claim".into()) }
}

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
struct Contenders(ByHand, SameStatements, Idem);

const NAMES: [&str; 3] = ["by hand, lean", "by hand, the same statements", "idem"];

impl Contenders {
    /// Times call by call, for the same orders. Who goes first changes each time.
    async fn compare(&self, orders: impl Iterator<Item = &Order>) -> [Times; 3] {
        let mut times = [const { Times::new() }; 3];
        for (index, order) in orders.enumerate() {
            for turn in 0..3 {
                let turn = (index + turn) % 3;
                let begun = Instant::now();
                match turn {
                    0 => self.0.call(order).await.expect("charges"),
                    1 => self.1.call(order).await.expect("charges"),
                    _ => self.2.call(order).await.expect("charges"),
                };
                times[turn].add(begun.elapsed(), 1);
            }
        }
        times
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
    let contenders = Contenders(ByHand(pool.clone()), SameStatements(pool), Idem(store));
    contenders.compare(Order::batch(0, 100).iter()).await;

    let orders = Order::batch(1, FIRST_CALLS);
    let first = contenders.compare(orders.iter()).await;
    let replay = contenders.compare(orders[..REPLAYED].iter().cycle().take(REPLAYS)).await;
    println!("\nOn SQLite, one caller, time per call\n");
    head(["call", "contender", "p10", "median", "p90", "over lean", "over the same"]);
    report(&format!("first ({FIRST_CALLS})"), &first);
    report(&format!("replay ({REPLAYS})"), &replay);
}

fn main() {
    // On the disk of the build, since a temporary folder may be memory, where a commit costs nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let path = folder.path().join("bench.db");
    runtime.block_on(async { tokio::spawn(run(path)).await.expect("runs") });
}
