//! The connection of a store: to a single node, or to a Cluster.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo, SingleNodeRoutingInfo};
use redis::io::tcp::TcpSettings;
use redis::{Client, Cmd, IntoConnectionInfo as _, Pipeline, RedisResult, Value};
use tokio::sync::OnceCell;

use crate::gather::Gathering;
use crate::wake::{Channels, EarClient};

/// How long it takes at most to connect.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a connection waits for an answer. A call of the store gives up sooner, with its own patience; this is for what
/// the connection does by itself.
const RESPONSE: Duration = Duration::from_secs(5);
/// How long what was sent may stay unacknowledged before the connection counts as broken. Otherwise a server that is gone
/// without a word would be waited for on the same connection for a quarter of an hour.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

/// A connection to Redis that connects again by itself, and that many callers share.
///
/// Made from a [`ConnectionManager`] for a single node, or from a [`ClusterConnection`] for a Cluster. Neither may read from
/// replicas.
#[derive(Clone)]
pub struct RedisConnection {
    kind: Kind,
    /// How to open another one; unknown of a connection that the application brought.
    client: Option<Arc<AnyClient>>,
    renewals: Arc<OnceCell<Kind>>,
    /// What waiters listen to, over another one; absent likewise.
    pub(crate) channels: Option<Arc<Channels>>,
}

#[derive(Clone)]
enum Kind {
    Node(Gathering),
    Cluster(ClusterConnection),
}

enum AnyClient {
    Node(Client),
    Cluster(Box<ClusterClient>),
}

/// A primary, where its keys are scanned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    Only,
    At(String, u16),
}

impl From<ConnectionManager> for RedisConnection {
    fn from(manager: ConnectionManager) -> Self {
        Self { kind: Kind::Node(Gathering::new(manager)), client: None, renewals: Arc::default(), channels: None }
    }
}

impl From<ClusterConnection> for RedisConnection {
    fn from(connection: ClusterConnection) -> Self {
        Self { kind: Kind::Cluster(connection), client: None, renewals: Arc::default(), channels: None }
    }
}

impl fmt::Debug for RedisConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Node(_) => "node",
            Kind::Cluster(_) => "cluster",
        };
        f.debug_tuple("RedisConnection").field(&kind).finish()
    }
}

impl RedisConnection {
    pub(crate) async fn to_node(url: &str) -> RedisResult<Self> {
        let info = url.into_connection_info()?.set_tcp_settings(tcp_settings());
        let ear = EarClient::node(&info)?;
        Self::to(AnyClient::Node(Client::open(info)?), ear).await
    }

    pub(crate) async fn to_cluster(urls: &[&str]) -> RedisResult<Self> {
        let builder = || {
            ClusterClientBuilder::new(urls.iter().copied())
                .tcp_settings(tcp_settings())
                .connection_timeout(CONNECT)
                .response_timeout(RESPONSE)
        };
        let ear = EarClient::cluster(builder(), tcp_settings())?;
        Self::to(AnyClient::Cluster(Box::new(builder().build()?)), ear).await
    }

    async fn to(client: AnyClient, ear: EarClient) -> RedisResult<Self> {
        let kind = client.connect().await?;
        let channels = Some(Channels::new(ear));
        Ok(Self { kind, client: Some(Arc::new(client)), renewals: Arc::default(), channels })
    }

    /// The connection for renewals, which is opened at the first one.
    ///
    /// A connection is served by the runtime that opened it. Bodies may block that runtime, and then their leases must be
    /// renewed nevertheless; so this one belongs to the runtime that renews.
    pub(crate) async fn for_renewals(&self) -> RedisResult<Self> {
        let Some(client) = &self.client else { return Ok(self.clone()) };
        let kind = self.renewals.get_or_try_init(|| client.connect()).await?;
        Ok(Self { kind: kind.clone(), ..self.clone() })
    }

    pub(crate) async fn send(&self, command: Cmd) -> RedisResult<Value> {
        let answer = match &self.kind {
            Kind::Node(node) => node.send(command).await,
            Kind::Cluster(connection) => connection.clone().req_packed_command(&command).await,
        };
        answer?.extract_error()
    }

    /// Sends two commands as one piece, so that both go over the same connection of the server's.
    pub(crate) async fn send_both(&self, first: Cmd, second: Cmd) -> RedisResult<(Value, RedisResult<Value>)> {
        let mut both = Pipeline::with_capacity(2);
        both.add_command(first).add_command(second);
        let answers = match &self.kind {
            Kind::Node(node) => node.manager().req_packed_commands(&both, 0, 2).await,
            Kind::Cluster(connection) => connection.clone().req_packed_commands(&both, 0, 2).await,
        };
        let mut answers = answers?.into_iter();
        let [first, second] = [(); 2].map(|()| answers.next().unwrap_or(Value::Nil));
        Ok((first.extract_error()?, second.extract_error()))
    }

    /// Sends a command without a key to one of the [`nodes`](Self::nodes).
    pub(crate) async fn send_to(&self, node: &Node, command: Cmd) -> RedisResult<Value> {
        match (self.kind.clone(), node) {
            (Kind::Cluster(mut connection), Node::At(host, port)) => {
                let at = SingleNodeRoutingInfo::ByAddress { host: host.clone(), port: *port };
                connection.route_command(command, RoutingInfo::SingleNode(at)).await?.extract_error()
            }
            _ => self.send(command).await,
        }
    }

    /// The primaries.
    pub(crate) async fn nodes(&self) -> RedisResult<Vec<Node>> {
        let Kind::Cluster(mut connection) = self.kind.clone() else { return Ok(vec![Node::Only]) };
        let everywhere = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        let Value::Map(answers) = connection.route_command(redis::cmd("PING"), everywhere).await? else {
            return Ok(Vec::new());
        };
        Ok(answers.into_iter().filter_map(|(address, _)| node_at(&address)).collect())
    }
}

impl AnyClient {
    async fn connect(&self) -> RedisResult<Kind> {
        match self {
            Self::Node(client) => {
                // A call that finds the connection broken fails, and the next one connects: whoever waits between attempts
                // should be the engine, which knows for how long.
                let config = ConnectionManagerConfig::new()
                    .set_number_of_retries(0)
                    .set_connection_timeout(Some(CONNECT))
                    .set_response_timeout(Some(RESPONSE));
                let manager = ConnectionManager::new_with_config(client.clone(), config).await?;
                Ok(Kind::Node(Gathering::new(manager)))
            }
            Self::Cluster(client) => Ok(Kind::Cluster(client.get_async_connection().await?)),
        }
    }
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
