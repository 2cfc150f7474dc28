//! Ports for servers that a test starts.
//!
//! A port that the system names is one that it gives to others as well, as the near end of a connection: before the server
//! begins to listen, or while it is dead. These are below those, and nobody else who looks here finds one that is taken.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;

/// Apart from where `cargo xtask` looks for its Cluster of Redis.
const PORTS: Range<u16> = 12_700..18_700;

/// The nodes of a Cluster talk to each other at their port plus this.
const BUS: u16 = 10_000;

/// A port on which nobody listens, until this is dropped.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    /// The port of the same number for datagrams, which nobody uses: who has it has both.
    _datagrams: UdpSocket,
}

impl Port {
    /// Where the search begins differs between processes that search at the same time.
    pub(crate) fn reserve() -> Self {
        let span = u32::from(PORTS.end - PORTS.start);
        let begin = std::process::id().wrapping_mul(37) % span;
        let offsets = (0..span).filter_map(|step| u16::try_from((begin + step) % span).ok());
        offsets.map(|offset| PORTS.start + offset).find_map(Self::take).expect("a port is free")
    }

    fn take(number: u16) -> Option<Self> {
        let datagrams = UdpSocket::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
        let nobody_listens = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        (nobody_listens(number) && nobody_listens(number + BUS)).then_some(Self { number, _datagrams: datagrams })
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}
