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
