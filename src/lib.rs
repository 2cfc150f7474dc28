#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(inline)]
pub use idem_core::{
    Abandoned, Admission, Answer, AsStore, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Error, ErrorPolicy,
    Execution, Fence, Fingerprint, InFlight, IntoKey, KeepErrors, KeepErrorsIf, Key, KeyWriter, MemoryStore, Observed,
    Operation, Origin, Outcome, OutcomeKind, OutcomeLimit, Record, ReleaseErrors, Resolution, Scope, State, Store,
    StoreError, Timestamp, decision,
};

#[doc(inline)]
pub use idem_core::expansion::Replayable;

#[cfg(feature = "sqlite")]
#[doc(inline)]
pub use idem_sqlx::SqliteStore;

/// Makes an async function safe to retry: its body runs at most once per key at a time, and what it returned is replayed.
///
/// ```
/// use idem::{MemoryStore, idempotent};
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// static CHARGES: AtomicU32 = AtomicU32::new(0);
///
/// #[idempotent(store = store, key = (merchant, order), fingerprint = amount, lease = "10s")]
/// async fn charge(store: &MemoryStore, merchant: &str, order: u64, amount: u64) -> Result<u64, idem::Error> {
///     CHARGES.fetch_add(1, Ordering::Relaxed);
///     Ok(amount)
/// }
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let store = MemoryStore::new();
/// assert_eq!(charge(&store, "acme", 17, 1250).await?, 1250);
/// assert_eq!(charge(&store, "acme", 17, 1250).await?, 1250);
/// assert_eq!(CHARGES.load(Ordering::Relaxed), 1);
/// assert!(charge(&store, "acme", 17, 9999).await.is_err_and(|error| error.is_mismatch()));
/// # Ok::<_, idem::Error>(())
/// # }).unwrap();
/// ```
///
/// # Options
///
/// See the [table](crate#the-attribute) on the front page. `store` and `key` are required.
///
/// - The expressions of `store`, `key` and `fingerprint` are evaluated once, before the body, in the function's own scope; they
///   may use its arguments and `?`. Their values are borrowed: a tuple is taken element by element, so
///   `key = (order.merchant, order.id)` works behind a reference.
/// - `store` is anything that is [`AsStore`]. The call keeps a handle of its own, so the body may move what the expression
///   borrowed.
/// - `errors = keep` needs an error that is `Serialize + DeserializeOwned`; `keep_if(path)` also a `fn(&E) -> bool`.
/// - Without `scope`, the scope is the function's path. Two methods of one name in one module then share it, and so do two
///   functions of one name that are nested in others; the second one to be called is refused: give each a `scope`.
/// - Under `#[async_trait]`, name an argument that the key uses: a pattern's names are gone by then.
///
/// # Cancellation
///
/// Dropping the future is safe at every await; [`Operation::run`] says what each leaves behind. A body that was dropped
/// may have had effects.
///
/// # Errors
///
/// The function returns its own errors, and [`Error`] converted by `E: From<idem::Error>` when there is no outcome.
pub use idem_macros::idempotent;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
