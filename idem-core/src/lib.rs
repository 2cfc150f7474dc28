//! The core of idem: keys, fingerprints, the record and its one decision, the store trait, the engine.
//!
//! Applications depend on `idem-rs`, which re-exports what they need. This crate is for the authors of stores and of
//! integrations: it depends on no database and on no web framework.
#![cfg_attr(docsrs, feature(doc_cfg))]

// In reading order: what a call is, what a store keeps, the one decision, stores, and what happens around a body.
mod operation;
mod lent;
mod execution;
mod policy;
mod scope;
mod site;
mod key;
mod token;
mod fingerprint;
mod time;
mod claim;
mod record;
pub mod decision;
mod store;
mod memory;
mod sweeper;
mod engine;
mod codec;
mod error;
mod hex;
pub mod machine;
#[cfg(feature = "contract")]
pub mod contract;
#[doc(hidden)]
pub mod expansion;

pub use claim::{Admission, Claim, ClaimDecision, ClaimRequest, Extension, IssueDecision, Origin, Resolution};
pub use engine::{Remaining, ToTheEnd, drained, running_key, to_the_end};
pub use error::Error;
pub use execution::Execution;
pub use fingerprint::Fingerprint;
pub use key::{IntoKey, Key, KeyWriter, MAX_KEY_BYTES};
pub use lent::{Lender, Lent};
pub use memory::MemoryStore;
pub use operation::{Answer, Operation};
pub use policy::{
    Abandoned, Dropped, ErrorPolicy, InFlight, KeepErrors, KeepErrorsIf, OutcomeLimit, ReleaseErrors, UnknownIf,
};
pub use record::{ClaimId, Codec, Fence, Outcome, OutcomeKind, Record, State, StoredRecord};
pub use scope::{MAX_SCOPE_BYTES, Scope};
pub use site::{NamedSite, Site};
pub use store::{
    AbandonedClaim, AbandonedPage, AsStore, Cursor, Join, JoinedStore, Listener, Observed, Operator, Store, StoreError,
};
pub use sweeper::{Sweeper, SweeperHandle};
pub use time::Timestamp;
pub use token::{Token, TokenOf, Tokens};
