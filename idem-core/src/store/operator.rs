//! What an operator asks of a store, beside what calls need of it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{ClaimId, Key, Scope, State, Store, StoreError, Timestamp};

use super::Observed;

/// The questions of a person who looks after the records. The stores of this library answer them; calls never ask them.
#[async_trait]
pub trait Operator: Store {
    /// Lists claims that wait for a decision: they lapsed under `refuse`, or were [given up](Store::abandon), and nothing runs
    /// under their keys until somebody [resolves](Store::resolve) them.
    ///
    /// A page has about `limit` claims: more where the store finds them in steps, and fewer, or none at all, where it has looked
    /// at enough for one call. There may be more for as long as there is a [`next`](AbandonedPage::next). A claim that is there
    /// from the first page to the last is listed, by some stores more than once.
    ///
    /// ```
    /// # use idem_core::StoreError;
    /// use idem_core::{MemoryStore, Operator as _, Resolution, Store as _};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
    /// # let store = MemoryStore::new();
    /// let mut from = None;
    /// loop {
    ///     let page = store.abandoned(from.as_ref(), 100).await?;
    ///     for claim in page.claims {
    ///         println!("{} {} since {}", claim.key.scope(), claim.key.text(), claim.since);
    ///         // Somebody has looked, and nothing had happened: the next call runs the body again.
    ///         store.resolve(&claim.key, claim.claim_id, &Resolution::Rerun).await?;
    ///     }
    ///     from = page.next;
    ///     if from.is_none() {
    ///         break;
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// If the store does not answer, or `from` is not from one of its pages.
    async fn abandoned(&self, from: Option<&Cursor>, limit: u32) -> Result<AbandonedPage, StoreError>;
}

/// Some of the claims that wait for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbandonedPage {
    /// The claims.
    pub claims: Vec<AbandonedClaim>,
    /// Where the next page begins; absent after the last one.
    pub next: Option<Cursor>,
}

/// A claim that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbandonedClaim {
    /// The key that is blocked.
    pub key: Key,
    /// The claim, which [`resolve`](Store::resolve) wants to know.
    pub claim_id: ClaimId,
    /// When it lapsed, or was given up, by the store's clock.
    pub since: Timestamp,
    /// When the key was first claimed, by the store's clock.
    pub created_at: Timestamp,
    /// How many claims were made since the key was last free.
    pub attempts: u32,
}

impl AbandonedClaim {
    /// The claim of a record, if it waits for a decision.
    #[must_use]
    pub fn of(observed: &Observed) -> Option<Self> {
        let Observed { record, now } = observed;
        match record.state {
            State::Running { lease_until, abandoned: crate::Abandoned::Refuse } if lease_until <= *now => Some(Self {
                key: record.key.clone(),
                claim_id: record.claim_id?,
                since: lease_until,
                created_at: record.created_at,
                attempts: record.attempts,
            }),
            _ => None,
        }
    }
}

/// Where a page begins. Its text is the store's business, and may be kept between two pages, as in a link.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor(Arc<str>);

impl Cursor {
    /// A cursor of this text, as [`as_str`](Self::as_str) told it.
    pub fn from_stored(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Behind this key, for a store that lists keys in order. Neither a scope nor the text of a key has a line break.
    #[must_use]
    pub fn after(key: &Key) -> Self {
        Self(format!("{}\n{}", key.scope(), key.text()).into())
    }

    /// The key that the page begins behind.
    ///
    /// # Errors
    ///
    /// If this is not a cursor of [`after`](Self::after).
    pub fn key(&self) -> Result<Key, StoreError> {
        let key = self.0.split_once('\n').and_then(|(scope, text)| {
            let scope = Scope::new(scope.to_owned()).ok()?;
            Some(Key::from_stored(scope, text))
        });
        key.ok_or_else(Self::unknown)
    }

    /// The error of a store that did not make a cursor.
    #[must_use]
    pub fn unknown() -> StoreError {
        StoreError::refused("the cursor is not from a page of this store", None)
    }
}

/// A cursor may hold a key, which is not shown.
impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").finish_non_exhaustive()
    }
}
