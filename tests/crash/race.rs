//! Processes that nothing befalls, on one file at once.

use std::collections::BTreeSet;

use crate::database::Database;
use crate::fault::{Act, Fault, Point};
use crate::process::Worker;
use crate::site::{Site, stored};
use crate::worker::{Body, Patience, Task};

const PROCESSES: u32 = 4;
const ORDERS: u32 = 150;

#[tokio::test]
async fn sqlite_two_processes_run_each_key_once() {
    let site = Site::open(Database::in_folder).await;
    let mut workers: Vec<_> = (0..PROCESSES).map(|caller| Worker::start(&racer(&site, caller))).collect();
    workers.iter_mut().for_each(Worker::wait_until_held);
    workers.iter_mut().for_each(Worker::go);
    workers.into_iter().for_each(Worker::finish);

    let account = site.account();
    assert_eq!(account.orders.len(), ORDERS as usize);
    assert_eq!((account.executions(), account.takeovers()), (ORDERS as usize, 0));
    for (number, order) in &account.orders {
        assert_eq!(order.receipts, vec![stored(&site.record(*number).await); 2 * PROCESSES as usize]);
    }
    let executors: BTreeSet<u32> = account.orders.values().map(|order| order.effects[0].pid).collect();
    assert!(executors.len() > 1, "the processes did not race");
}

/// Calls each order twice; all processes begin together, at the same order.
fn racer(site: &Site, caller: u32) -> Task {
    Task {
        caller,
        orders: 0..ORDERS,
        calls: 2,
        at_once: 8,
        body: Body::Works,
        patience: Patience::CallsUntilAnswered,
        fault: Some(Fault { at: Point::Start, act: Act::Await }),
        ..site.task(0)
    }
}
