//! Waiters are woken by message, and the connection on which they hear meets faults too.

use std::time::Duration;

use crate::database::{Database, Kind};
use crate::fault::{Act, Point};
use crate::process::Worker;
use crate::proxy::Proxy;
use crate::server::Server;
use crate::site::{Site, stored};
use crate::worker::Task;
use crate::{fault, network};

/// What a waiter sends to be told of the end of a claim.
const LISTEN: &str = "SSUBSCRIBE";

/// A worker that waits listens, also through the store around the store that all workers have here.
#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn a_waiter_whose_subscription_is_cut_gets_the_outcome() {
    for fault in [network::Fault::CutBefore, network::Fault::LoseReply] {
        let server = Server::start(Kind::Redis);
        let proxy = Proxy::start(Kind::Redis, server.port(), 0, 0).await;
        let site = Site::open(|_| Database::at(server.port())).await;
        let held = Some(fault::Fault { at: Point::BodyBeforeEffect, act: Act::Await });
        let mut holder = Worker::start(&Task { fault: held, ..site.task(0) });
        holder.wait_until_held();

        proxy.arm(LISTEN, fault);
        let waiter = Worker::start(&Task { database: Database::at(proxy.port()), caller: 1, ..site.task(0) });
        tokio::time::timeout(Duration::from_mins(1), proxy.sprung()).await.expect("the waiter listens");
        holder.go();
        holder.finish();
        waiter.finish();

        let order = site.order(0);
        assert_eq!(order.receipts, vec![stored(&site.record(0).await); 2], "{fault:?}");
        assert_eq!((order.effects.len(), order.takeovers.len()), (1, 0), "{fault:?}");
    }
}
