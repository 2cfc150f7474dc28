//! Many tasks, few rows: each row moves exactly once, and every loser is told the truth.

use std::collections::BTreeMap;
use std::sync::Arc;

use idem_sqlx::entity::{EntityError, Evidence, Transition, Versioned as _, Why};
use idem_sqlx::in_transaction;
use sqlx::Pool;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::common::on_each_database;
use super::levels::Levels;
use super::machines::{OrderStatus, OrderStatusEvent, order_status};
use super::order::{Order, order_id};
use super::tables::{tables, unpaid_orders};

on_each_database! { every_row_moves_once_and_every_loser_is_told_the_truth }

const ROWS: i64 = 60;
const TASKS: i64 = 12;

type Answer = (i64, OrderStatusEvent, Transition<OrderStatus>);

async fn every_row_moves_once_and_every_loser_is_told_the_truth<D: Levels>(database: &D) {
    tables(database).await;
    for level in D::LEVELS {
        database.execute("DELETE FROM order_transitions").await;
        database.execute("DELETE FROM orders").await;
        unpaid_orders(database, 0..ROWS).await;
        let pool = database.pool_at(level, u32::try_from(TASKS).expect("a few")).await;
        let start = Arc::new(Barrier::new(usize::try_from(TASKS).expect("a few")));
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            tasks.spawn(work::<D>(pool.clone(), Arc::clone(&start), task));
        }
        let answers: Vec<Answer> = tasks.join_all().await.into_iter().flatten().collect();
        check(database, &answers, level).await;
    }
}

/// Fires an event on every row, and on each once more: a retry. Tasks meet at the same rows in different orders.
async fn work<D: Levels>(pool: Pool<D::Sqlx>, start: Arc<Barrier>, task: i64) -> Vec<Answer> {
    let mut answers = Vec::new();
    start.wait().await;
    for step in 0..ROWS {
        let row = if task % 2 == 0 { step } else { ROWS - 1 - step };
        for _retry in 0..2 {
            let (event, answer) = match task % 3 {
                0 => (OrderStatusEvent::Settle, settle::<D>(&pool, row, task).await),
                1 => (OrderStatusEvent::Cancel, cancel::<D>(&pool, row, task).await),
                _ => (OrderStatusEvent::Pay, pay::<D>(&pool, row).await),
            };
            answers.push((row, event, answer));
        }
    }
    answers
}

/// All tasks settle under one key: they are one attempt and its retries.
async fn settle<D: Levels>(pool: &Pool<D::Sqlx>, row: i64, task: i64) -> Transition<OrderStatus> {
    let fire = || Order::fire(order_id(row), order_status::Settle).key("settle");
    if task < TASKS / 2 {
        return in_transaction(pool, async |mut tx| fire().execute(&mut tx).await).await.expect("an answer");
    }
    again(async || fire().execute(pool).await).await
}

/// Each task cancels under its own key.
async fn cancel<D: Levels>(pool: &Pool<D::Sqlx>, row: i64, task: i64) -> Transition<OrderStatus> {
    let fire = || Order::fire(order_id(row), order_status::Cancel).key(&("cancel", task));
    if task < TASKS / 2 {
        return in_transaction(pool, async |mut tx| fire().execute(&mut tx).await).await.expect("an answer");
    }
    again(async || fire().execute(pool).await).await
}

async fn pay<D: Levels>(pool: &Pool<D::Sqlx>, row: i64) -> Transition<OrderStatus> {
    again(async || Order::fire(order_id(row), order_status::Pay).execute(pool).await).await
}

async fn again<F, R>(fire: F) -> Transition<OrderStatus>
where
    F: Fn() -> R,
    R: Future<Output = Result<Transition<OrderStatus>, EntityError>>,
{
    loop {
        match fire().await {
            Ok(transition) => return transition,
            Err(error) => assert!(error.is_retryable(), "{error:?}"),
        }
    }
}

async fn check<D: Levels>(database: &D, answers: &[Answer], level: &str) {
    let mut applied: BTreeMap<i64, Vec<(OrderStatusEvent, OrderStatus)>> = BTreeMap::new();
    for (row, event, answer) in answers {
        if let Transition::Applied { from, .. } = answer {
            applied.entry(*row).or_default().push((*event, *from));
        }
    }
    for row in 0..ROWS {
        let mut moves = applied.remove(&row).unwrap_or_default();
        moves.sort_by_key(|(event, _)| *event == OrderStatusEvent::Cancel);
        let (cancelled, before) = moves.split_last().expect("somebody cancels");
        let was = if before.is_empty() { OrderStatus::Unpaid } else { OrderStatus::Paid };
        assert_eq!(*cancelled, (OrderStatusEvent::Cancel, was), "{level}, row {row}: {moves:?}");
        assert!(before.len() <= 1, "{level}, row {row}: {moves:?}");
        let payer = before.first().map(|(event, _)| *event);
        for (_, event, answer) in answers.iter().filter(|(of, ..)| *of == row) {
            assert!(is_true(*event, payer, answer), "{level}, row {row}, {event}, paid by {payer:?}: {answer:?}");
        }
        let found = format!(
            "SELECT count(*) FROM orders WHERE id = {row} AND status = 'cancelled' AND version = {}",
            1 + moves.len()
        );
        assert_eq!(database.number(&found).await, 1, "{level}, row {row}");
        let recorded = moves.iter().filter(|(event, _)| *event != OrderStatusEvent::Pay).count();
        let found = format!("SELECT count(*) FROM order_transitions WHERE id = {row}");
        assert_eq!(usize::try_from(database.number(&found).await).ok(), Some(recorded), "{level}, row {row}");
    }
}

/// Whether an answer can be right, given who paid the row before it was cancelled.
fn is_true(event: OrderStatusEvent, payer: Option<OrderStatusEvent>, answer: &Transition<OrderStatus>) -> bool {
    use OrderStatus::{Cancelled, Paid};

    match (event, answer) {
        (_, Transition::Applied { .. })
        | (
            OrderStatusEvent::Cancel,
            Transition::AlreadyApplied { current: Cancelled, evidence: Evidence::SameKey }
            | Transition::Conflict { current: Cancelled, why: Why::AppliedByOther },
        ) => true,
        (OrderStatusEvent::Settle, Transition::AlreadyApplied { current, evidence: Evidence::SameKey }) => {
            payer == Some(event) && matches!(current, Paid | Cancelled)
        }
        (OrderStatusEvent::Settle, Transition::Conflict { current: Paid, why: Why::AppliedByOther }) => {
            payer == Some(OrderStatusEvent::Pay)
        }
        (OrderStatusEvent::Settle, Transition::Conflict { current: Cancelled, why: Why::Illegal { legal } }) => {
            payer != Some(event) && legal.is_empty()
        }
        (OrderStatusEvent::Pay, Transition::AlreadyApplied { current: Paid, evidence: Evidence::SameState }) => {
            payer.is_some()
        }
        (OrderStatusEvent::Pay, Transition::Conflict { current: Cancelled, why: Why::Illegal { legal } }) => {
            legal.is_empty()
        }
        _ => false,
    }
}
