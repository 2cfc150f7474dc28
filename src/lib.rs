#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(inline)]
pub use idem_core::{
    Abandoned, Admission, Answer, AsStore, Claim, ClaimDecision, ClaimId, ClaimRequest, Codec, Error, ErrorPolicy,
    Execution, Fence, Fingerprint, InFlight, IntoKey, IssueDecision, Join, JoinedStore, KeepErrors, KeepErrorsIf, Key,
    KeyWriter, Lent, Listener, MemoryStore, Observed, Operation, Origin, Outcome, OutcomeKind, OutcomeLimit, Record,
    ReleaseErrors, Resolution, Scope, State, Store, StoreError, Sweeper, SweeperHandle, Timestamp, Token, TokenOf,
    Tokens, decision,
};

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
    Advance, Inbox, InboxDatabase, InboxTransaction, LentTransaction, TransactionDatabase, in_transaction,
};

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
/// See the [table](crate#the-attribute) on the front page. `store` is required, and one of `key` and `token`.
///
/// - The expressions of `store`, `key`, `token` and `fingerprint` are evaluated once, before the body, in the function's own scope; they
///   may use its arguments and `?`. Their values are borrowed: a tuple is taken element by element, so
///   `key = (order.merchant, order.id)` works behind a reference.
/// - `store` is anything that is [`AsStore`]. The call keeps a handle of its own, so the body may move what the expression
///   borrowed.
/// - `errors = keep` needs an error that is `Serialize + DeserializeOwned`; `keep_if(path)` also a `fn(&E) -> bool`.
/// - Without `scope`, the scope is the function's path. Two methods of one name in one module then share it, and so do two
///   functions of one name that are nested in others; the second one to be called is refused: give each a `scope`.
/// - Under `#[async_trait]`, name an argument that the key uses: a pattern's names are gone by then.
///
/// # Tokens
///
/// With `token = …` the key is one that the server [issued](Tokens) with a form, and that the client brings back. It is used
/// once: of many clicks one runs the body, and the others get its outcome. What was not issued, has expired or belongs to
/// somebody else runs nothing and leaves nothing.
///
/// ```
/// use idem::{MemoryStore, Token, Tokens, idempotent};
///
/// #[idempotent(store = store, scope = "checkout.pay", token = form.parse::<Token>()?.of(user))]
/// async fn pay(store: &MemoryStore, user: u64, form: &str) -> Result<u64, idem::Error> {
///     Ok(1250)
/// }
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let store = MemoryStore::new();
/// let form = Tokens::new(&store, "checkout.pay").issue_to(17).await?.to_string();
/// assert_eq!(pay(&store, 17, &form).await?, 1250);
/// assert_eq!(pay(&store, 17, &form).await?, 1250); // replayed
/// assert!(pay(&store, 18, &form).await.is_err_and(|error| error.is_not_issued()));
/// assert!(pay(&store, 17, "made up").await.is_err_and(|error| error.is_not_issued()));
/// # Ok::<_, idem::Error>(())
/// # }).unwrap();
/// ```
///
/// - The value says [whose](Token::of) the token is: a bare [`Token`] does not compile. Take the user from the session, and
///   not from the form.
/// - `scope` is required, since tokens are issued by its name.
/// - A text that is no token is the same error as one that is unknown, so parse it in the expression.
///
/// # In the caller's transaction
///
/// With `tx = tx` the claim, what the body writes in the transaction and the outcome are one commit of the caller's: exactly
/// once.
///
/// ```
/// # #[cfg(feature = "sqlite")] mod ledger {
/// use idem::{SqliteStore, idempotent};
///
/// #[idempotent(store = store, key = event, tx = tx)]
/// async fn apply(store: &SqliteStore, tx: &mut sqlx::SqliteTransaction<'_>, event: u64) -> anyhow::Result<i64> {
///     sqlx::query("UPDATE account SET balance = balance + 1").execute(&mut **tx).await?;
///     Ok(sqlx::query_scalar("SELECT balance FROM account").fetch_one(&mut **tx).await?)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] pub async fn run() -> anyhow::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("ledger.db");
/// let store = SqliteStore::open(path).await?;
/// # sqlx::query("CREATE TABLE account (balance INTEGER)").execute(store.pool()).await?;
/// # sqlx::query("INSERT INTO account VALUES (0)").execute(store.pool()).await?;
/// let mut tx = store.pool().begin().await?;
/// assert_eq!(apply(&store, &mut tx, 17).await?, 1);
/// tx.rollback().await?; // also undoes the claim
///
/// let mut tx = store.pool().begin().await?;
/// assert_eq!(apply(&store, &mut tx, 17).await?, 1); // so it runs again
/// assert_eq!(apply(&store, &mut tx, 17).await?, 1); // replayed
/// tx.commit().await?;
/// # Ok(())
/// # }
/// # }
/// # #[cfg(feature = "sqlite")] ledger::run().unwrap();
/// ```
///
/// - The value is a variable, a field, `*place` or `&mut place`, since it is borrowed before, in and after the body. The
///   transaction is still the caller's: the body neither commits it nor rolls it back.
/// - The store is one of the transaction's own database that [joins](Join) it.
/// - A duplicate waits until a transaction that holds the key has ended; `in_flight = reject` answers at once instead, and
///   `in_flight = wait("5s")` waits no longer than that. SQLite has one writer, for whom all others wait before they
///   claim.
/// - When the body returns an error, the claim is released; roll the transaction back, and what it wrote is gone too. So
///   there are no `errors = keep`, `lease` and `max_attempts` with `tx`.
/// - A call that was dropped and whose transaction was committed all the same is abandoned: its key is refused from then
///   on, unless `abandoned = rerun`.
/// - Where `#[async_trait]` expands first, take the transaction by `&mut`.
///
/// [`Operation::run_in`] is the same without a macro.
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
