//! What the settings of the servers mean for the records, said once, when a store connects.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use idem_core::StoreError;
use redis::{cmd, from_redis_value};
use tracing::{debug, warn};

use crate::connection::{Node, RedisConnection};

/// How long advice may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// By name.
type Settings = HashMap<String, String>;

/// Warns if a primary may evict records, or keeps nothing on disk: once for each of the two, with the nodes of a Cluster
/// named. A server that does not tell is not warned of: managed ones often forbid the question.
///
/// Returns how long a text may be that all of them take, as far as they tell.
pub(crate) async fn give(connection: &RedisConnection) -> Option<usize> {
    let nodes = match connection.nodes(Instant::now() + PATIENCE).await.map_err(StoreError::from) {
        Ok(nodes) => nodes,
        Err(error) => {
            debug!(target: "idem", %error, "Redis does not tell who its primaries are, so they are not asked for settings");
            return None;
        }
    };
    let settings = join_all(nodes.iter().map(|node| settings(connection, node))).await;
    let told: Vec<_> = nodes.iter().zip(&settings).filter_map(|(node, told)| Some((node, told.as_ref()?))).collect();
    warn_of_eviction(&told);
    warn_of_forgetting(&told);
    told.iter().filter_map(|(_, settings)| settings.get("proto-max-bulk-len")?.parse().ok()).min()
}

async fn settings(connection: &RedisConnection, node: &Node) -> Option<Settings> {
    let mut question = cmd("CONFIG");
    question.arg("GET").arg("maxmemory").arg("maxmemory-policy").arg("appendonly").arg("save");
    question.arg("proto-max-bulk-len");
    match connection.send_to(node, question, Instant::now() + PATIENCE).await.map_err(StoreError::from) {
        Ok(answer) => from_redis_value(answer).ok(),
        Err(error) => {
            debug!(target: "idem", %error, node = name(node), "Redis does not tell whether it evicts and persists");
            None
        }
    }
}

fn warn_of_eviction(told: &[(&Node, &Settings)]) {
    let policy = |settings: &Settings| {
        let policy = settings.get("maxmemory-policy").filter(|policy| *policy != "noeviction")?;
        (!is(settings, "maxmemory", "0")).then(|| policy.clone())
    };
    let evict: Vec<_> = told.iter().filter_map(|(node, settings)| Some((*node, policy(settings)?))).collect();
    if evict.is_empty() {
        return;
    }
    let policies: BTreeSet<_> = evict.iter().map(|(_, policy)| policy.as_str()).collect();
    warn!(
        target: "idem",
        policy = Vec::from_iter(policies).join(", "),
        nodes = names(evict.iter().map(|(node, _)| *node)),
        "Redis may evict records, and then their bodies run again; set `maxmemory-policy noeviction`"
    );
}

fn warn_of_forgetting(told: &[(&Node, &Settings)]) {
    let forgets = |settings: &Settings| is(settings, "appendonly", "no") && is(settings, "save", "");
    let forget: Vec<_> = told.iter().filter(|(_, settings)| forgets(settings)).map(|(node, _)| *node).collect();
    if forget.is_empty() {
        return;
    }
    warn!(
        target: "idem",
        nodes = names(forget.into_iter()),
        "Redis keeps nothing on disk, and forgets all records when it restarts; set `appendonly yes`"
    );
}

fn is(settings: &Settings, name: &str, value: &str) -> bool {
    settings.get(name).is_some_and(|found| found == value)
}

/// What to call a node; a single one needs no name.
fn name(node: &Node) -> Option<String> {
    match node {
        Node::Only => None,
        Node::At(host, port) => Some(format!("{host}:{port}")),
    }
}

fn names<'a>(nodes: impl Iterator<Item = &'a Node>) -> Option<String> {
    let names: Vec<_> = nodes.filter_map(name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
