//! The trait of an entity: what the derive writes of it, and what can then be done with it.

use std::pin::Pin;

use idem_core::machine::{FiresById, FiresOn};
use sqlx::{Pool, Transaction};

use super::database::Database;
use super::error::EntityError;
use super::facts::describe::Table;
use super::facts::stored::{HasVersion, StoredIn};
use super::row::delete;
use super::row::insert;
use super::row::lock::{LockRow, RowLocks};
use super::row::modify;
use super::row::modify::{Change, Retry};
use super::row::newer;
use super::row::outcome::{Deletion, Insertion, Write};
use super::row::update;
use super::row::upsert;
use super::session::Session;
use super::transition::fire::{EventOf, Fire};
use super::transition::given::{NoKey, ThisVersion};

/// What the database will answer.
///
/// On the heap, which costs nothing beside a statement: where a method of a trait returns an `impl Future`, rustc reports
/// each mistake of its caller three times.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A struct that is a row: its updates are guarded by its version, and its state changes by transitions alone.
///
/// Implemented by `#[derive(Versioned)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    note = "add `#[derive(Versioned)]` to it, with `#[versioned(table = \"…\")]`"
)]
pub trait Versioned: Clone + Send + Sync + Unpin + 'static {
    /// What addresses a row: its id, or [`InTenant`](super::InTenant).
    type Address: Clone + Send + Sync + 'static;

    /// The table.
    const TABLE: Table;

    /// The address of this row.
    fn address(&self) -> Self::Address;

    /// The version of this row, if the table has one.
    fn version(&self) -> Option<i64>;

    /// The first field that differs from `draft`'s and that an update may not change.
    fn fixed_difference(&self, draft: &Self) -> Option<&'static str>;

    /// Whether an update to `draft` would write nothing: no data differs, but for columns whose changes are ignored.
    fn is_unchanged(&self, draft: &Self) -> bool;

    /// Fires an event on the row with this address, which need not be loaded.
    ///
    /// ```text
    /// match Order::fire(id, order_status::Pay).execute(&mut tx).await? {
    ///     Transition::Applied { event, .. } => publish(event),
    ///     Transition::AlreadyApplied { .. } => {} // a retry: answer as the first time
    ///     refused => return Ok(refused.into()),
    /// }
    /// ```
    ///
    /// In a function that is given `tx: &mut Transaction<'_, DB>`, write `.execute(&mut *tx)`.
    fn fire<E>(address: Self::Address, event: E) -> Fire<Self, E>
    where
        E: FiresById + EventOf<Self>,
    {
        let _ = event;
        Fire::by_id(address)
    }

    /// Fires an event on this row, if nobody has written it since it was loaded. The Rust guards of the event are asked at
    /// once, and a refusal is told only if the row is still the one that they were asked about.
    ///
    /// ```text
    /// let order = Order::load(id, &mut tx).await?.ok_or(NoOrder)?;
    /// order.transition(order_status::Ship).execute(&mut tx).await?.accepted()?;
    /// ```
    fn transition<E>(&self, event: E) -> Fire<Self, E, NoKey, ThisVersion>
    where
        E: FiresOn<Self> + EventOf<Self>,
    {
        let _ = event;
        E::on_row(self)
    }

    /// Loads a row, if it is there.
    ///
    /// # Errors
    ///
    /// If the database fails, or the row does not fit the struct.
    fn load<'a, S>(address: Self::Address, session: S) -> Reply<'a, Result<Option<Self>, EntityError>>
    where
        S: Session + 'a,
        Self: StoredIn<S::Database>,
    {
        Box::pin(update::load(address, session))
    }

    /// Writes the data of `draft` over this row, if nobody else has written it since it was loaded.
    ///
    /// What nobody else has written is told by the version, which the write counts up. Where the table has none, it is told
    /// by the states: then two updates in the same state both succeed, and the later one has the last word. Where there is
    /// neither, which `#[versioned(last_write_wins)]` says, every update succeeds.
    ///
    /// Values go in and values come out: `self` stays what was loaded, so a write that is repeated after a conflict meets
    /// the same conflict, and overwrites nothing. If no data differs, no statement is sent. The time of the update is the
    /// database's.
    ///
    /// On MySQL, whose updates return nothing, the row is read after it, on a pool in a transaction with it.
    ///
    /// # Errors
    ///
    /// If the draft differs where an update does not write, which names the field, and sends nothing. If the database
    /// fails; when it gave a transaction up in favour of another, that is never a [`Write::Conflict`] but
    /// [retryable](EntityError::is_retryable).
    fn update_to<'a, S>(&'a self, draft: &'a Self, session: S) -> Reply<'a, Result<Write<Self>, EntityError>>
    where
        S: Session + 'a,
        Self: StoredIn<S::Database>,
    {
        Box::pin(update::update_to(self, draft, session))
    }

    /// Updates rows to their drafts, and tells what became of each, in the order given.
    ///
    /// Each is written as [`update_to`](Self::update_to) does, in the order of their addresses, so that two who write the
    /// same rows do not wait for each other. A row that is given twice is written in the order given, and the second is a
    /// conflict if there is a version. A conflict stops nothing: whether the others are to be committed is for the owner of
    /// the transaction to say. On a pool they are committed, together.
    ///
    /// # Errors
    ///
    /// As [`update_to`](Self::update_to). No draft is written if one of them is wrong.
    fn update_many<'a, S>(session: S, pairs: &'a [(Self, Self)]) -> Reply<'a, Result<Vec<Write<Self>>, EntityError>>
    where
        S: Session + 'a,
        Self: StoredIn<S::Database>,
        Self::Address: Ord,
    {
        Box::pin(update::update_many(pairs, session))
    }

    /// Loads a row, changes it and writes it, and does so again if others were quicker.
    ///
    /// Answers what became of the last attempt: [`Write::NotFound`] if there is no row, [`Write::Unchanged`] if `change`
    /// left the data as they were, [`Write::Conflict`] if others were quicker each time.
    ///
    /// A change that cannot fail returns nothing; one that can names its error, which is made from an [`EntityError`]:
    ///
    /// ```text
    /// Order::modify(&pool, id, Retry::times(3), |order| order.address = Some(address.clone())).await?.accepted()?;
    /// Order::modify(&pool, id, Retry::times(3), |order| {
    ///     order.seats = order.seats.checked_sub(1).ok_or(SoldOut)?;
    ///     Ok::<_, BookingError>(())
    /// })
    /// ```
    ///
    /// It takes a pool, and not a transaction, which may show the row as it was at its begin, however often it is loaded.
    ///
    /// # Errors
    ///
    /// What `change` returns, if it returns a `Result`. As [`load`](Self::load) and [`update_to`](Self::update_to); nothing is
    /// tried again after an error, which may leave open whether the write took effect.
    fn modify<'a, DB, C, F>(
        pool: &'a Pool<DB>,
        address: Self::Address,
        retry: Retry,
        change: F,
    ) -> Reply<'a, Result<Write<Self>, C::Error>>
    where
        DB: Database,
        Self: StoredIn<DB>,
        C: Change + 'a,
        F: FnMut(&mut Self) -> C + Send + 'a,
    {
        Box::pin(modify::modify(pool, address, retry, change))
    }

    /// Locks a row until the transaction ends: `Order::lock(&mut tx, id).for_update().nowait().one().await?`
    ///
    /// On a pool the lock would be gone as soon as it is had, so it takes a transaction.
    fn lock<'t, DB: RowLocks>(
        transaction: &'t mut Transaction<'_, DB>,
        address: Self::Address,
    ) -> LockRow<'t, Self, DB> {
        LockRow::new(transaction, address)
    }

    /// Inserts this row, unless it is there: a row with the same unique columns, which are the id if none are marked.
    ///
    /// The times of the new row are the database's, and what it generates is left to it; all else is as in `self`, the
    /// version too. A row that is there is not compared with `self`.
    ///
    /// # Errors
    ///
    /// If another unique constraint refuses the row, or the row in its way is another tenant's or counts as deleted, which
    /// is a [conflict](EntityError::is_conflict). That does not end the caller's transaction. If the table has no unique
    /// constraint over those columns, without which each call would insert another row; the catalog is asked until one is found.
    /// If the database fails.
    fn insert_once<'a, S>(&'a self, session: S) -> Reply<'a, Result<Insertion<Self>, EntityError>>
    where
        S: Session + 'a,
        Self: StoredIn<S::Database>,
    {
        Box::pin(insert::insert_once(self, session))
    }

    /// Deletes this row, or marks it as deleted, if nobody else has written it since it was loaded.
    ///
    /// # Errors
    ///
    /// If the database fails.
    fn delete<'a, S>(&'a self, session: S) -> Reply<'a, Result<Deletion<Self>, EntityError>>
    where
        S: Session + 'a,
        Self: StoredIn<S::Database>,
    {
        Box::pin(delete::delete(self, session))
    }

    /// Writes this row over an older version of it: for copies of rows that live elsewhere, from messages that come in any
    /// order.
    ///
    /// Everything is written as it is here, states, version and times too, but what the database generates. Answers
    /// [`Write::Unchanged`] if the row is of this version already, and [`Write::Conflict`] if it is newer. If it is not
    /// there, nothing is written: see [`insert_or_apply_newer`](Self::insert_or_apply_newer).
    ///
    /// # Errors
    ///
    /// If the database fails, or others were in between each time, which is [retryable](EntityError::is_retryable).
    fn apply_newer<'a, S>(&'a self, session: S) -> Reply<'a, Result<Write<Self>, EntityError>>
    where
        S: Session + 'a,
        Self: HasVersion + StoredIn<S::Database>,
    {
        Box::pin(newer::apply_newer(self, session))
    }

    /// Inserts this row, or writes it over an older version of it, in one statement: for copies of rows that live elsewhere, from
    /// messages that come in any order and of which any may be the first.
    ///
    /// As [`apply_newer`](Self::apply_newer), and as it if the row is there. A new row is written as it is here, times too.
    /// The table has a unique constraint over the tenant and the ids, or where the database makes the id, over the tenant and
    /// what is unique.
    ///
    /// # Errors
    ///
    /// As [`apply_newer`](Self::apply_newer). A [conflict](EntityError::is_conflict) if another unique constraint refuses the row,
    /// or if the row that is there counts as deleted.
    fn insert_or_apply_newer<'a, S>(&'a self, session: S) -> Reply<'a, Result<Write<Self>, EntityError>>
    where
        S: Session + 'a,
        Self: HasVersion + StoredIn<S::Database>,
    {
        Box::pin(upsert::insert_or_apply_newer(self, session))
    }
}
