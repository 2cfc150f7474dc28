//! A connection on which the server speaks unasked.

use std::convert::Infallible;
use std::time::Duration;

use redis::aio::{ConnectionLike as _, MultiplexedConnection};
use redis::cluster::{ClusterClient, ClusterConfig};
use redis::cluster_async::ClusterConnection;
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, ProtocolVersion, PushInfo, RedisResult, cmd};

/// When a connection on which nothing was said is probed. It sends nothing by itself, and would not notice that the server
/// is gone.
const PROBE: Duration = Duration::from_secs(10);

/// How to open an [`Ear`]. It speaks RESP3, in which a connection may be spoken to unasked.
#[derive(Clone)]
pub(crate) enum EarClient {
    Node(Client),
    Cluster(Box<ClusterClient>),
}

/// The connection. To a Cluster it has one for each node, and listens to a channel where the record is.
#[derive(Clone)]
pub(super) enum Ear {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl EarClient {
    /// To a single node.
    pub(crate) fn node(info: &ConnectionInfo) -> RedisResult<Self> {
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let tcp = probed(info.tcp_settings().clone());
        Ok(Self::Node(Client::open(info.clone().set_redis_settings(settings).set_tcp_settings(tcp))?))
    }

    /// To a Cluster.
    pub(crate) fn cluster(builder: redis::cluster::ClusterClientBuilder, tcp: TcpSettings) -> RedisResult<Self> {
        let client = builder.use_protocol(ProtocolVersion::RESP3).tcp_settings(probed(tcp)).build()?;
        Ok(Self::Cluster(Box::new(client)))
    }

    /// Connects, and has `hear` called with what the server says.
    pub(super) async fn connect(
        &self,
        patience: Duration,
        hear: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> RedisResult<Ear> {
        let hear = move |said| {
            hear(said);
            Ok::<_, Infallible>(())
        };
        Ok(match self {
            Self::Node(client) => {
                let config = AsyncConnectionConfig::new()
                    .set_connection_timeout(Some(patience))
                    .set_response_timeout(Some(patience))
                    .set_push_sender(hear);
                Ear::Node(client.get_multiplexed_async_connection_with_config(&config).await?)
            }
            Self::Cluster(client) => {
                let config = ClusterConfig::new().set_push_sender(hear);
                Ear::Cluster(client.get_async_connection_with_config(config).await?)
            }
        })
    }
}

impl Ear {
    /// Begins to listen to a channel, and returns when the server has confirmed it.
    pub(super) async fn open(&self, channel: &str) -> RedisResult<()> {
        self.say("SSUBSCRIBE", channel).await
    }

    pub(super) async fn close(&self, channel: &str) -> RedisResult<()> {
        self.say("SUNSUBSCRIBE", channel).await
    }

    async fn say(&self, verb: &str, channel: &str) -> RedisResult<()> {
        let mut command = cmd(verb);
        command.arg(channel);
        let answer = match self.clone() {
            Self::Node(mut connection) => connection.req_packed_command(&command).await,
            Self::Cluster(mut connection) => connection.req_packed_command(&command).await,
        };
        answer?.extract_error().map(drop)
    }
}

fn probed(settings: TcpSettings) -> TcpSettings {
    settings.set_keepalive(TcpKeepalive::new().with_time(PROBE))
}
