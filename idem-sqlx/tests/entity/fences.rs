//! Machines that go round: a late retry of an event is not a second one.

use idem_sqlx::entity::{Evidence, Transition, Versioned as _, Why};
use idem_sqlx::in_transaction;

use super::common::on_each_database;
use super::levels::Levels;
use super::machines::{Door, Lamp, door, lamp};
use super::order::EntityDatabase;
use super::rooms::Room;
use super::tables::{closed_rooms, tables};

on_each_database! {
    a_late_retry_under_the_same_key_does_not_go_round_again
    a_late_retry_of_a_version_does_not_go_round_again
    an_event_that_leads_back_to_its_state_is_not_taken_for_its_own_retry
    two_states_of_a_row_have_keys_of_their_own_events
    a_retry_that_waits_for_its_first_attempt_to_go_round_learns_that_it_was_applied
    a_fence_by_key_that_no_constraint_guards_is_an_error_and_moves_nothing
    a_key_that_its_column_takes_for_another_is_an_error_and_no_retry
}

async fn a_late_retry_under_the_same_key_does_not_go_round_again<D: EntityDatabase>(database: &D) {
    tables(database).await;
    closed_rooms(database, [1]).await;
    let pool = database.pool(1).await;
    let open = |key: &'static str| Room::fire(1, door::Open).key(key).execute(&pool);
    assert!(matches!(open("first").await, Ok(Transition::Applied { .. })));
    assert!(matches!(Room::fire(1, door::Close).key("then").execute(&pool).await, Ok(Transition::Applied { .. })));

    let retry = open("first").await.expect("an answer");
    assert_eq!(retry, Transition::AlreadyApplied { current: Door::Closed, evidence: Evidence::SameKey });
    assert!(matches!(open("again").await, Ok(Transition::Applied { version: Some(4), .. })));
    let retry = open("first").await.expect("an answer");
    assert_eq!(retry, Transition::AlreadyApplied { current: Door::Opened, evidence: Evidence::SameKey });
}

async fn a_late_retry_of_a_version_does_not_go_round_again<D: EntityDatabase>(database: &D) {
    tables(database).await;
    closed_rooms(database, [1]).await;
    let pool = database.pool(1).await;
    let swing = || Room::fire(1, door::Swing).version(1).execute(&pool);
    assert!(matches!(swing().await, Ok(Transition::Applied { version: Some(2), .. })));
    assert!(matches!(Room::fire(1, door::Close).key("k").execute(&pool).await, Ok(Transition::Applied { .. })));
    let why = Why::StaleVersion { expected: Some(1), found: Some(3) };
    assert_eq!(swing().await.expect("an answer"), Transition::Conflict { current: Door::Closed, why });
}

async fn an_event_that_leads_back_to_its_state_is_not_taken_for_its_own_retry<D: EntityDatabase>(database: &D) {
    tables(database).await;
    closed_rooms(database, [1]).await;
    let pool = database.pool(1).await;
    let knock = |version| Room::fire(1, door::Knock).version(version).execute(&pool);
    let knocked = knock(1).await.expect("an answer");
    assert!(
        matches!(knocked, Transition::Applied { from: Door::Closed, to: Door::Closed, version: Some(2), .. }),
        "{knocked:?}"
    );
    let why = Why::StaleVersion { expected: Some(1), found: Some(2) };
    assert_eq!(knock(1).await.expect("an answer"), Transition::Conflict { current: Door::Closed, why });
    assert!(matches!(knock(2).await, Ok(Transition::Applied { version: Some(3), .. })));
}

async fn two_states_of_a_row_have_keys_of_their_own_events<D: EntityDatabase>(database: &D) {
    tables(database).await;
    closed_rooms(database, [1]).await;
    let pool = database.pool(1).await;
    let opened = Room::fire(1, door::Open).key("k").execute(&pool).await;
    assert!(matches!(opened, Ok(Transition::Applied { to: Door::Opened, .. })), "{opened:?}");
    let error = Room::fire(1, lamp::On).key("k").execute(&pool).await.expect_err("the key of another event");
    assert!(error.is_key_reused(), "{error:?}");
    let lit = Room::fire(1, lamp::On).key("lamp").execute(&pool).await.expect("an answer");
    assert!(matches!(lit, Transition::Applied { from: Lamp::Dark, to: Lamp::Bright, version: Some(3), .. }), "{lit:?}");
    assert_eq!(
        Room::fire(1, lamp::On).key("lamp").execute(&pool).await.expect("an answer"),
        Transition::AlreadyApplied { current: Lamp::Bright, evidence: Evidence::SameKey }
    );
    let rows = database.rows("SELECT event, from_state, to_state FROM room_transitions ORDER BY version").await;
    let texts: Vec<Vec<_>> = rows.iter().map(|row| row.iter().flatten().map(String::as_str).collect()).collect();
    assert_eq!(texts, [["door.open", "closed", "open"], ["lamp.on", "-1", "300"]]);
}

