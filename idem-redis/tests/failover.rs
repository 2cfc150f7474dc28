//! What a failover does to acknowledged claims and outcomes: replication is asynchronous, so it may lose them. That loss is
//! shown here and not hidden, and so is what `WAIT` does about it.
//!
//! The servers are this suite's own, because they die.
#![cfg(target_os = "linux")]

#[path = "../../tests/faults/spawner.rs"]
mod spawner;
#[path = "../../tests/faults/port.rs"]
mod port;
#[path = "failover/node.rs"]
mod node;
#[path = "failover/link.rs"]
mod link;
#[path = "failover/pair.rs"]
mod pair;
#[path = "failover/cluster.rs"]
mod cluster;
#[path = "failover/calls.rs"]
mod calls;
#[path = "failover/replica.rs"]
mod replica;
#[path = "failover/promotion.rs"]
mod promotion;
