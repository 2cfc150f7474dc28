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

/// Makes the values of a struct or an enum keys, and so never two of them one.
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
/// would be, and a variant is its name and its fields. So the order of fields and the names of variants are part of the key:
/// who changes them makes every key new. Each field is itself a key; what is none, such as an `Option`, does not compile.
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
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), idem::Error> {
/// let store = MemoryStore::new();
/// assert_eq!(charge(&store, "acme", 17, 1250).await?, 1250);
/// assert_eq!(charge(&store, "acme", 17, 1250).await?, 1250);
/// assert_eq!(CHARGES.load(Ordering::Relaxed), 1);
/// assert!(charge(&store, "acme", 17, 9999).await.is_err_and(|error| error.is_mismatch()));
/// # Ok(()) }
/// ```
///
/// # Options
///
/// See the [table](crate#the-attribute) on the front page. `store` is required, and one of `key` and `token`.
///
/// - The expressions of `store`, `key`, `token` and `fingerprint` are evaluated once, before the body, in the function's own scope; they
///   may use its arguments and `?`. Their values are borrowed: a tuple is taken element by element, so
///   `key = (order.merchant, order.id)` works behind a reference.
/// - `key` is anything that is [`IntoKey`](trait@IntoKey), which a type of your own can derive.
/// - `fingerprint` may outlive a deploy: a payload that gains an optional field is the same payload while that is `None`. Any
///   other new field makes an identical retry a mismatch; see [`Fingerprint`].
/// - `store` is anything that is [`AsStore`]. The call keeps a handle of its own, so the body may move what the expression
///   borrowed.
/// - `errors = keep` needs an error that is `Serialize + DeserializeOwned`; `keep_if(path)` also a `fn(&E) -> bool`, as
///   `unknown_if` does. An error by which the body passes on that a call inside it was refused is not kept: another call is in
///   progress, say, and soon no more.
/// - `outcome_limit` takes `marker(bytes)`, `error(bytes)` or an [`OutcomeLimit`]. Bytes are stored as numbers, four
///   characters each; keep them as text, such as base64, where there are many.
/// - `scope` names the operation; see [below](#scopes). A function directly in a module needs none.
/// - Under `#[async_trait]`, name an argument that the key uses: a pattern's names are gone by then.
///
/// # Scopes
///
/// The scope is the stable name of the operation, and keys of two scopes never meet. A function that is directly in a module
/// and has no type parameters may leave it out: then it is the function's path, such as `shop::payments::charge`. Renaming or
/// moving the function then makes every key new. All other functions must be given one, or they do not compile:
///
/// | function | `scope` |
/// | --- | --- |
/// | a method, a function of a type, a function inside another | `"payments.charge"` |
/// | a default method of a trait, a method of a generic type | `Self::SCOPE`, or any expression that names the instance |
/// | a function with type or const parameters, or `impl Trait` arguments | `T::SCOPE`, or `shared("payments.charge")` if all instances are one operation |
///
/// An expression is a `&'static str`, a `String` or a [`Scope`], and is evaluated before the body. What is not a scope, and a
/// scope that two instances of one function have without `shared`, is a [misuse](Error::is_misuse), and nothing runs.
///
/// ```
/// use idem::{MemoryStore, idempotent};
///
/// trait Provider {
///     const SCOPE: &'static str;
///
///     #[idempotent(store = store, scope = Self::SCOPE, key = order)]
///     async fn charge(&self, store: &MemoryStore, order: u64) -> Result<String, idem::Error> {
///         Ok(Self::SCOPE.to_owned())
///     }
/// }
///
/// struct Visa;
/// struct Amex;
///
/// impl Provider for Visa {
///     const SCOPE: &'static str = "visa.charge";
/// }
///
/// impl Provider for Amex {
///     const SCOPE: &'static str = "amex.charge";
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), idem::Error> {
/// let store = MemoryStore::new();
/// assert_eq!(Visa.charge(&store, 17).await?, "visa.charge");
/// assert_eq!(Amex.charge(&store, 17).await?, "amex.charge"); // not the receipt of the other
/// # Ok(()) }
/// ```
///
/// A path begins with the name of the crate. Two services whose crates have one name, such as a library and the program in
/// the same package, share their derived scopes where they share a table: set `scope`, or give each service a table of its
/// own.
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
/// - A function that takes a transaction or a connection of sqlx by `&mut` or by value, and has no `tx`, is warned about: its
///   outcome is stored at once, and replayed though the transaction is rolled back. `tx = none` says that this is meant.
/// - The value is a variable, a field, `*place` or `&mut place`, since it is borrowed before, in and after the body. The
///   transaction is still the caller's: the body neither commits it nor rolls it back.
/// - The store is one of the transaction's own database that [joins](Join) it.
/// - A duplicate waits until a transaction that holds the key has ended; `in_flight = reject` answers at once instead, and
///   `in_flight = wait("5s")` waits no longer than that. SQLite has one writer, for whom all others wait before they
///   claim.
/// - When the body returns an error, the claim is released; roll the transaction back, and what it wrote is gone too. So
///   there are no `errors = keep`, `unknown_if`, `dropped`, `lease` and `max_attempts` with `tx`.
/// - A call that was dropped and whose transaction was committed all the same is abandoned: its key is refused from then
///   on, unless `abandoned = rerun`.
/// - Where `#[async_trait]` expands first, take the transaction by `&mut`.
///
/// [`Operation::run_in`] is the same without a macro.
///
/// # Cancellation
///
/// The future may be dropped at every await; [`Operation::run`] says what each leaves behind. A body that was dropped may have
/// had effects, so its claim stands until its lease ends, unless `dropped = release` says otherwise. With `dropped = finish` it
/// is not dropped: the call moves to the runtime and ends there, as [`to_the_end`] says. Its arguments are owned, then, and
/// what it captures is `Send`.
///
/// ```
/// use std::sync::Arc;
/// use idem::{MemoryStore, idempotent};
///
/// #[idempotent(store = store, key = order, dropped = finish, in_flight = wait("5s"))]
/// async fn charge(store: Arc<MemoryStore>, order: u64) -> Result<u64, idem::Error> {
///     tokio::time::sleep(std::time::Duration::from_secs(1)).await;
///     Ok(1250)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), idem::Error> {
/// let store = Arc::new(MemoryStore::new());
/// let impatient = std::time::Duration::from_millis(5);
/// assert!(tokio::time::timeout(impatient, charge(Arc::clone(&store), 17)).await.is_err());
/// assert_eq!(charge(store, 17).await?, 1250); // the outcome of the first call
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The function returns its own errors, and [`Error`] converted by `E: From<idem::Error>` when there is no outcome.
pub use idem_macros::idempotent;

#[doc(inline)]
pub use idem_core::machine;

/// The trait of an enum whose variants are the states of a row.
#[doc(inline)]
pub use idem_core::machine::StateMachine;

/// Makes an enum the states of a row: which moves there are is declared once, checked at compile time, and can be asked.
///
/// ```
/// use idem::StateMachine;
///
/// #[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
/// #[state_machine(initial = Unpaid, rename_all = "snake_case")]
/// #[transition(pay: Unpaid => Paid)]
/// #[transition(ship: Paid => Shipped)]
/// #[transition(cancel: Unpaid | Paid => Cancelled)]
/// pub enum OrderStatus {
///     Unpaid,
///     Paid,
///     #[state(final)]
///     Shipped,
///     #[state(final, alias = "canceled")]
///     Cancelled,
/// }
///
/// assert_eq!(OrderStatus::Unpaid.apply(OrderStatusEvent::Pay), Ok(OrderStatus::Paid));
/// let illegal = OrderStatus::Paid.apply("pay".parse()?).unwrap_err();
/// assert_eq!(illegal.to_string(), "`pay` cannot fire in `Paid`; legal there: `ship`, `cancel`");
///
/// assert!(OrderStatus::Shipped.has_passed(OrderStatus::Paid)); // there is no other way
/// assert!(!OrderStatus::Cancelled.has_passed(OrderStatus::Paid));
/// assert_eq!(OrderStatus::from_code("canceled"), Ok(OrderStatus::Cancelled));
/// println!("{}", OrderStatus::MERMAID);
/// # Ok::<_, idem::machine::UnknownEvent>(())
/// ```
///
/// # Attributes
///
/// On the enum, `#[state_machine(…)]`:
///
/// | option | meaning |
/// | --- | --- |
/// | `initial = Unpaid` | required: the state of a new row |
/// | `rename_all = "snake_case"` | how codes are spelt: `lowercase`, `snake_case`, `UPPERCASE`, `SCREAMING_SNAKE_CASE`, `kebab-case`, `camelCase`, `PascalCase`; without it as the variants |
/// | `store = "int16"` | what is stored: `"text"` (the default), or the variants' explicit values as `"int16"` or `"int32"` |
/// | `entity = Order` | the type that Rust guards take |
/// | `strict` | a state that nothing leaves and that is not final is an error, not a warning |
/// | `crate = path` | where this library is, if it is not `::idem` |
///
/// On a variant, `#[state(…)]`: `final`; `code = "…"` instead of its name; `alias = "…"`, which is read and never written,
/// any number of them (where the column has an enum type of PostgreSQL, a label of it); `allow(unreachable)` for states that
/// only imported rows are in.
///
/// On the enum, one `#[transition(event: Sources => Target, …)]` for each move. `_` as the sources means every state that is
/// not final, but the target. Without a name, `Unpaid => Paid` is called `to_paid`.
///
/// | option | meaning |
/// | --- | --- |
/// | `guard = path` | a `fn(&Order) -> Result<(), GuardError>`, asked of a loaded entity |
/// | `guard_sql = "total > 0"` | a condition that the UPDATE carries |
/// | `audit` | the event writes an audit row |
/// | `fence = version`, `fence = key` | what keeps a late retry from firing the event again |
/// | `allow(refire)` | a late retry may fire it again |
/// | `reenter` | from a state to itself: a repeat is meant to run |
///
/// Several transitions of one event may leave one state, if all but the last have a guard: the first whose guard agrees is
/// taken.
///
/// # What is checked
///
/// Unknown and unreachable states, duplicate and ambiguous transitions, ways out of a final state, states from which none can
/// be reached, codes that are equal or differ in case only. And retries: where an event's source can be reached again from
/// its target, a late retry would be applied twice; such an event needs a `fence`, or `allow(refire)`.
///
/// # What is generated
///
/// - On the enum, most of it `const`: `INITIAL`, `ALL`, `MERMAID`, `DOT`, `code()`, `from_code(…)`, `is_final()`, `can(event)`,
///   `can_transition_to(state)`, `next_states()`, `events()`, `apply(event)`, `has_passed(state)`; and the trait
///   [`StateMachine`](trait@StateMachine).
/// - `OrderStatusEvent`: the events by name, with `Display`, `FromStr` and serde.
/// - The module `order_status`: a type for each event, and in `order_status::state` one for each state, so that an illegal
///   move is a compile error that lists the legal ones.
/// - With a database feature, sqlx's `Type`, `Encode` and `Decode`, for text and enum columns alike.
///
/// ```compile_fail
/// # use idem::StateMachine;
/// # #[derive(StateMachine, Debug, Clone, Copy, PartialEq, Eq)]
/// # #[state_machine(initial = Unpaid)]
/// # #[transition(pay: Unpaid => Paid)]
/// # #[transition(ship: Paid => Shipped)]
/// # pub enum OrderStatus { Unpaid, Paid, #[state(final)] Shipped }
/// use order_status::state;
/// let shipped = state::Unpaid.on(order_status::Ship); // event `Ship` cannot fire in `Unpaid`
/// ```
///
/// The enum cannot stand under `#![no_implicit_prelude]`.
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

/// Makes a struct an entity: a row whose updates are guarded by its version, and whose state changes by transitions alone.
///
/// It implements the trait [`Versioned`](trait@Versioned), whose methods are what can be done with the row: `load`,
/// `update_to`, `modify`, `insert_once`, `delete`, `fire` and the like.
///
/// ```
/// # #[cfg(feature = "sqlite")] mod shop {
/// use idem::{Retry, Versioned, Write};
///
/// #[derive(Versioned, sqlx::FromRow, Debug, Clone, PartialEq)]
/// #[versioned(table = "orders")]
/// struct Order {
///     #[versioned(id)]
///     id: i64,
///     #[versioned(version)]
///     version: i64,
///     address: Option<String>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")] pub async fn run() -> anyhow::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let store = idem::SqliteStore::open(folder.path().join("shop.db")).await?;
/// # let pool = store.pool();
/// # sqlx::query("CREATE TABLE orders (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, address TEXT)").execute(pool).await?;
/// # sqlx::query("INSERT INTO orders VALUES (17, 1, NULL)").execute(pool).await?;
/// let order = Order::load(17, pool).await?.expect("it is there");
///
/// let mut draft = order.clone();
/// draft.address = Some("1 Main Street".to_owned());
/// let Write::Applied(updated) = order.update_to(&draft, pool).await? else { panic!("nobody else writes") };
/// assert_eq!(updated, Order { version: 2, ..draft.clone() });
///
/// // Nothing differs: no statement is sent, which is what makes a `PUT` idempotent.
/// assert!(matches!(updated.update_to(&updated, pool).await?, Write::Unchanged));
/// // The row that was loaded is not the newest any more.
/// assert!(matches!(order.update_to(&draft, pool).await?, Write::Conflict { .. }));
///
/// // Loads, changes and writes, and does so again if somebody else was quicker.
/// let write = Order::modify(pool, 17, Retry::times(3), |order| order.address = None).await?;
/// assert!(matches!(write, Write::Applied(Order { version: 3, address: None, .. })));
/// # Ok(())
/// # }
/// # }
/// # #[cfg(feature = "sqlite")] shop::run().unwrap();
/// ```
///
/// # Options of the struct
///
/// | `#[versioned(…)]` | meaning |
/// | --- | --- |
/// | `table = "orders"` | the table, with its schema before a dot if it needs one; required |
/// | `audit = "order_transitions"` | the table of audit rows, which events with `audit` need |
/// | `last_write_wins` | nothing guards an update: for entities without version and state, which are refused otherwise |
/// | `crate = path` | where `idem` is, if it is re-exported |
///
/// # Options of a field
///
/// A field without options is data: a column of its name that updates write when its value has changed.
///
/// | `#[versioned(…)]` | meaning |
/// | --- | --- |
/// | `id` | the primary key; several fields are a composite one, and the address is a tuple of them |
/// | `tenant` | in every `WHERE`; the address is [`InTenant`] |
/// | `state`, `state = "payment"` | a [`StateMachine`](trait@StateMachine), which only transitions write; several need names |
/// | `version` | a [`VersionNumber`], to which every write adds one. Without it, the state guards updates |
/// | `readonly` | written when the row is inserted, and never again |
/// | `generated` | written by the database alone; with `id`, an id that it makes, where another column is `unique` |
/// | `created_at`, `updated_at` | written by the database's clock: timestamps of chrono or time (features `chrono`, `time`), or what is [`UpdatedAt`] |
/// | `soft_delete` | `bool` or an `Option` of a timestamp: `delete` sets it, and no statement finds such a row again |
/// | `unique` | part of the unique constraint by which `insert_once` knows a row; if no field is, the ids are |
/// | `ignore_change` | written with other changes, but is none |
/// | `always_write` | every update is a change |
/// | `compare = path` | a `fn(&T, &T) -> bool` says whether both are the same |
/// | `skip` | no column; `FromRow` must do without it, by `#[sqlx(default)]` |
///
/// Of `#[sqlx(…)]`, which `derive(sqlx::FromRow)` reads, `rename`, `rename_all`, `skip`, `default`, `json`, `json(nullable)` and
/// `try_from` mean what they mean there. What is read by `try_from` is written by the conversion back, so that one is needed
/// too. `flatten` is refused, since the columns of such a field are known to its type alone.
///
/// # What a change is
///
/// Another value by `==`, except that databases keep more or less of two kinds of values: floats are compared by their bits,
/// which rustc warns of (`compare` silences it, by a tolerance or by [`same_bits`]), and timestamps of chrono and time by
/// whole microseconds. An update that differs where it does not write is an error that names the field.
#[cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]
pub use idem_macros::Versioned;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
