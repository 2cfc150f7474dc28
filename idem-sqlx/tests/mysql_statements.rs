//! What a call costs: how many statements, and that an answer without a claim writes nothing.
#![cfg(feature = "mysql")]

mod common;

use std::time::Duration;

use common::mysql::Database;
use common::{HOUR, TestDatabase, acquire, fingerprint, finish, key, outcome, request};
use idem_core::{Abandoned, Admission, ClaimDecision, ClaimRequest, Store as _};
use idem_sqlx::MySqlStore;
use sqlx::Row as _;

/// A store of one connection, whose session says what it did.
struct Counted {
    store: MySqlStore,
    _database: Database,
}

impl Counted {
    async fn new() -> Self {
        let database = Database::migrated().await;
        Self { store: MySqlStore::new(database.pool(1).await), _database: database }
    }

    /// The sum of these counters.
    async fn sum(&self, scope: &str, names: &str) -> i64 {
        let sql = format!(
            "SELECT CAST(SUM(VARIABLE_VALUE) AS SIGNED) FROM information_schema.{scope}_status \
             WHERE VARIABLE_NAME IN ({names})"
        );
        // As text, so that it is not a statement that was prepared.
        let row = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_one(self.store.pool()).await.expect("counters");
        row.get_unchecked(0)
    }

    /// How many statements `calls` run.
    async fn statements<T>(&self, calls: impl Future<Output = T>) -> i64 {
        let before = self.sum("session", "'COM_STMT_EXECUTE'").await;
        calls.await;
        self.sum("session", "'COM_STMT_EXECUTE'").await - before
    }
}

/// One request for each answer that is neither a claim nor a replay.
async fn answers_without_a_claim(store: &MySqlStore) -> Vec<ClaimRequest> {
    let [live, lapsed, tried, done] = ["live", "lapsed", "tried", "finished"].map(key);
    acquire(store, &request(&live)).await;
    acquire(store, &ClaimRequest { lease: Duration::ZERO, ..request(&lapsed) }).await;
    let attempt = acquire(store, &request(&tried)).await;
    store.release(&attempt).await.expect("the claim is held");
    finish(store, &done, "1").await;
    vec![
        request(&live),
        ClaimRequest { fingerprint: Some(fingerprint(2)), ..request(&live) },
        ClaimRequest { abandoned: Abandoned::Refuse, ..request(&lapsed) },
        ClaimRequest { max_attempts: std::num::NonZeroU32::new(1), ..request(&tried) },
        ClaimRequest { fingerprint: Some(fingerprint(2)), ..request(&done) },
        ClaimRequest { admission: Admission::IssuedOnly, ..request(&key("unknown")) },
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn a_first_call_costs_three_statements_and_every_other_answer_one() {
    let counted = Counted::new().await;
    let store = &counted.store;
    let done = key("done");
    assert_eq!(counted.statements(finish(store, &done, "1")).await, 3, "SELECT, INSERT, UPDATE");
    assert_eq!(counted.statements(store.claim(&request(&done))).await, 1);
    for refused in answers_without_a_claim(store).await {
        assert_eq!(counted.statements(store.claim(&refused)).await, 1, "{refused:?}");
    }

    let claim = acquire(store, &request(&key("held"))).await;
    assert_eq!(counted.statements(store.extend(&claim, HOUR)).await, 0, "it has a session of its own");
    assert_eq!(counted.statements(store.release(&claim)).await, 1);
    assert_eq!(counted.statements(store.release(&claim)).await, 2, "it looks why nothing was written");
    assert_eq!(counted.statements(acquire(store, &request(&key("held")))).await, 2);
    assert_eq!(counted.statements(store.purge_expired(10)).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask test"]
async fn an_answer_without_a_claim_writes_nothing() {
    let counted = Counted::new().await;
    let mut requests = answers_without_a_claim(&counted.store).await;
    finish(&counted.store, &key("done"), "1").await;
    requests.push(request(&key("done")));

    // Rows that the session wrote, or locked.
    let rows = "'HANDLER_WRITE', 'HANDLER_UPDATE', 'HANDLER_DELETE', 'HANDLER_PREPARE'";
    // Bytes of the redo log, to which the server itself writes now and then: the least of a few rounds.
    let log = "'INNODB_OS_LOG_WRITTEN', 'INNODB_LSN_CURRENT', 'BINLOG_BYTES_WRITTEN'";
    let mut least = i64::MAX;
    for _ in 0..10 {
        // Looking at the counters is counted too.
        let looked = counted.sum("session", rows).await;
        let looking = counted.sum("session", rows).await - looked;
        let before = (counted.sum("global", log).await, counted.sum("session", rows).await);
        for _ in 0..100_usize.div_ceil(requests.len()) {
            for request in &requests {
                let answer = counted.store.claim(request).await.expect("an answer");
                assert!(!matches!(answer, ClaimDecision::Acquired(_)), "{answer:?}");
            }
        }
        assert_eq!(counted.sum("session", rows).await - before.1, looking);
        least = least.min(counted.sum("global", log).await - before.0);
    }
    assert_eq!(least, 0, "bytes were logged");
    let replayed = counted.store.claim(&request(&key("done"))).await.expect("an answer");
    assert_eq!(replayed, ClaimDecision::Replay(outcome("1")));
}
