//! A replication link that can be held.

use std::io;
use std::net::Ipv4Addr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A port that leads to a server, until this is dropped.
pub(crate) struct Link {
    port: u16,
    held: watch::Sender<bool>,
    _sessions: JoinSet<()>,
}

impl Link {
    pub(crate) async fn to(target: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let held = watch::Sender::new(false);
        let mut sessions = JoinSet::new();
        sessions.spawn(accept(listener, target, held.subscribe()));
        Self { port, held, _sessions: sessions }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on nothing passes, and neither end is told.
    pub(crate) fn hold(&self) {
        self.held.send_replace(true);
    }
}

async fn accept(listener: TcpListener, target: u16, held: watch::Receiver<bool>) {
    let mut sessions = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        sessions.spawn(forward(client, target, held.clone()));
    }
}

async fn forward(mut client: TcpStream, target: u16, mut held: watch::Receiver<bool>) -> io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await?;
    tokio::select! {
        biased;
        holds = held.wait_for(|held| *held) => drop(holds),
        copied = copy_bidirectional(&mut client, &mut server) => return copied.map(drop),
    }
    // Both connections stay open.
    std::future::pending().await
}
