//! A private Cluster: three primaries, each with a replica, which fail over by themselves.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::node::{Node, PATIENCE};

const NODES: u16 = 6;

pub(crate) struct Cluster {
    nodes: Vec<Node>,
}

impl Cluster {
    /// One whose replicas are in step.
    pub(crate) fn start() -> Self {
        let settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1500"];
        let nodes: Vec<_> = (0..NODES).map(|_| Node::start(&settings)).collect();
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]).args(nodes.iter().map(address));
        create.args(["--cluster-replicas", "1", "--cluster-yes"]).stdin(Stdio::null()).stdout(Stdio::null());
        assert!(create.status().is_ok_and(|status| status.success()), "redis-cli makes a Cluster of them");
        for node in &nodes {
            node.wait_until("CLUSTER INFO", "cluster_state:ok");
        }
        let cluster = Self { nodes };
        cluster.wait_until_in_step();
        cluster
    }

    /// The addresses of all nodes.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Node::url).collect()
    }

    /// Waits until every replica has what its primary has written so far.
    pub(crate) fn wait_until_in_step(&self) {
        let began = Instant::now();
        while !self.nodes.iter().all(is_in_step) {
            assert!(began.elapsed() < PATIENCE, "the replicas do not follow");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// `kill -9` of one primary.
    pub(crate) fn kill_a_primary(&mut self) {
        let place = self.nodes.iter().position(is_primary).expect("somebody leads");
        self.nodes.remove(place).kill();
    }

    pub(crate) fn primaries(&self) -> usize {
        self.nodes.iter().filter(|node| is_primary(node)).count()
    }
}

fn address(node: &Node) -> String {
    format!("127.0.0.1:{}", node.port())
}

fn is_primary(node: &Node) -> bool {
    node.ask("INFO replication").is_some_and(|answer| answer.contains("role:master"))
}

/// A primary tells how far each of its replicas says it is.
fn is_in_step(node: &Node) -> bool {
    let Some(answer) = node.ask("INFO replication") else { return false };
    if answer.contains("role:slave") {
        return answer.contains("master_link_status:up");
    }
    let written = answer.lines().find_map(|line| line.strip_prefix("master_repl_offset:"));
    written.is_some_and(|written| answer.contains(&format!("state=online,offset={written},")))
}
