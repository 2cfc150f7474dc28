//! What befalls the messages between a client and its server.

use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};

use crate::database::Kind;
use crate::random::Random;
use crate::wire::Wire;

/// The statement, and not an isolation level.
pub(crate) const COMMIT: &str = "COMMIT;";

/// What befalls one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server does not get it.
    CutBefore,
    /// The server has answered, and the client never hears of it.
    LoseReply,
    /// As before, but the client goes on waiting for it.
    HoldReply,
    Delay,
    /// The network parts before the server gets it.
    PartBefore,
    /// The network parts when the server has got it.
    PartAfter,
}

/// How often each happened.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) cut_before: AtomicU64,
    pub(crate) lost_replies: AtomicU64,
    pub(crate) lost_commits: AtomicU64,
    pub(crate) delays: AtomicU64,
}

#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) kind: Kind,
    pub(crate) target: u16,
    pub(crate) chance: Mutex<Chance>,
    pub(crate) armed: Mutex<Option<(&'static str, Fault)>>,
    pub(crate) sprung: Notify,
    pub(crate) gate: watch::Sender<Gate>,
    pub(crate) counts: Counts,
}

/// How often a request meets a fault by chance: one in so many, none if zero.
#[derive(Debug)]
pub(crate) struct Chance {
    pub(crate) random: Random,
    pub(crate) one_in: u64,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Gate {
    pub(crate) closed: bool,
    /// Connections from before the last cut are closed.
    pub(crate) cuts: u64,
}

/// Nothing is left half done under these locks.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forwards between two ends until one of them is gone, or a fault ends it.
pub(crate) async fn session(mut client: TcpStream, network: &Network) -> io::Result<()> {
    let mut gate = network.gate.subscribe();
    let cuts = gate.borrow().cuts;
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, network.target)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let mut wire = Wire::new(network.kind);
    let (mut request, mut reply) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut request) => {
                let bytes = &request[..some(read)?];
                pass(&mut gate, cuts).await?;
                let text = wire.request(bytes);
                match network.fault(&text) {
                    None => server.write_all(bytes).await?,
                    Some(fault) => network.befall(fault, &text, bytes, [&mut client, &mut server]).await?,
                }
            }
            read = server.read(&mut reply) => {
                let bytes = &reply[..some(read)?];
                pass(&mut gate, cuts).await?;
                wire.reply(bytes);
                client.write_all(bytes).await?;
            }
        }
    }
}

/// Waits while there is a partition; an error if it ends in a cut.
async fn pass(gate: &mut watch::Receiver<Gate>, cuts: u64) -> io::Result<()> {
    let open = gate.wait_for(|gate| !gate.closed).await.map_err(|_| io::ErrorKind::ConnectionAborted)?;
    if open.cuts == cuts { Ok(()) } else { Err(io::ErrorKind::ConnectionAborted.into()) }
}

fn some(read: io::Result<usize>) -> io::Result<usize> {
    match read? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        length => Ok(length),
    }
}

impl Network {
    fn fault(&self, text: &str) -> Option<Fault> {
        let armed = lock(&self.armed).take_if(|(wanted, _)| text.contains(*wanted));
        armed.map(|(_, fault)| fault).or_else(|| lock(&self.chance).fault())
    }

    /// Returns if the connection outlives it.
    async fn befall(
        &self,
        fault: Fault,
        text: &str,
        bytes: &[u8],
        [client, server]: [&mut TcpStream; 2],
    ) -> io::Result<()> {
        match fault {
            Fault::CutBefore => {
                self.counts.cut_before.fetch_add(1, Ordering::Relaxed);
                self.sprung.notify_one();
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Fault::Delay => {
                self.counts.delays.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(30)).await;
                server.write_all(bytes).await
            }
            Fault::PartBefore => {
                let (mut gate, cuts) = self.part();
                pass(&mut gate, cuts).await?;
                server.write_all(bytes).await
            }
            Fault::PartAfter => {
                server.write_all(bytes).await?;
                self.part();
                Ok(())
            }
            Fault::LoseReply | Fault::HoldReply => {
                server.write_all(bytes).await?;
                some(server.read(&mut [0; 1 << 10]).await)?;
                self.counts.lost_replies.fetch_add(1, Ordering::Relaxed);
                self.counts.lost_commits.fetch_add(u64::from(text.contains(COMMIT)), Ordering::Relaxed);
                self.sprung.notify_one();
                if fault == Fault::HoldReply {
                    some(client.read(&mut [0]).await)?;
                }
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }

    /// Closes the gate, and stands before it.
    fn part(&self) -> (watch::Receiver<Gate>, u64) {
        self.gate.send_modify(|gate| gate.closed = true);
        self.sprung.notify_one();
        let gate = self.gate.subscribe();
        let cuts = gate.borrow().cuts;
        (gate, cuts)
    }
}

impl Chance {
    fn fault(&mut self) -> Option<Fault> {
        if self.one_in == 0 || self.random.below(self.one_in) > 0 {
            return None;
        }
        // A lost acknowledgement is what this is about.
        Some(match self.random.below(10) {
            0..2 => Fault::CutBefore,
            2..4 => Fault::Delay,
            _ => Fault::LoseReply,
        })
    }
}
