//! The memory store passes the contract.
#![cfg(feature = "contract")]

use std::sync::Arc;

use async_trait::async_trait;
use idem_core::contract::Backend;
use idem_core::{MemoryStore, Store};

struct Memory(MemoryStore);

#[async_trait]
impl Backend for Memory {
    async fn open() -> Self {
        Self(MemoryStore::new())
    }

    async fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }
}

idem_core::contract!(Memory);

// The attributes stand on each test: were there one left, it would not find this backend.
idem_core::contract!(
    #[cfg(any())]
    NoSuchBackend
);
