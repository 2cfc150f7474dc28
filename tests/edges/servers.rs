//! A server of the suite's own behind a network that fails, and what all of them have in common.

use async_trait::async_trait;

use crate::blow::Blow;
use crate::database::{Database, Kind};
use crate::place::Place;
use crate::proxy::Proxy;
use crate::random::seed;
use crate::server::Server;
use crate::{mariadb_blows, postgres_blows, redis_blows};

/// One request in so many meets a fault of the network.
const ONE_IN: u64 = 250;

/// What one of the servers does in its own way.
#[async_trait]
pub(crate) trait Trouble: Send {
    /// Makes what is needed, with an administrator's rights.
    async fn found(url: &str) -> Self
    where
        Self: Sized;

    /// What is to be done after the server was dead.
    async fn came_back(&mut self, _url: &str) {}

    /// Where workers find it, who have few rights.
    fn database(port: u16) -> Database
    where
        Self: Sized;

    async fn begin(&mut self, url: &str, blow: Blow);

    async fn end(&mut self, url: &str, blow: Blow);
}

pub(crate) struct OnServer<T> {
    kind: Kind,
    server: Server,
    proxy: Proxy,
    trouble: T,
    database: fn(u16) -> Database,
    hangs_up: bool,
}

impl<T: Trouble> OnServer<T> {
    async fn start(kind: Kind) -> Self {
        let server = Server::start(kind);
        let proxy = Proxy::start(kind, server.port(), seed(), ONE_IN).await;
        let trouble = T::found(&server.url()).await;
        Self { kind, server, proxy, trouble, database: T::database, hangs_up: false }
    }
}

pub(crate) async fn postgres() -> OnServer<postgres_blows::Postgres> {
    OnServer::start(Kind::Postgres).await
}

pub(crate) async fn mariadb() -> OnServer<mariadb_blows::MariaDb> {
    OnServer::start(Kind::MySql).await
}

pub(crate) async fn redis() -> OnServer<redis_blows::Redis> {
    OnServer::start(Kind::Redis).await
}

#[async_trait]
impl<T: Trouble> Place for OnServer<T> {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Postgres => "postgres",
            Kind::MySql => "mariadb",
            Kind::Redis => "redis",
        }
    }

    fn direct(&self) -> Database {
        let url = self.server.url();
        match self.kind {
            Kind::Postgres => Database::Postgres { url },
            Kind::MySql => Database::MySql { url },
            Kind::Redis => Database::Redis { url },
        }
    }

    fn database(&self) -> Database {
        (self.database)(self.proxy.port())
    }

    fn blows(&self) -> &'static [Blow] {
        use Blow::{
            Forbidden, Full, KillConnections, KillServer, KillWorker, Locked, Parted, PauseWorker, ReadOnly, TooMany,
        };
        match self.kind {
            Kind::Postgres => &[
                KillWorker,
                Full,
                KillConnections,
                ReadOnly,
                Parted,
                PauseWorker,
                Forbidden,
                KillServer,
                Locked,
                TooMany,
            ],
            Kind::MySql => {
                &[KillWorker, KillConnections, ReadOnly, Parted, PauseWorker, Forbidden, KillServer, Locked, TooMany]
            }
            Kind::Redis => {
                &[KillWorker, Full, KillConnections, ReadOnly, Parted, PauseWorker, Forbidden, KillServer, Locked]
            }
        }
    }

    async fn begin(&mut self, blow: Blow) {
        match blow {
            Blow::Parted => self.proxy.part(),
            Blow::KillServer => {
                self.server.kill();
                self.server.restart();
                self.trouble.came_back(&self.server.url()).await;
            }
            blow => self.trouble.begin(&self.server.url(), blow).await,
        }
    }

    async fn end(&mut self, blow: Blow) {
        if blow == Blow::Parted {
            // One partition ends one way, the next one the other.
            self.hangs_up = !self.hangs_up;
            if self.hangs_up { self.proxy.cut() } else { self.proxy.heal() }
        } else {
            self.trouble.end(&self.server.url(), blow).await;
        }
    }

    fn calm(&mut self) {
        self.proxy.calm();
    }
}
