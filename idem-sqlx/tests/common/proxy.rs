//! A proxy between a client and a server that may stop forwarding.

use std::net::SocketAddr;
use std::time::Duration;

use idem_core::{ClaimDecision, ClaimId, Store, StoreError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{HOUR, acquire, key, outcome, request};

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

/// While the server does not answer, every call of `hasty` ends. When it does again, calls work. `patient` is the same store
/// with all the time in the world: what a test sets up and looks at afterwards is not what it limits.
pub(crate) async fn every_call_ends<S: Store>(patient: &S, hasty: &S, proxy: &Proxy) {
    let own = || request(&key(&ClaimId::random().to_string()));
    let held = acquire(patient, &own()).await;
    let wanted = own();
    proxy.stop();
    for _ in 0..3 {
        let errors = [
            in_time(hasty.claim(&wanted)).await.err(),
            in_time(hasty.lookup(&wanted.key)).await.err(),
            in_time(hasty.extend(&held, HOUR)).await.err(),
            in_time(hasty.complete(&held, &outcome("1"), HOUR)).await.err(),
        ];
        for error in errors {
            assert!(error.as_ref().is_some_and(StoreError::is_retryable), "{error:?}");
        }
    }
    proxy.go_on();
    let answer = in_time(patient.claim(&wanted)).await.expect("an answer");
    assert!(matches!(answer, ClaimDecision::Acquired(_)), "{answer:?}");
}

async fn in_time<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(1), call).await.expect("it ends")
}
