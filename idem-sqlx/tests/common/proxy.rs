//! A proxy between a client and a server that may stop forwarding.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Listens as long as the runtime lives.
pub(crate) struct Proxy {
    address: SocketAddr,
    forwards: watch::Sender<bool>,
}

impl Proxy {
    pub(crate) async fn to(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (forwards, forwarding) = watch::channel(true);
        let server = (host.to_owned(), port);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, forwarding) = (server.clone(), forwarding.clone());
                tokio::spawn(async move {
                    let server = TcpStream::connect(server).await.expect("a server");
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::spawn(forward(from_client, to_server, forwarding.clone()));
                    forward(from_server, to_client, forwarding).await;
                });
            }
        });
        Self { address, forwards }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on nothing comes through, and nothing is closed. What is on its way is kept.
    pub(crate) fn stop(&self) {
        self.forwards.send_replace(false);
    }

    pub(crate) fn go_on(&self) {
        self.forwards.send_replace(true);
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut forwarding: watch::Receiver<bool>) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count) = from.read(&mut bytes).await {
        if forwarding.wait_for(|forwards| *forwards).await.is_err() || count == 0 {
            return;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
