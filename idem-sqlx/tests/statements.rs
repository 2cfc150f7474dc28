//! What a call costs: how many statements, and that an answer without a claim takes no lock.
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod common;

use std::num::NonZeroU32;
use std::time::Duration;

use common::{HOUR, TestDatabase, acquire, fingerprint, finish, key, log, outcome, request};
use idem_core::{Abandoned, Admission, ClaimDecision, ClaimRequest, IssueDecision, Store};
use sqlx::Connection as _;

common::on_each_database! {
    replay_costs_one_round_trip
    an_answer_without_a_claim_costs_one_round_trip
    a_write_by_the_holder_costs_one_round_trip_and_one_more_if_the_claim_is_gone
    a_claim_of_a_key_that_has_a_record_costs_two_round_trips
    an_answer_without_a_claim_does_not_wait_for_who_writes_the_record
    issuing_a_token_costs_one_round_trip
    a_taken_key_costs_two_round_trips_and_one_that_has_expired_three
    what_another_test_sends_is_not_counted
}

/// Two tests of one program differ in their runtime.
async fn what_another_test_sends_is_not_counted<D: TestDatabase>(database: &D) {
    let counted = Counted::<D>::new(database).await;
    let options = database.connect_options();
    let other = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let other = Counted::<D> { store: D::store_on(D::pool_with(1, options).await) };
            other.statements(finish(&other.store, &key("other"), "1")).await
        })
    });
    let sent = counted.statements(async {
        while !other.is_finished() {
            assert!(counted.store.lookup(&key("own")).await.expect("an answer").is_none());
        }
    });
    assert!(sent.await.iter().all(|statement| statement == "SELECT"));
    assert!(other.join().expect("it does not panic").iter().any(|statement| statement == "UPDATE"));
}

/// The statement that a call begins with: PostgreSQL looks and claims in one, which is `WITH …`.
fn look<D: TestDatabase>() -> &'static str {
    if D::NAME == "postgres" { "WITH" } else { "SELECT" }
}

async fn replay_costs_one_round_trip<D: TestDatabase>(database: &D) {
    let counted = Counted::<D>::new(database).await;
    let done = key("done");
    let first = counted.statements(finish(&counted.store, &done, "1")).await;
    if D::NAME == "postgres" {
        assert_eq!(first, ["WITH", "UPDATE"]);
    } else {
        assert_eq!(first, ["SELECT", "INSERT", "UPDATE"]);
    }
    let replay = counted.statements(async { replays(&counted.store, &request(&done)).await }).await;
    assert_eq!(replay, [look::<D>()]);
}

async fn an_answer_without_a_claim_costs_one_round_trip<D: TestDatabase>(database: &D) {
    let counted = Counted::<D>::new(database).await;
    for refused in answers_without_a_claim(&counted.store).await {
        let statements = counted.statements(async { assert_not_acquired(&counted.store, &refused).await }).await;
        assert_eq!(statements, [look::<D>()], "{refused:?}");
    }
}

async fn a_write_by_the_holder_costs_one_round_trip_and_one_more_if_the_claim_is_gone<D: TestDatabase>(database: &D) {
    let counted = Counted::<D>::new(database).await;
    let store = &counted.store;
    let claim = acquire(store, &request(&key("held"))).await;
    // The first one opens the connection of renewals.
    store.extend(&claim, HOUR).await.expect("the claim is held");
    assert_eq!(counted.statements(async { store.extend(&claim, HOUR).await }).await, ["UPDATE"]);
    let renewals = [idem_core::Extension { claim: claim.clone(), lease: HOUR }];
    assert_eq!(counted.statements(async { store.extend_all(&renewals[..1]).await }).await, ["UPDATE"]);
    let mut many = Vec::new();
    for number in 0..200 {
        let claim = acquire(store, &request(&key(&number))).await;
        many.push(idem_core::Extension { claim, lease: HOUR });
    }
    assert_eq!(counted.statements(async { store.extend_all(&many).await }).await, ["UPDATE"]);
    assert_eq!(counted.statements(async { store.release(&claim).await }).await, ["UPDATE"]);
    assert_eq!(counted.statements(async { store.release(&claim).await }).await, ["UPDATE", "SELECT"]);
    assert_eq!(counted.statements(async { store.extend(&claim, HOUR).await }).await, ["UPDATE", "SELECT"]);
    assert_eq!(counted.statements(async { store.lookup(&key("held")).await }).await, ["SELECT"]);
}

