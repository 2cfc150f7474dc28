//! The suite that every store passes, for the authors of stores.
//!
//! A store is one file and a test of three lines:
//!
//! ```
//! use std::sync::Arc;
//!
//! use async_trait::async_trait;
//! use idem_core::contract::Backend;
//! use idem_core::{MemoryStore, Store};
//!
//! struct Memory(MemoryStore);
//!
//! #[async_trait]
//! impl Backend for Memory {
//!     async fn open() -> Self {
//!         Self(MemoryStore::new())
//!     }
//!
//!     async fn store(&self) -> Arc<dyn Store> {
//!         Arc::new(self.0.clone())
//!     }
//! }
//!
//! idem_core::contract!(Memory);
//! ```
//!
//! The macro writes one `#[test]` per case of [`cases`], with the case's name. A case opens a backend of its own, so all of
//! them may run at once. Cases about faults put [`Faulty`] between the engine and the store.

#![expect(clippy::missing_panics_doc, reason = "a case that fails panics; that is all it does")]

// In reading order: what a backend gives, what a case is made of, then the cases by subject.
mod backend;
mod faulty;
mod list;
mod support;
mod history;

mod replay;
mod concurrency;
mod lease;
mod zombies;
mod abandoned;
mod renewal;
mod results;
mod limits;
mod errors;
mod completing;
mod dropped;
mod admission;
mod tokens;
mod issuing;
mod keys;
mod names;
mod fingerprint;
mod expiry;
mod purge;
mod waiting;
mod landing;
mod invariants;
mod every_await;
mod operating;

pub use backend::{Backend, run};
pub use faulty::{Fault, Faulty, Method};
pub use history::random_history;
pub use operating::what_waits_for_an_operator_is_listed;

crate::__contract_cases!(__contract_exports());
