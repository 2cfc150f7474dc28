//! The Redis store of idem, for a single node and for Cluster.
#![cfg_attr(docsrs, feature(doc_cfg))]

// In reading order: what a record is called and is, what the scripts are told and say, who carries it, what is done with the
// records, and the store.
mod key;
mod record;
mod script;
mod arguments;
mod error;
mod worker;
mod wire;
mod serving;
mod line;
mod wake;
mod connection;
mod replicas;
mod rights;
mod records;
mod purge;
mod abandoned;
mod advice;
mod store;

pub use connection::RedisConnection;
pub use store::RedisStore;
