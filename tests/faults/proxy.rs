//! A network that fails: it stands between the workers and their server.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::database::Kind;
use crate::network::{Chance, Counts, Fault, Gate, Network, lock, session};
use crate::random::Random;

/// A port that leads to a server, until this is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    network: Arc<Network>,
    _sessions: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn start(kind: Kind, target: u16, seed: u64, one_in: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let network = Arc::new(Network {
            kind,
            target,
            chance: Mutex::new(Chance { random: Random(seed), one_in }),
            armed: Mutex::default(),
            sprung: Notify::new(),
            gate: watch::Sender::default(),
            counts: Counts::default(),
        });
        let mut sessions = JoinSet::new();
        sessions.spawn(accept(listener, Arc::clone(&network)));
        Self { port, network, _sessions: sessions }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.network.counts
    }

    /// The next request that executes a statement with this text meets the fault.
    pub(crate) fn arm(&self, text: &'static str, fault: Fault) {
        *lock(&self.network.armed) = Some((text, fault));
    }

    /// Waits until that has happened.
    pub(crate) async fn sprung(&self) {
        self.network.sprung.notified().await;
    }

    /// Forwards nothing any more, in either direction.
    pub(crate) fn part(&self) {
        self.network.gate.send_modify(|gate| gate.closed = true);
    }

    /// Forwards again what has waited meanwhile.
    pub(crate) fn heal(&self) {
        self.network.gate.send_modify(|gate| gate.closed = false);
    }

    /// Ends a partition, and with it every connection.
    pub(crate) fn cut(&self) {
        self.network.gate.send_modify(|gate| *gate = Gate { closed: false, cuts: gate.cuts + 1 });
    }

    /// No more faults by chance.
    pub(crate) fn calm(&self) {
        lock(&self.network.chance).one_in = 0;
    }
}

async fn accept(listener: TcpListener, network: Arc<Network>) {
    let mut sessions = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let network = Arc::clone(&network);
        sessions.spawn(async move {
            // Both ends are closed with the session, which is what an error of either looks like to the other.
            let _ = session(client, &network).await;
        });
        while sessions.try_join_next().is_some() {}
    }
}
