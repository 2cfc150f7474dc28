//! The connection of a store: to a single node, or to a Cluster.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::aio::{ConnectionLike as _, ConnectionManager};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo, SingleNodeRoutingInfo};
use redis::io::tcp::TcpSettings;
use redis::{Client, Cmd, ErrorKind, IntoConnectionInfo as _, RedisResult, Value};

use crate::error::Failure;
use crate::line::{Line, Question};
use crate::wake::{EarClient, Ears};
use crate::wire::{CONNECT, Opening, Wire};

/// How long a connection to a Cluster waits for an answer. A call of the store gives up sooner; this is for what the connection
/// does by itself.
const RESPONSE: Duration = Duration::from_secs(5);
/// How long what was sent may stay unacknowledged before the connection counts as broken. Otherwise a server that is gone
/// without a word would be waited for on the same connection for a quarter of an hour.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);
const NOT_PRIMARIES: &str = "the client of the Cluster did not tell its primaries by host and port";

/// A connection to Redis that connects again by itself, and that many callers share.
///
/// Made from a [`ConnectionManager`] for a single node, or from a [`ClusterConnection`] for a Cluster. Neither may read from
/// replicas.
#[derive(Clone)]
pub struct RedisConnection {
    /// For claims, and whatever is nobody's yet.
    pub(crate) calls: Line,
    /// For the writes of those who hold a claim, which never wait behind claims. A connection that the application brought
    /// cannot be doubled, and then it is the same one.
    pub(crate) holders: Line,
    /// What waiters listen to, over another one; absent likewise.
    pub(crate) ears: Option<Arc<Ears>>,
}

/// A primary, where its keys are scanned.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Node {
    Only,
    At(String, u16),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => f.write_str("only"),
            Self::At(host, port) => write!(f, "{host}:{port}"),
        }
    }
}

impl From<ConnectionManager> for RedisConnection {
    fn from(manager: ConnectionManager) -> Self {
        Self::brought(Wire::Manager(manager))
    }
}

impl From<ClusterConnection> for RedisConnection {
    fn from(connection: ClusterConnection) -> Self {
        Self::brought(Wire::Cluster(connection))
    }
}

impl fmt::Debug for RedisConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.calls.is_to_cluster() { "cluster" } else { "node" };
        f.debug_tuple("RedisConnection").field(&kind).finish()
    }
}

impl RedisConnection {
    fn brought(wire: Wire) -> Self {
        let line = Line::new(Opening::Brought(wire));
        Self { calls: line.clone(), holders: line, ears: None }
    }

    pub(crate) async fn to_node(url: &str) -> Result<Self, Failure> {
        let opening = || {
            let info = url.into_connection_info()?.set_tcp_settings(tcp_settings());
            let ear = EarClient::node(&info)?;
            Ok((Opening::Node(Client::open(info)?), ear))
        };
        let (opening, ear) = opening().map_err(Failure::NotSent)?;
        Self::to(opening, ear).await
    }

    pub(crate) async fn to_cluster(urls: &[&str]) -> Result<Self, Failure> {
        let builder = || {
            ClusterClientBuilder::new(urls.iter().copied())
                .tcp_settings(tcp_settings())
                .connection_timeout(CONNECT)
                .response_timeout(RESPONSE)
        };
        let opening = || {
            let ear = EarClient::cluster(builder(), tcp_settings())?;
            Ok((Opening::Cluster(Box::new(builder().build()?)), ear))
        };
        let (opening, ear) = opening().map_err(Failure::NotSent)?;
        Self::to(opening, ear).await
    }

    async fn to(opening: Opening, ear: EarClient) -> Result<Self, Failure> {
        let calls = Line::new(opening.clone());
        // Whether the server can be reached is to be known now.
        calls.with_wire(2 * CONNECT, |_| async { Ok(()) }).await?;
        Ok(Self { calls, holders: Line::new(opening), ears: Some(Ears::new(ear)) })
    }

    /// Sends a command without a key to one of the [`nodes`](Self::nodes).
    pub(crate) async fn send_to(&self, node: &Node, command: Cmd, until: Instant) -> Result<Value, Failure> {
        let Node::At(host, port) = node else {
            let answer = self.calls.ask(Question { commands: vec![command], until, may_repeat: true }).await?;
            return answer.values.into_iter().next().unwrap_or(Value::Nil).extract_error().map_err(Failure::Unknown);
        };
        let at = SingleNodeRoutingInfo::ByAddress { host: host.clone(), port: *port };
        let left = until.saturating_duration_since(Instant::now());
        self.calls.with_wire(left, |wire| route(wire, command, RoutingInfo::SingleNode(at))).await
    }

    /// The primaries, always in the same order.
    pub(crate) async fn nodes(&self, until: Instant) -> Result<Vec<Node>, Failure> {
        if !self.calls.is_to_cluster() {
            return Ok(vec![Node::Only]);
        }
        let everywhere = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        let left = until.saturating_duration_since(Instant::now());
        let answers = self.calls.with_wire(left, |wire| route(wire, redis::cmd("PING"), everywhere)).await?;
        primaries(&answers).ok_or_else(|| Failure::Unknown((ErrorKind::UnexpectedReturnType, NOT_PRIMARIES).into()))
    }
}

async fn route(wire: Wire, command: Cmd, routing: RoutingInfo) -> RedisResult<Value> {
    let answer = match wire {
        Wire::Cluster(mut connection) => connection.route_command(command, routing).await,
        Wire::Node(mut connection) => connection.req_packed_command(&command).await,
        Wire::Manager(mut connection) => connection.req_packed_command(&command).await,
    };
    answer?.extract_error()
}

/// Who answered, in order. If that cannot be read, there is no list: a shorter one would hide what the others have.
fn primaries(answers: &Value) -> Option<Vec<Node>> {
    let Value::Map(answers) = answers else { return None };
    let nodes: Option<Vec<_>> = answers.iter().map(|(address, _)| node_at(address)).collect();
    let mut nodes = nodes.filter(|nodes| !nodes.is_empty())?;
    nodes.sort_unstable();
    Some(nodes)
}

fn node_at(address: &Value) -> Option<Node> {
    let Value::BulkString(address) = address else { return None };
    let (host, port) = std::str::from_utf8(address).ok()?.rsplit_once(':')?;
    Some(Node::At(host.to_owned(), port.parse().ok()?))
}

fn tcp_settings() -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(UNACKNOWLEDGED);
    settings
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::{Node, primaries};

    fn answers(addresses: &[&str]) -> Value {
        let pong =
            |address: &&str| (Value::BulkString(address.as_bytes().to_vec()), Value::SimpleString("PONG".into()));
        Value::Map(addresses.iter().map(pong).collect())
    }

    #[test]
    fn primaries_are_told_in_order() {
        let nodes = primaries(&answers(&["two:6379", "one:6380", "::1:6379", "one:6379"]));
        let at = |host: &str, port| Node::At(host.into(), port);
        assert_eq!(nodes, Some(vec![at("::1", 6379), at("one", 6379), at("one", 6380), at("two", 6379)]));
    }

    /// Otherwise an operator would read that nothing waits there.
    #[test]
    fn an_answer_that_cannot_be_read_is_not_a_cluster_without_primaries() {
        assert_eq!(primaries(&Value::Nil), None);
        assert_eq!(primaries(&answers(&[])), None);
        assert_eq!(primaries(&answers(&["one:6379", "two"])), None);
        assert_eq!(primaries(&answers(&["one:6379", "two:70000"])), None);
    }
}
