//! Messages, told apart by their ids.

use idem_core::{IntoKey, Key, StoreError};

use super::database::Database;
use super::{Inbox, InboxDatabase, InboxTransaction, open};

impl Inbox {
    /// Whether a message comes for the first time: true once per id, if this transaction commits.
    ///
    /// One statement, and on MySQL a savepoint before it. On MySQL and MariaDB, a duplicate takes a shared lock on the row of its
    /// id until the transaction ends.
    ///
    /// # Errors
    ///
    /// If no transaction is open, or it has ended since it was begun, the id is empty, the table is missing, or the database
    /// fails. After an error of the database roll the transaction back: PostgreSQL has ended it, and so has MySQL after a
    /// deadlock.
    pub async fn first_time<T, K>(&self, tx: &mut T, message_id: &K) -> Result<bool, StoreError>
    where
        T: InboxTransaction,
        K: IntoKey + ?Sized,
    {
        let id = self.text(message_id)?;
        let new = self.remember(tx, &[id.text()]).await?;
        Ok(!new.is_empty())
    }

    /// Which messages of a batch come for the first time, in the order in which they are given.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let pool = idem_sqlx::SqliteStore::open(folder.path().join("app.db")).await?.pool().clone();
    /// # let inbox = idem_sqlx::Inbox::new("ledger")?;
    /// # inbox.migrate(&pool).await?;
    /// let mut tx = pool.begin().await?;
    /// assert!(inbox.first_time(&mut tx, "a").await?);
    /// let new = inbox.first_times(&mut tx, &["c", "a", "b", "c"]).await?;
    /// assert_eq!(new, [true, false, true, false]);
    /// tx.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// An id that is there twice is new at its first place only. Ids are sent in the order of their text, so that
    /// batches that overlap wait for one another and do not deadlock; two calls in one transaction can.
    ///
    /// On PostgreSQL and SQLite this is one statement, whatever the number of ids. MySQL and MariaDB take a thousand ids with
    /// one statement, and a second one if some of the thousand were new and others not. An empty batch is none.
    ///
    /// # Errors
    ///
    /// As for [`first_time`](Self::first_time). If one id is empty, none is remembered.
    pub async fn first_times<T, K>(&self, tx: &mut T, message_ids: &[K]) -> Result<Vec<bool>, StoreError>
    where
        T: InboxTransaction,
        K: IntoKey,
    {
        let ids = message_ids.iter().map(|id| self.text(id)).collect::<Result<Vec<_>, _>>()?;
        let places = sorted_and_distinct(&ids);
        let sorted: Vec<_> = places.iter().map(|place| ids[*place].text()).collect();
        let mut first_times = vec![false; ids.len()];
        for chunk in sorted.chunks(Database::<T>::LONGEST_BATCH) {
            for id in self.remember(tx, chunk).await? {
                // The database gives back what it was given.
                if let Ok(place) = sorted.binary_search(&id.as_str()) {
                    first_times[places[place]] = true;
                }
            }
        }
        Ok(first_times)
    }

    /// Stores the ids that are not there yet, and gives them back.
    async fn remember<T: InboxTransaction>(&self, tx: &mut T, ids: &[&str]) -> Result<Vec<String>, StoreError> {
        let on = open(tx).await?;
        match Database::<T>::remember(on, &self.inner, ids).await {
            Ok(new) => Ok(new),
            Err(error) => Err(Database::<T>::explain(on, &self.inner, error).await),
        }
    }
}

/// The places of the ids in the order of their text; of equal ids, that of the first.
fn sorted_and_distinct(ids: &[Key]) -> Vec<usize> {
    let mut places: Vec<_> = (0..ids.len()).collect();
    places.sort_by_key(|place| ids[*place].text());
    places.dedup_by_key(|place| ids[*place].text());
    places
}
