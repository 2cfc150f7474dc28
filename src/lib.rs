#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(inline)]
pub use idem_core::{
    Abandoned, AbandonedClaim, AbandonedPage, Admission, Answer, AsStore, Claim, ClaimDecision, ClaimId, ClaimRequest,
    Codec, Cursor, Dropped, Error, ErrorPolicy, Execution, Extension, Fence, Fingerprint, InFlight, IssueDecision,
    Join, JoinedStore, KeepErrors, KeepErrorsIf, Key, KeyWriter, Lent, Listener, MemoryStore, Observed, Operation,
    Operator, Origin, Outcome, OutcomeKind, OutcomeLimit, Record, ReleaseErrors, Remaining, Resolution, Scope, State,
    Store, StoreError, Sweeper, SweeperHandle, Timestamp, ToTheEnd, Token, TokenOf, Tokens, UnknownIf, decision,
    drained, to_the_end,
};

#[doc(inline)]
pub use idem_core::IntoKey;

/// Makes the values of a struct or an enum keys. Two different values are never one key.
///
/// ```
/// use idem::{IntoKey, Key, Scope};
///
/// #[derive(IntoKey)]
/// struct OrderId(u64);
///
/// #[derive(IntoKey)]
/// struct LineId<'a> {
///     merchant: &'a str,
///     order: OrderId,
///     line: u32,
/// }
///
/// #[derive(IntoKey)]
/// enum Payer {
///     Guest,
///     User(u64),
/// }
///
/// let text = |key: &dyn IntoKey| Key::new(Scope::from_static("docs"), key).map(|key| key.text().to_owned());
/// assert_eq!(text(&OrderId(17))?, "17");
/// assert_eq!(text(&LineId { merchant: "acme", order: OrderId(17), line: 3 })?, r#"("acme",17,3)"#);
/// assert_eq!(text(&Payer::Guest)?, r#""Guest""#);
/// assert_eq!(text(&Payer::User(17))?, r#"("User",17)"#);
/// # Ok::<(), idem::Error>(())
/// ```
///
/// A tuple struct with one field is the key of its field. Any other struct is the group of all its fields, as a tuple of them
/// would be, and a variant is its name and its fields. So the order of fields and the names of variants are part of the key, and
/// to change them makes every key new. Each field must be a key itself; an `Option` is not, and does not compile.
///
/// `#[into_key(crate = path)]` says where this library is, if it is not `::idem`.
pub use idem_macros::IntoKey;

#[doc(inline)]
pub use idem_core::expansion::Replayable;

#[cfg(feature = "postgres")]
#[doc(inline)]
pub use idem_sqlx::PgStore;

#[cfg(feature = "mysql")]
#[doc(inline)]
pub use idem_sqlx::MySqlStore;

#[cfg(feature = "sqlite")]
#[doc(inline)]
pub use idem_sqlx::SqliteStore;

#[cfg(feature = "redis")]
#[doc(inline)]
pub use idem_redis::{RedisConnection, RedisStore};

#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
#[doc(inline)]
pub use idem_sqlx::{
    Advance, Inbox, InboxDatabase, InboxTransaction, LentTransaction, TransactionDatabase, TransactionError,
    in_transaction,
};

#[doc = include_str!("docs/idempotent.md")]
pub use idem_macros::idempotent;

#[doc(inline)]
pub use idem_core::machine;

/// The trait of an enum whose variants are the states of a row.
#[doc(inline)]
pub use idem_core::machine::StateMachine;

#[doc = include_str!("docs/state_machine.md")]
pub use idem_macros::StateMachine;

/// What is done with entities, beside the trait [`Versioned`](trait@Versioned): outcomes, sessions, and the traits of columns.
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
#[doc(inline)]
pub use idem_sqlx::entity;

#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
#[doc(inline)]
pub use idem_sqlx::entity::{
    Deletion, EntityError, Evidence, InTenant, Insertion, Retry, SoftDelete, Transition, TransitionEvent, UpdatedAt,
    VersionNumber, Versioned, Why, Write, same_bits,
};

#[doc = include_str!("docs/versioned.md")]
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use idem_macros::Versioned;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
