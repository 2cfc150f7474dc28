//! Where the records are: a Redis server, or a Cluster of them.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use idem::{ClaimId, RedisStore, Store, StoreError};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use crate::redis;
use crate::server::Home;

/// What a server has until it answers: many times of what it takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where some nodes of the shared Cluster are.
const CLUSTER: &str = "IDEM_TEST_REDIS_CLUSTER_URL";

/// The suites for SQL have two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Redis,
}

/// One that a worker can open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Database {
    Node {
        url: String,
    },
    /// Shared with others, so the records have names of their own.
    Cluster {
        urls: Vec<String>,
        prefix: String,
    },
}

#[expect(clippy::unused_self, reason = "what the suites for SQL have one of for each kind")]
impl Kind {
    pub(crate) fn user(self) -> &'static str {
        "redis"
    }

    pub(crate) fn stop(self) -> Signal {
        Signal::TERM
    }

    pub(crate) fn url(self, port: u16) -> String {
        format!("redis://127.0.0.1:{port}")
    }

    pub(crate) fn prepare(self, home: &Home) -> Command {
        redis::prepare(home)
    }

    pub(crate) fn serve(self, home: &Home, port: u16) -> Command {
        redis::serve(home, port)
    }

    pub(crate) fn ask(self, home: &Home, port: u16) -> Command {
        redis::ask(home, port)
    }
}

impl Database {
    pub(crate) fn at(port: u16) -> Self {
        Self::Node { url: Kind::Redis.url(port) }
    }

    /// A place on the Cluster that nobody else has.
    pub(crate) fn on_cluster() -> Self {
        let nodes = std::env::var(CLUSTER)
            .unwrap_or_else(|_| panic!("set {CLUSTER}, or run `cargo xtask test`, which starts the servers"));
        let nodes = nodes.trim_start_matches("redis://").split(',');
        let urls = nodes.map(|node| format!("redis://{node}")).collect();
        Self::Cluster { urls, prefix: format!("crash:{}:", ClaimId::random()) }
    }

    /// A worker may start while its server is away, or out of reach.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        let began = Instant::now();
        loop {
            match self.connect().await {
                Ok(store) => return Arc::new(store),
                Err(error) => assert!(error.is_retryable() && began.elapsed() < PATIENCE, "{error:?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn connect(&self) -> Result<RedisStore, StoreError> {
        match self {
            Self::Node { url } => RedisStore::connect(url).await,
            Self::Cluster { urls, prefix } => {
                let urls: Vec<_> = urls.iter().map(String::as_str).collect();
                RedisStore::cluster(&urls).await?.prefix(prefix)
            }
        }
    }

    #[expect(clippy::unused_self, reason = "the suites for SQL have clocks that are wrong")]
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}
