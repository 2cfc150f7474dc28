//! What the server's settings mean for the records, said once, when a store connects.

use std::collections::HashMap;

use redis::{Value, cmd, from_redis_value};
use tracing::{debug, warn};

use crate::connection::RedisConnection;
use crate::records::{PATIENCE, bounded};

/// Warns if the server may evict records, or keeps nothing on disk. A server that does not tell is not warned of: managed
/// ones often forbid the question.
pub(crate) async fn give(connection: &RedisConnection) {
    let mut question = cmd("CONFIG");
    question.arg("GET").arg("maxmemory").arg("maxmemory-policy").arg("appendonly").arg("save");
    let settings = match bounded(PATIENCE, connection.send(&question)).await {
        Ok(answer) => settings(answer),
        Err(error) => {
            debug!(target: "idem", %error, "Redis does not tell whether it evicts and persists");
            return;
        }
    };
    let is = |name: &str, value: &str| settings.get(name).is_some_and(|found| found == value);
    if let Some(policy) = settings.get("maxmemory-policy")
        && policy != "noeviction"
        && !is("maxmemory", "0")
    {
        warn!(
            target: "idem",
            policy,
            "Redis may evict records, and then their bodies run again; set `maxmemory-policy noeviction`"
        );
    }
    if is("appendonly", "no") && is("save", "") {
        warn!(
            target: "idem",
            "Redis keeps nothing on disk, and forgets all records when it restarts; set `appendonly yes`"
        );
    }
}

/// A Cluster asks one of its nodes.
fn settings(answer: Value) -> HashMap<String, String> {
    from_redis_value(answer).unwrap_or_default()
}
