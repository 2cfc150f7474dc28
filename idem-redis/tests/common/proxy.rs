//! A port that leads to a server, and that may stop forwarding or lead to another one.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The port, until this is dropped.
pub(crate) struct Proxy {
    port: u16,
    target: Arc<AtomicU16>,
    /// How often it has stopped: connections from before the last time forward nothing.
    stops: watch::Sender<u32>,
    _sessions: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn to(target: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (target, stops) = (Arc::new(AtomicU16::new(target)), watch::Sender::new(0));
        let mut sessions = JoinSet::new();
        sessions.spawn(accept(listener, Arc::clone(&target), stops.subscribe()));
        Self { port, target, stops, _sessions: sessions }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// New connections lead there.
    pub(crate) fn lead_to(&self, target: u16) {
        self.target.store(target, Ordering::SeqCst);
    }

    /// Nothing passes on the connections that there are, and neither end is told. New ones forward.
    pub(crate) fn stop(&self) {
        self.stops.send_modify(|stops| *stops += 1);
    }
}

async fn accept(listener: TcpListener, target: Arc<AtomicU16>, stops: watch::Receiver<u32>) {
    let mut sessions = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let mut stops = stops.clone();
        stops.mark_unchanged();
        sessions.spawn(forward(client, target.load(Ordering::SeqCst), stops));
    }
}

async fn forward(mut client: TcpStream, target: u16, mut stops: watch::Receiver<u32>) -> io::Result<()> {
    // A connection to port 0 is one that nothing comes from.
    if target == 0 {
        return std::future::pending().await;
    }
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await?;
    tokio::select! {
        biased;
        _ = stops.changed() => {}
        copied = copy_bidirectional(&mut client, &mut server) => return copied.map(drop),
    }
    // Both connections stay open.
    std::future::pending().await
}
