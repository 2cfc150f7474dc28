//! Redis Cluster: three primaries, each with a replica.

use std::net::{Ipv4Addr, TcpListener};

use super::home::Home;
use super::install::Program;
use super::process::{Process, Stop};
use super::redis::{ask, serve};
use super::{Environment, Server, Started};
use crate::cargo::Failed;

pub(super) struct Cluster;

const NODES: usize = 6;

/// Nodes talk to each other at their port plus this.
const BUS: u16 = 10_000;

/// Their ports begin here, and those of the bus above it: below what Linux gives to outgoing connections, one of which
/// might otherwise sit on the second port of a node whose first one is free.
const LOWEST: u16 = 20_000;
const HIGHEST: u16 = 22_700;

impl Server for Cluster {
    fn name(&self) -> &'static str {
        "redis-cluster"
    }

    fn variable(&self) -> &'static str {
        "IDEM_TEST_REDIS_CLUSTER_URL"
    }

    fn user(&self) -> &'static str {
        "redis"
    }

    fn programs(&self) -> &'static [Program] {
        const PROGRAMS: [Program; 2] = [
            Program { name: "redis-server", package: "redis-server" },
            Program { name: "redis-cli", package: "redis-tools" },
        ];
        &PROGRAMS
    }

    fn prepare(&self, _: &Home) -> Result<Option<Process>, Failed> {
        Ok(None)
    }

    fn start(&self, home: &Home, _: &Environment) -> Result<Option<Started>, Failed> {
        let ports = free_ports()?;
        let mut nodes = ports.iter().map(|port| node(home, *port)).collect::<Result<Vec<_>, _>>()?;
        for (node, port) in nodes.iter_mut().zip(&ports) {
            node.until_ready(|| ask(*port, "PING").is_some_and(|answer| answer.contains("PONG")))?;
        }
        let addresses: Vec<_> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        let mut create = home.command("redis-cli", Stop::ByItself)?;
        create.args(["--cluster", "create"]).args(&addresses).args(["--cluster-replicas", "1", "--cluster-yes"]);
        home.process("create", create, Stop::ByItself)?.until_success()?;
        for (node, port) in nodes.iter_mut().zip(&ports) {
            node.until_ready(|| is_whole(*port))?;
        }
        Ok(Some(Started { processes: nodes, url: format!("redis://{}", addresses.join(",")) }))
    }
}

/// A server that sends replicas their data at once, and that no busy machine makes fail over, which may lose a claim: the tests
/// of failovers have servers of their own.
fn node(home: &Home, port: u16) -> Result<Process, Failed> {
    let mut serve = serve(home, port)?;
    serve.args(["--cluster-enabled", "yes", "--cluster-node-timeout", "60000", "--repl-diskless-sync-delay", "0"]);
    serve.args(["--cluster-config-file", &format!("nodes-{port}.conf"), "--appenddirname", &format!("log-{port}")]);
    // A replica writes what it is sent into a file first, and six of them share the folder.
    serve.args(["--dbfilename", &format!("dump-{port}.rdb")]);
    home.process(&format!("node {port}"), serve, Stop::Terminate)
}

/// Whether this node finds all slots served, and data flows between it and its primary or its replica.
fn is_whole(port: u16) -> bool {
    let says = |command, what| ask(port, command).is_some_and(|answer| answer.contains(what));
    let follows = || says("INFO replication", "master_link_status:up") || says("INFO replication", "state=online");
    says("CLUSTER INFO", "cluster_state:ok") && follows()
}

/// Ports that nobody listens at, and nobody at those of the bus. Where the search begins differs between processes that
/// search at the same time.
fn free_ports() -> Result<Vec<u16>, Failed> {
    let span = u32::from(HIGHEST - LOWEST);
    let begin = std::process::id().wrapping_mul(37) % span;
    let ports = (0..span).filter_map(|step| u16::try_from((begin + step) % span).ok()).map(|offset| LOWEST + offset);
    let ports: Vec<_> = ports.filter(|port| is_free(*port) && is_free(port + BUS)).take(NODES).collect();
    if ports.len() == NODES {
        Ok(ports)
    } else {
        Err(Failed::new("finding free ports for Redis Cluster: none are left"))
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
