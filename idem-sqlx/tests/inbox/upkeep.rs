//! Making the tables, their names, and forgetting.

use std::time::Duration;

use idem_sqlx::Advance::{Duplicate, First, Gap, Next};
use idem_sqlx::Inbox;
use sqlx::Pool;
use sqlx::pool::PoolOptions;
use tokio::task::JoinSet;

use crate::common::{dropped_after, on_each_database};
use crate::{InboxTest, inbox, once};

on_each_database! {
    a_purge_forgets_what_is_old_enough_and_the_oldest_first
    a_purge_leaves_other_consumers_alone
    purges_at_once_share_the_work
    a_dropped_purge_leaves_no_transaction_open
    ten_may_migrate_at_once
    a_missing_table_is_named_with_what_to_do
    a_table_of_another_name_has_its_own_messages_and_marks
    tables_may_stand_in_a_schema
    any_way_to_connect_will_do
    a_person_can_read_the_inbox
    times_are_those_of_the_database
}

const DAY: Duration = Duration::from_hours(24);

/// Messages `0` to `count`, each received a day before the one after it, the last one now.
async fn one_a_day<D: InboxTest>(database: &D, count: u64) {
    for age in 0..count {
        let micros = age * u64::try_from(DAY.as_micros()).expect("a day");
        let insert = format!(
            "INSERT INTO idem_inbox (consumer, message, received_at) VALUES ('ledger', '{}', {} - {micros})",
            count - age,
            D::NOW,
        );
        database.execute(&insert).await;
    }
}

async fn messages<D: InboxTest>(database: &D) -> Vec<String> {
    database.texts("SELECT message FROM idem_inbox ORDER BY received_at").await
}

async fn a_purge_forgets_what_is_old_enough_and_the_oldest_first<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    one_a_day(database, 9).await;
    let inbox = inbox.remember_for(DAY * 7 / 2);
    assert_eq!(inbox.purge(&pool, 2).await.expect("a purge"), 2);
    assert_eq!(messages(database).await, ["3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!(inbox.purge(&pool, 100).await.expect("a purge"), 3);
    assert_eq!(inbox.purge(&pool, 100).await.expect("a purge"), 0);
    assert_eq!(messages(database).await, ["6", "7", "8", "9"]);
    let for_ever = inbox.remember_for(Duration::MAX);
    assert_eq!(for_ever.purge(&pool, 100).await.expect("a purge"), 0);
}

async fn a_purge_leaves_other_consumers_alone<D: InboxTest>(database: &D) {
    let (_, pool) = inbox(database).await;
    one_a_day(database, 3).await;
    let other = Inbox::new("audit").expect("a name").remember_for(Duration::ZERO);
    assert_eq!(other.purge(&pool, 100).await.expect("a purge"), 0);
    assert_eq!(messages(database).await.len(), 3);
}

async fn a_dropped_purge_leaves_no_transaction_open<D: InboxTest>(database: &D) {
    let (inbox, _) = inbox(database).await;
    let inbox = inbox.remember_for(Duration::ZERO);
    let pool = database.pool(1).await;
    // sqlx loses a connection to MySQL whose statement is dropped while it is prepared, so they are prepared here.
    assert_eq!(inbox.purge(&pool, 10).await.expect("a purge"), 0);
    for pending in 0..1_000 {
        let is_finished = dropped_after(pending, inbox.purge(&pool, 10)).await;
        let mut on = pool.acquire().await.expect("a connection");
        let insert =
            format!("INSERT INTO idem_inbox (consumer, message, received_at) VALUES ('other', '{pending}', 1)");
        D::execute_on(&mut on, &insert).await.expect("a row");
        let kept = database.number("SELECT count(*) FROM idem_inbox").await;
        assert_eq!(kept, i64::from(pending) + 1, "dropped after {pending}");
        if is_finished {
            return;
        }
    }
    panic!("it never finished");
}

async fn purges_at_once_share_the_work<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    one_a_day(database, 40).await;
    let inbox = inbox.remember_for(DAY / 2);
    let mut purges = JoinSet::new();
    for _ in 0..4 {
        let (inbox, pool) = (inbox.clone(), pool.clone());
        purges.spawn(async move {
            let mut all = 0;
            for _ in 0..20 {
                all += inbox.purge(&pool, 5).await.expect("a purge");
            }
            all
        });
    }
    assert_eq!(purges.join_all().await.into_iter().sum::<u64>(), 39);
    assert_eq!(messages(database).await, ["40"]);
}

async fn ten_may_migrate_at_once<D: InboxTest>(database: &D) {
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let pool = database.pool(1).await;
        tasks.spawn(async move { Inbox::new("ledger").expect("a name").migrate(&pool).await });
    }
    for migrated in tasks.join_all().await {
        migrated.expect("the tables are there");
    }
    assert!(once::<D>(&Inbox::new("ledger").expect("a name"), &database.pool(1).await, "evt_17").await);
}

