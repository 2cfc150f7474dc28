//! What waits for an operator.
//!
//! There is no index of it, which every claim would have to write. So the names of the whole database are looked through, in small
//! steps, as a purge does.

use std::time::Instant;

use futures_util::future::join_all;
use idem_core::{AbandonedClaim, AbandonedPage, Cursor, StoreError};
use redis::Value;
use tracing::warn;

use crate::connection::Node;
use crate::purge::{MOST_STEPS, TOGETHER};
use crate::record::{self, Reply};
use crate::records::Records;
use crate::script;

const OTHER_PRIMARIES: &str =
    "the primaries of the Cluster have changed since the last page; list again from the beginning";

/// Where a page begins: the primary, by its place among them, and where its scan goes on.
///
/// A cursor holds the names of all primaries besides. After a failover the same place may be another server, where the scan would
/// go on in the middle, and claims be left out without a word.
#[derive(Clone, Copy, Default)]
struct Place {
    node: usize,
    scan: u64,
}

impl Records {
    pub(crate) async fn abandoned_page(&self, from: Option<&Cursor>, limit: u32) -> Result<AbandonedPage, StoreError> {
        let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        let call = self.call();
        let nodes = self.connection.nodes(call.until).await?;
        let mut place = from.map_or(Ok(Place::default()), |cursor| Place::read(cursor, &nodes))?;
        let mut claims = Vec::new();
        for _ in 0..MOST_STEPS {
            let Some(node) = nodes.get(place.node) else { return Ok(AbandonedPage { claims, next: None }) };
            place.scan = self.step(node, place.scan, &mut claims).await?;
            if place.scan == 0 {
                place = Place { node: place.node + 1, scan: 0 };
            }
            if claims.len() >= limit || Instant::now() >= call.until {
                break;
            }
        }
        let next = (place.node < nodes.len()).then(|| place.cursor(&nodes));
        Ok(AbandonedPage { claims, next })
    }

    /// Takes one step of a scan, and says where the next one begins.
    async fn step(&self, node: &Node, scan: u64, claims: &mut Vec<AbandonedClaim>) -> Result<u64, StoreError> {
        let arguments: [&str; 0] = [];
        let (next, names) = self.scan(node, scan).await?;
        for names in names.chunks(TOGETHER) {
            let looked = names.iter().map(|name| self.call().run(&script::ABANDONED, name, &arguments, None));
            for (name, answer) in names.iter().zip(join_all(looked).await) {
                claims.extend(self.waiting(name, answer.map(|(found, _)| found))?);
            }
        }
        Ok(next)
    }

    /// The claim of this name, if it waits for an operator. One record that somebody damaged must not hide the others.
    fn waiting(&self, name: &[u8], answer: Result<Value, StoreError>) -> Result<Option<AbandonedClaim>, StoreError> {
        let key = std::str::from_utf8(name).ok().and_then(|name| self.prefix.key(name));
        let found = match answer {
            Ok(Value::Int(0)) => return Ok(None),
            Ok(answer) => {
                let key = key.as_ref().ok_or_else(|| StoreError::corrupt("its name is not that of a record"));
                key.and_then(|key| record::read(&answer, key))
            }
            Err(error) => Err(error),
        };
        match found {
            Ok(Reply::Found(found)) => Ok(found.observed().as_ref().and_then(AbandonedClaim::of)),
            Ok(Reply::Written(_)) => Err(record::not_ours()),
            Err(error) if error.is_corrupt() => {
                let scope = key.as_ref().map(|key| key.scope().as_str());
                warn!(target: "idem", %error, scope, "a claim that waits for a decision cannot be read");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl Place {
    fn read(cursor: &Cursor, nodes: &[Node]) -> Result<Self, StoreError> {
        let mut parts = cursor.as_str().splitn(3, ' ');
        let [node, scan, primaries] = [(); 3].map(|()| parts.next());
        let node = node.and_then(|node| node.parse().ok());
        let scan = scan.and_then(|scan| scan.parse().ok());
        let place = node.zip(scan).map(|(node, scan)| Self { node, scan });
        let (place, primaries) = place.zip(primaries).ok_or_else(Cursor::unknown)?;
        if primaries != names(nodes) {
            return Err(StoreError::refused(OTHER_PRIMARIES, None));
        }
        Ok(place)
    }

    fn cursor(self, nodes: &[Node]) -> Cursor {
        Cursor::from_stored(format!("{} {} {}", self.node, self.scan, names(nodes)))
    }
}

fn names(nodes: &[Node]) -> String {
    let names: Vec<_> = nodes.iter().map(Node::to_string).collect();
    names.join(" ")
}