async fn a_claim_of_a_key_that_has_a_record_costs_two_round_trips<D: TestDatabase>(database: &D) {
    let counted = Counted::<D>::new(database).await;
    let store = &counted.store;
    let lapsed = ClaimRequest { lease: Duration::ZERO, ..request(&key("taken over")) };
    let claim = acquire(store, &request(&key("released"))).await;
    store.release(&claim).await.expect("the claim is held");
    acquire(store, &lapsed).await;
    for name in ["released", "taken over"] {
        let statements = counted.statements(async { acquire(store, &request(&key(name))).await }).await;
        assert_eq!(statements, [look::<D>(), "UPDATE"], "{name}");
    }
}

async fn issuing_a_token_costs_one_round_trip<D: TestDatabase>(database: &D) {
    let counted = Counted::<D>::new(database).await;
    let issued = counted.statements(async { counted.store.issue(&key("token"), HOUR).await }).await;
    assert_eq!(issued, ["INSERT"]);
    let token = ClaimRequest { admission: Admission::IssuedOnly, ..request(&key("token")) };
    let claimed = counted.statements(async { acquire(&counted.store, &token).await }).await;
    assert_eq!(claimed, [look::<D>(), "UPDATE"]);
}

async fn a_taken_key_costs_two_round_trips_and_one_that_has_expired_three<D: TestDatabase>(database: &D) {
    let counted = Counted::<D>::new(database).await;
    let store = &counted.store;
    store.issue(&key("expired"), Duration::ZERO).await.expect("it was free");
    let statements = counted.statements(async {
        assert_eq!(store.issue(&key("expired"), HOUR).await.expect("an answer"), IssueDecision::Issued);
    });
    assert_eq!(statements.await, ["INSERT", "SELECT", "UPDATE"]);
    let statements = counted.statements(async {
        assert_eq!(store.issue(&key("expired"), HOUR).await.expect("an answer"), IssueDecision::Taken);
    });
    assert_eq!(statements.await, ["INSERT", "SELECT"]);
}

/// With a lock of another transaction on every record, or in SQLite on the database, whoever wanted one would wait until
/// the time for that is up, and fail.
async fn an_answer_without_a_claim_does_not_wait_for_who_writes_the_record<D: TestDatabase>(database: &D) {
    let store = database.store().await;
    let done = key("done");
    finish(&store, &done, "1").await;
    let requests = answers_without_a_claim(&store).await;

    let other = database.pool(1).await;
    let mut writer = other.begin().await.expect("a transaction");
    D::execute_on(&mut writer, "UPDATE idem_records SET attempts = attempts + 1").await.expect("all locks");
    for request in &requests {
        assert_not_acquired(&store, request).await;
    }
    replays(&store, &request(&done)).await;
    writer.rollback().await.expect("the transaction was still open");
}

/// One request for each answer that is neither a claim nor a replay.
async fn answers_without_a_claim(store: &impl Store) -> Vec<ClaimRequest> {
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
        ClaimRequest { max_attempts: NonZeroU32::new(1), ..request(&tried) },
        ClaimRequest { fingerprint: Some(fingerprint(2)), ..request(&done) },
        ClaimRequest { admission: Admission::IssuedOnly, ..request(&key("unknown")) },
    ]
}

async fn assert_not_acquired(store: &impl Store, request: &ClaimRequest) {
    let decision = store.claim(request).await.expect("an answer");
    assert!(!matches!(decision, ClaimDecision::Acquired(_)), "{decision:?}");
}

async fn replays(store: &impl Store, request: &ClaimRequest) {
    assert_eq!(store.claim(request).await.expect("an answer"), ClaimDecision::Replay(outcome("1")));
}

/// A store of one connection.
struct Counted<D: TestDatabase> {
    store: D::Store,
}

impl<D: TestDatabase> Counted<D> {
    async fn new(database: &D) -> Self {
        Self { store: D::store_on(database.pool(1).await) }
    }

    /// The first words of the statements that `calls` sends.
    async fn statements<T>(&self, calls: impl Future<Output = T>) -> Vec<String> {
        self.take().await;
        calls.await;
        self.take().await
    }

    async fn take(&self) -> Vec<String> {
        // The connection logs a statement when it has ended, which may be after its answer; a ping comes after that.
        let mut connection = D::pool_of(&self.store).acquire().await.expect("the connection");
        connection.ping().await.expect("a connection");
        // What a connection is set up with is no cost of a call; on a machine that is busy one more may be opened meanwhile.
        let of_calls = log::take().into_iter().filter(|statement| statement.contains("idem_records"));
        of_calls.map(|statement| first_word(&statement)).collect()
    }
}

/// The first word of a statement, after the comment in which MySQL and MariaDB are told different things.
fn first_word(statement: &str) -> String {
    let after_comment = statement.trim_start().strip_prefix("/*").and_then(|comment| comment.split_once("*/"));
    let statement = after_comment.map_or(statement, |(_, statement)| statement);
    statement.split_whitespace().next().unwrap_or_default().to_owned()
}