/// When the retry's turn comes, the row looks as it did before the first attempt.
async fn a_retry_that_waits_for_its_first_attempt_to_go_round_learns_that_it_was_applied<D: Levels>(database: &D) {
    tables(database).await;
    for (room, level) in (1..).zip(D::LEVELS) {
        closed_rooms(database, [room]).await;
        let (first, second) = (database.pool_at(level, 1).await, database.pool_at(level, 1).await);
        let mut tx = first.begin().await.expect("a transaction");
        let opened = Room::fire(room, door::Open).key("k").execute(&mut tx).await;
        assert!(matches!(opened, Ok(Transition::Applied { .. })), "{level}: {opened:?}");

        let retry = tokio::spawn(async move {
            in_transaction(&second, async |mut tx| Room::fire(room, door::Open).key("k").execute(&mut tx).await).await
        });
        database.blocked().await;
        let closed = Room::fire(room, door::Close).key("then").execute(&mut tx).await;
        assert!(matches!(closed, Ok(Transition::Applied { .. })), "{level}: {closed:?}");
        tx.commit().await.expect("a commit");

        let answer = retry.await.expect("no panic").expect("an answer");
        let same_key = Transition::AlreadyApplied { current: Door::Closed, evidence: Evidence::SameKey };
        assert_eq!(answer, same_key, "{level}");
    }
}

async fn a_fence_by_key_that_no_constraint_guards_is_an_error_and_moves_nothing<D: EntityDatabase>(database: &D) {
    tables(database).await;
    closed_rooms(database, [1]).await;
    let bare = "CREATE TABLE bare AS SELECT * FROM room_transitions; DROP TABLE room_transitions;
                ALTER TABLE bare RENAME TO room_transitions";
    database.execute(bare).await;
    let pool = database.pool(1).await;
    let open = async || Room::fire(1, door::Open).key("k").execute(&pool).await;
    let error = open().await.expect_err("nothing guards the key");
    assert!(
        error.to_string().contains("UNIQUE (id, key)") && error.to_string().contains("`room_transitions`"),
        "{error}"
    );
    assert!(!error.is_retryable());
    let found = (database.texts("SELECT door FROM rooms").await, database.rows("SELECT * FROM room_transitions").await);
    assert_eq!(found, (vec!["closed".to_owned()], Vec::new()));

    let quote = D::QUOTE;
    database.execute(&format!("CREATE UNIQUE INDEX guards ON room_transitions ({quote}key{quote}, id)")).await;
    let opened = open().await.expect("it is guarded now");
    assert!(matches!(opened, Transition::Applied { .. }), "{opened:?}");
    assert!(matches!(open().await, Ok(Transition::AlreadyApplied { evidence: Evidence::SameKey, .. })));
}

async fn a_key_that_its_column_takes_for_another_is_an_error_and_no_retry<D: EntityDatabase>(database: &D) {
    tables(database).await;
    closed_rooms(database, [1]).await;
    let caseless = match D::NAME {
        "postgres" => {
            "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
             ALTER TABLE room_transitions ALTER COLUMN key TYPE TEXT COLLATE caseless"
        }
        "mysql" => "ALTER TABLE room_transitions MODIFY `key` VARCHAR(255) COLLATE utf8mb4_general_ci",
        _ => {
            "DROP TABLE room_transitions; CREATE TABLE room_transitions (id INTEGER NOT NULL, event TEXT, from_state TEXT, \
             to_state TEXT, version INTEGER, key TEXT COLLATE NOCASE, actor TEXT, reason TEXT, at TEXT, UNIQUE (id, key))"
        }
    };
    database.execute(caseless).await;
    let pool = database.pool(1).await;
    assert!(matches!(Room::fire(1, door::Open).key("first").execute(&pool).await, Ok(Transition::Applied { .. })));
    assert!(matches!(Room::fire(1, door::Close).key("then").execute(&pool).await, Ok(Transition::Applied { .. })));
    let error = Room::fire(1, door::Open).key("FIRST").execute(&pool).await.expect_err("it is another key");
    assert!(error.to_string().contains("byte by byte"), "{error}");
    assert_eq!(database.texts("SELECT door FROM rooms").await, ["closed"]);
}
