//! A connection as the `redis` crate has it, how it is opened, and what goes over it in one piece.

use std::time::Duration;

use redis::aio::{ConnectionLike as _, ConnectionManager, MultiplexedConnection};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, Pipeline, RedisResult, Value};

/// How long it takes at most to connect.
pub(crate) const CONNECT: Duration = Duration::from_millis(1_500);

/// How a connection comes about.
#[derive(Clone)]
pub(crate) enum Opening {
    Node(Client),
    Cluster(Box<ClusterClient>),
    /// The application brought it, and it connects again in the application's way.
    Brought(Wire),
}

#[derive(Clone)]
pub(crate) enum Wire {
    Node(MultiplexedConnection),
    Manager(ConnectionManager),
    Cluster(ClusterConnection),
}

/// Commands that go out together.
pub(crate) enum Piece {
    One(Cmd),
    Many(Pipeline, usize),
}

impl Opening {
    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_) | Self::Brought(Wire::Cluster(_)))
    }

    pub(crate) async fn open(&self) -> RedisResult<Wire> {
        match self {
            Self::Node(client) => {
                // How long an answer may take is the business of who asks.
                let config =
                    AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(None);
                Ok(Wire::Node(client.get_multiplexed_async_connection_with_config(&config).await?))
            }
            Self::Cluster(client) => Ok(Wire::Cluster(client.get_async_connection().await?)),
            Self::Brought(wire) => Ok(wire.clone()),
        }
    }
}

impl Wire {
    /// Sends a piece. What the server says to each command is one value, an error too.
    pub(crate) async fn send(&self, piece: &Piece) -> RedisResult<Vec<Value>> {
        match piece {
            Piece::One(command) => {
                let value = match self.clone() {
                    Self::Node(mut on) => on.req_packed_command(command).await,
                    Self::Manager(mut on) => on.req_packed_command(command).await,
                    Self::Cluster(mut on) => on.req_packed_command(command).await,
                };
                value.map(|value| vec![value])
            }
            Piece::Many(commands, count) => match self.clone() {
                Self::Node(mut on) => on.req_packed_commands(commands, 0, *count).await,
                Self::Manager(mut on) => on.req_packed_commands(commands, 0, *count).await,
                Self::Cluster(mut on) => on.req_packed_commands(commands, 0, *count).await,
            },
        }
    }
}

impl Piece {
    pub(crate) fn new(mut commands: Vec<Cmd>) -> Self {
        if let [_] = &commands[..]
            && let Some(command) = commands.pop()
        {
            return Self::One(command);
        }
        let count = commands.len();
        let mut piece = Pipeline::with_capacity(count);
        for command in commands {
            piece.add_command(command);
        }
        Self::Many(piece, count)
    }
}
