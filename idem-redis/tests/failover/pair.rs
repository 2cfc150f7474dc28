//! A primary and its replica.

use crate::link::Link;
use crate::node::Node;

/// The replica follows the primary through a link that can be held.
pub(crate) struct Pair {
    pub(crate) primary: Node,
    pub(crate) replica: Node,
    pub(crate) link: Link,
}

impl Pair {
    /// Two that are in step.
    pub(crate) async fn start() -> Self {
        let primary = Node::start(&[]);
        let link = Link::to(primary.port()).await;
        let replica = Node::start(&["--replicaof", "127.0.0.1", &link.port().to_string()]);
        // Its acknowledgements are what `WAIT` counts, and the first may come a second after this.
        primary.wait_until("INFO replication", "state=online");
        replica.wait_until("INFO replication", "master_link_status:up");
        Self { primary, replica, link }
    }

    /// The primary dies, and the replica takes its place, as Sentinel or an operator would have it.
    pub(crate) fn fail_over(self) -> Node {
        self.primary.kill();
        let promoted = self.replica.ask("REPLICAOF NO ONE");
        assert!(promoted.is_some_and(|answer| answer.starts_with("+OK")), "the replica is told to lead");
        self.replica.wait_until("INFO replication", "role:master");
        self.replica
    }
}
