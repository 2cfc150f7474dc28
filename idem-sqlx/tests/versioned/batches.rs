//! Updates of many rows at once.

use std::sync::Arc;

use idem_sqlx::entity::{StoredIn, Versioned as _, Write};
use tokio::task::JoinSet;

use crate::samples::{Order, Rule};
use crate::{EntityTest, applied, common, conflict, inserted, tables};

common::on_each_database! {
    every_row_has_its_outcome_in_the_order_given
    a_row_that_is_given_twice_is_written_once
    one_wrong_draft_keeps_all_from_being_written
    a_batch_in_a_transaction_is_its_owners_to_commit
    batches_of_the_same_rows_do_not_wait_for_each_other_in_a_circle
}

async fn every_row_has_its_outcome_in_the_order_given<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let mut orders = Vec::new();
    for id in [3, 1, 4, 2] {
        orders.push(inserted(Order::new(id).insert_once(&pool).await.expect("an answer")));
    }
    let theirs = applied(orders[1].update_to(&orders[1].of(50), &pool).await.expect("an answer"));
    orders.push(Order::new(9));
    let mut pairs: Vec<_> = orders.iter().map(|order| (order.clone(), order.of(7))).collect();
    pairs[2].1 = pairs[2].0.clone();

    let writes = Order::update_many(&pool, &pairs).await.expect("an answer");
    let [three, one, four, two, nine] = <[_; 5]>::try_from(writes).expect("one for each");
    let three = applied(three);
    assert_eq!((three.id, three.quantity, three.total, three.version), (3, 7, 70, 2));
    assert_eq!(conflict(one), (Some(1), theirs));
    assert_eq!(four, Write::Unchanged);
    assert_eq!(applied(two).id, 2);
    assert_eq!(nine, Write::NotFound);
    let quantities = database.texts("SELECT quantity FROM orders ORDER BY id").await;
    assert_eq!(quantities, ["50", "7", "7", "1"]);
}

async fn a_row_that_is_given_twice_is_written_once<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
    Rule: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let order = inserted(Order::new(1).insert_once(&pool).await.expect("an answer"));
    let pairs = [(order.clone(), order.of(2)), (order.clone(), order.of(3))];
    let writes = Order::update_many(&pool, &pairs).await.expect("an answer");
    let [first, second] = <[_; 2]>::try_from(writes).expect("one for each");
    let first = applied(first);
    assert_eq!((first.quantity, first.version), (2, 2));
    assert_eq!(conflict(second), (Some(1), first));

    let rule = inserted(Rule::new("a", "b", "0").insert_once(&pool).await.expect("an answer"));
    let pairs = ["1", "2"].map(|value| (rule.clone(), Rule::new("a", "b", value)));
    let writes = Rule::update_many(&pool, &pairs).await.expect("an answer");
    let values: Vec<_> = writes.into_iter().map(|write| applied(write).value).collect();
    assert_eq!(values, ["1", "2"], "without a version, the last that is given wins");
}

async fn one_wrong_draft_keeps_all_from_being_written<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let order = inserted(Order::new(1).insert_once(&pool).await.expect("an answer"));
    let other = inserted(Order::new(2).insert_once(&pool).await.expect("an answer"));
    let wrong = Order { version: 8, ..other.of(2) };
    let error = Order::update_many(&pool, &[(order.clone(), order.of(2)), (other, wrong)]).await;
    assert!(error.expect_err("a wrong draft").to_string().contains("`version`"));
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(order));
}

async fn a_batch_in_a_transaction_is_its_owners_to_commit<D: EntityTest>(database: &D)
where
    Order: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let order = inserted(Order::new(1).insert_once(&pool).await.expect("an answer"));
    let pairs = [(order.clone(), order.of(2))];
    let mut tx = pool.begin().await.expect("a transaction");
    let writes = Order::update_many(&mut tx, &pairs).await.expect("an answer");
    assert!(matches!(&*writes, [Write::Applied(_)]), "{writes:?}");
    tx.rollback().await.expect("rolled back");
    assert_eq!(Order::load(order.address(), &pool).await.expect("an answer"), Some(order));
}

/// Without a version every update takes its lock, whoever was first. Locked in the order given, these would be deadlocks.
async fn batches_of_the_same_rows_do_not_wait_for_each_other_in_a_circle<D: EntityTest>(database: &D)
where
    Rule: StoredIn<D::Sqlx>,
{
    let pool = tables(database).await;
    let mut rules = Vec::new();
    for number in 0..10 {
        rules.push(inserted(Rule::new("a", &number.to_string(), "").insert_once(&pool).await.expect("an answer")));
    }
    let barrier = Arc::new(tokio::sync::Barrier::new(4));
    let mut tasks = JoinSet::new();
    for task in 0..4_usize {
        let (pool, barrier, mut rules) = (pool.clone(), Arc::clone(&barrier), rules.clone());
        rules.rotate_left(task * 3);
        if task % 2 == 0 {
            rules.reverse();
        }
        tasks.spawn(async move {
            for round in 0..20 {
                let value = format!("{task} {round}");
                let write = |rule: &Rule| (rule.clone(), Rule::new(&rule.area, &rule.name, &value));
                let pairs: Vec<_> = rules.iter().map(write).collect();
                barrier.wait().await;
                let writes = Rule::update_many(&pool, &pairs).await.expect("no deadlock");
                assert!(writes.iter().all(|write| matches!(write, Write::Applied(_))), "{writes:?}");
            }
        });
    }
    tasks.join_all().await;
}