async fn a_missing_table_is_named_with_what_to_do<D: InboxTest>(database: &D) {
    let pool = database.pool(1).await;
    let inbox = Inbox::new("ledger").expect("a name");
    let mut errors = Vec::new();
    let mut tx = pool.begin().await.expect("a transaction");
    errors.push(inbox.first_time(&mut tx, "a").await.expect_err("no table"));
    tx.rollback().await.expect("a rollback");
    let mut tx = pool.begin().await.expect("a transaction");
    errors.push(inbox.advance(&mut tx, "a", 1).await.expect_err("no table"));
    tx.rollback().await.expect("a rollback");
    errors.push(inbox.purge(&pool, 1).await.expect_err("no table"));
    for error in errors {
        assert!(error.to_string().contains("`idem_inbox` is missing; call `Inbox::migrate`"), "{error}");
        assert!(!error.is_retryable());
    }
}

async fn a_table_of_another_name_has_its_own_messages_and_marks<D: InboxTest>(database: &D) {
    let (standard, pool) = inbox(database).await;
    let name = "n".repeat(52);
    let other = Inbox::with_table("ledger", &name).expect("a name");
    other.migrate(&pool).await.expect("new tables");
    assert!(once::<D>(&standard, &pool, "evt_17").await);
    assert!(once::<D>(&other, &pool, "evt_17").await);
    let mut tx = pool.begin().await.expect("a transaction");
    other.advance(&mut tx, "partner", 1).await.expect("an answer");
    tx.commit().await.expect("a commit");
    assert_eq!(database.number(&format!("SELECT count(*) FROM {name}_marks")).await, 1);
    assert_eq!(database.number(&format!("SELECT count(*) FROM {name}_readable")).await, 1);
    assert_eq!(database.number("SELECT count(*) FROM idem_inbox_marks").await, 0);
    for wrong in ["", "a b", "1a", "a;b", "a\"b", &"n".repeat(53)] {
        Inbox::with_table("ledger", wrong).expect_err(wrong);
    }
}

async fn tables_may_stand_in_a_schema<D: InboxTest>(database: &D) {
    let Some((outside, schema)) = database.outside() else {
        let error = Inbox::with_table("ledger", "main.seen").expect("a name").migrate(&database.pool(1).await).await;
        assert!(error.expect_err("not for SQLite").to_string().contains("attached database"));
        return;
    };
    let pool = PoolOptions::new().max_connections(1).connect_with(outside).await.expect("a pool");
    let inbox = Inbox::with_table("ledger", &format!("{schema}.seen")).expect("a name");
    inbox.migrate(&pool).await.expect("new tables");
    everything_works::<D>(&inbox, &pool).await;
    assert_eq!(database.number("SELECT count(*) FROM seen").await, 3);
    assert_eq!(database.number("SELECT count(*) FROM seen_readable").await, 3);
    assert_eq!(database.number("SELECT count(*) FROM seen_marks").await, 1);
}

async fn any_way_to_connect_will_do<D: InboxTest>(database: &D) {
    for (number, options) in database.ways_to_connect().into_iter().enumerate() {
        let pool = PoolOptions::new().max_connections(1).connect_with(options).await.expect("a pool");
        let inbox = Inbox::with_table("ledger", &format!("seen_{number}")).expect("a name");
        inbox.migrate(&pool).await.expect("new tables");
        everything_works::<D>(&inbox, &pool).await;
    }
}

/// Each statement, in tables that are new.
pub(crate) async fn everything_works<D: InboxTest>(inbox: &Inbox, pool: &Pool<D::Sqlx>) {
    assert!(once::<D>(inbox, pool, "a").await);
    let mut tx = pool.begin().await.expect("a transaction");
    assert!(!inbox.first_time(&mut tx, "a").await.expect("an answer"));
    assert_eq!(inbox.first_times(&mut tx, &["\\'\"", "a", "c"]).await.expect("an answer"), [true, false, true]);
    for (sequence, expected) in [(1, First), (2, Next), (1, Duplicate), (5, Gap { expected: 3 })] {
        assert_eq!(inbox.advance(&mut tx, "partner", sequence).await.expect("an answer"), expected);
    }
    assert_eq!(inbox.advance_past(&mut tx, "partner", 5).await.expect("an answer"), Gap { expected: 3 });
    assert_eq!(inbox.advance(&mut tx, "partner", 6).await.expect("an answer"), Next);
    tx.commit().await.expect("a commit");
    assert_eq!(inbox.purge(pool, 10).await.expect("a purge"), 0);
}

async fn a_person_can_read_the_inbox<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    once::<D>(&inbox, &pool, "evt_17").await;
    let rows = database.rows("SELECT consumer, message, received_at FROM idem_inbox_readable").await;
    let texts: Vec<_> = rows[0].iter().map(|cell| cell.as_deref().expect("a value")).collect();
    assert_eq!(texts[..2], ["ledger", r#""evt_17""#]);
    assert!(texts[2].starts_with("20") && texts[2].contains(':'), "{texts:?}");
}

async fn times_are_those_of_the_database<D: InboxTest>(database: &D) {
    let (inbox, pool) = inbox(database).await;
    let now = format!("SELECT {}", D::NOW);
    let before = database.number(&now).await;
    once::<D>(&inbox, &pool, "evt_17").await;
    let received = database.number("SELECT received_at FROM idem_inbox").await;
    let after = database.number(&now).await;
    assert!((before..=after).contains(&received), "{before} {received} {after}");
}
