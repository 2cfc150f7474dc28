//! idem.
#[doc(inline)]
pub use idem_core::{
    Abandoned, Admission, Answer, AsStore, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Error, ErrorPolicy,
    Execution, Fence, Fingerprint, InFlight, IntoKey, KeepErrors, KeepErrorsIf, Key, KeyWriter, MemoryStore, Observed,
    Operation, Origin, Outcome, OutcomeKind, OutcomeLimit, Record, ReleaseErrors, Resolution, Scope, State, Store,
    StoreError, Timestamp, decision,
};

#[doc(inline)]
pub use idem_macros::idempotent;

#[cfg(feature = "sqlite")]
pub use idem_sqlx::SqliteStore;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
