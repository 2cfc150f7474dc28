//! Messages, told apart by the number that their source gave them.

use idem_core::{IntoKey, StoreError};

use crate::races::too_many_races;

use super::database::Database;
use super::inner::Moved;
use super::{Inbox, InboxDatabase, InboxTransaction, open};

/// What the number of a message says, see [`Inbox::advance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// Nothing has come from this source before. Its numbers begin here, and the mark is set.
    First,
    /// The number after the mark, which has moved there.
    Next,
    /// At the mark or below it: this message was handled, or was given up when the mark went past it.
    Duplicate,
    /// Beyond the number after the mark: something is missing, or comes later.
    Gap {
        /// The number that was to come.
        expected: i64,
    },
}

impl Inbox {
    /// Moves the mark of a source to the next number, for partners who number their messages without holes.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let pool = idem_sqlx::SqliteStore::open(folder.path().join("app.db")).await?.pool().clone();
    /// # let inbox = idem_sqlx::Inbox::new("ledger")?;
    /// # inbox.migrate(&pool).await?;
    /// use idem_sqlx::Advance;
    ///
    /// let mut tx = pool.begin().await?;
    /// assert_eq!(inbox.advance(&mut tx, "partner-7", 41).await?, Advance::First);
    /// assert_eq!(inbox.advance(&mut tx, "partner-7", 42).await?, Advance::Next);
    /// assert_eq!(inbox.advance(&mut tx, "partner-7", 42).await?, Advance::Duplicate);
    /// assert_eq!(inbox.advance(&mut tx, "partner-7", 45).await?, Advance::Gap { expected: 43 });
    /// assert_eq!(inbox.advance(&mut tx, "partner-7", 43).await?, Advance::Next);
    /// tx.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// The mark moves by one or not at all. After a gap the caller decides: wait for what is missing, ask the partner for it,
    /// or go on without it by [`advance_past`](Self::advance_past). Numbers that come before the first that was seen are
    /// duplicates; if a source begins at a number that you know, compare it when the answer is `First`.
    ///
    /// A mark is one row per source, so messages of one source are handled one after another: whoever asks waits while
    /// another transaction that asked is open. It is never purged. One statement if the mark moves, two if not.
    ///
    /// # Errors
    ///
    /// As for [`first_time`](Self::first_time). Transactions that advance several sources deadlock unless all do it in
    /// the same order.
    pub async fn advance<T, K>(&self, tx: &mut T, source: &K, sequence: i64) -> Result<Advance, StoreError>
    where
        T: InboxTransaction,
        K: IntoKey + ?Sized,
    {
        let source = self.text(source)?;
        self.move_mark(tx, source.text(), sequence).await
    }

    /// As [`advance`](Self::advance), but a gap moves the mark too: what is missing is given up, and is a duplicate if it
    /// comes after all.
    ///
    /// The answer is the same, so that what is lost can be reported: after `Gap { expected }`, everything from `expected`
    /// up to and without `sequence`.
    ///
    /// # Errors
    ///
    /// As for [`advance`](Self::advance).
    pub async fn advance_past<T, K>(&self, tx: &mut T, source: &K, sequence: i64) -> Result<Advance, StoreError>
    where
        T: InboxTransaction,
        K: IntoKey + ?Sized,
    {
        let source = self.text(source)?;
        let advance = self.move_mark(tx, source.text(), sequence).await?;
        if matches!(advance, Advance::Gap { .. }) {
            let on = open(tx).await?;
            if let Err(error) = Database::<T>::set_mark(on, &self.inner, source.text(), sequence).await {
                return Err(Database::<T>::explain(on, &self.inner, error).await);
            }
        }
        Ok(advance)
    }

    async fn move_mark<T: InboxTransaction>(
        &self,
        tx: &mut T,
        source: &str,
        sequence: i64,
    ) -> Result<Advance, StoreError> {
        let on = open(tx).await?;
        let mark = match Database::<T>::move_mark(on, &self.inner, source, sequence).await {
            Ok(Moved::First) => return Ok(Advance::First),
            Ok(Moved::Next) => return Ok(Advance::Next),
            // The row is locked now, so that it is still as the statement saw it.
            Ok(Moved::No) => Database::<T>::mark(on, &self.inner, source).await,
            Err(error) => Err(error),
        };
        match mark {
            Ok(Some(mark)) if sequence <= mark => Ok(Advance::Duplicate),
            // It is less than `sequence`, so it has a successor.
            Ok(Some(mark)) => Ok(Advance::Gap { expected: mark + 1 }),
            // Somebody removed the row, against the rules.
            Ok(None) => Err(too_many_races()),
            Err(error) => Err(Database::<T>::explain(on, &self.inner, error).await),
        }
    }
}
