//! Writing a row again on top of what others have written.

use std::time::Duration;

use sqlx::Pool;

use super::outcome::Write;
use super::update::{load, update_to};
use crate::entity::database::Database;
use crate::entity::error::EntityError;
use crate::entity::facts::stored::StoredIn;
use crate::transaction::jittered;

/// The pause after the first conflict; it doubles after each, up to [`LONGEST_PAUSE`], and half of it is left to chance.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// How often a change is tried again after a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    times: u32,
}

impl Retry {
    /// Again up to this often, so once more in all. Between two attempts is a pause of milliseconds, which grows.
    #[must_use]
    pub const fn times(times: u32) -> Self {
        Self { times }
    }
}

/// What a change of a row ends in: nothing, or a `Result` where the change may find that it must not be made.
#[diagnostic::on_unimplemented(
    message = "a change of a row cannot end in `{Self}`",
    label = "expected nothing or a `Result<(), E>`",
    note = "the closure changes the row that it is given; it returns nothing, or `Result<(), E>` with an error that is made from \
            an `EntityError`"
)]
pub trait Change {
    /// The error of the change, and of the database beside it.
    type Error: From<EntityError>;

    /// The same as a result.
    #[doc(hidden)]
    fn made(self) -> Result<(), Self::Error>;
}

impl Change for () {
    type Error = EntityError;

    fn made(self) -> Result<(), EntityError> {
        Ok(())
    }
}

impl<E: From<EntityError>> Change for Result<(), E> {
    type Error = E;

    fn made(self) -> Self {
        self
    }
}

pub(in crate::entity) async fn modify<T, DB, C, F>(
    pool: &Pool<DB>,
    address: T::Address,
    retry: Retry,
    mut change: F,
) -> Result<Write<T>, C::Error>
where
    DB: Database,
    T: StoredIn<DB>,
    C: Change,
    F: FnMut(&mut T) -> C,
{
    let mut pause = FIRST_PAUSE;
    let mut left = retry.times;
    loop {
        let Some(row) = load::<T, _>(address.clone(), pool).await? else { return Ok(Write::NotFound) };
        let mut draft = row.clone();
        change(&mut draft).made()?;
        match update_to(&row, &draft, pool).await? {
            Write::Conflict { .. } if left > 0 => tokio::time::sleep(jittered(pause)).await,
            answer => return Ok(answer),
        }
        left -= 1;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
