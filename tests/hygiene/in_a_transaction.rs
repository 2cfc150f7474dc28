//! The expansion in the caller's transaction, in the same surroundings.

use sqlx::{Sqlite, SqliteConnection, Transaction};

pub(super) struct Option;
pub(super) struct Execution;

mod core {}
mod std {}
mod idem {}

#[::idem::idempotent(store = call, key = (site, "a"), tx = joining, context = execution)]
pub(super) async fn charge(
    joining: &mut Transaction<'_, Sqlite>,
    call: &::idem::SqliteStore,
    site: u64,
    (body, begun): (u64, u64),
    mut transaction: Vec<u64>,
    returned: &mut u64,
) -> Result<(u64, u32), ::idem::Error> {
    let _: (Option, Execution) = (Option, Execution);
    let _: u32 = execution.attempt();
    transaction.push(body);
    *returned += 1;
    let _: &mut SqliteConnection = joining;
    Ok((site + begun + transaction.iter().sum::<u64>(), super::run()))
}

macro_rules! function {
    ($name:ident, $tx:ident, $borrowed:expr, $body:block) => {
        #[::idem::idempotent(store = *store, key = 2_u64, tx = $borrowed)]
        pub(super) async fn $name(
            store: &::idem::SqliteStore,
            $tx: &mut Transaction<'_, Sqlite>,
        ) -> Result<u32, ::idem::Error> $body
    };
}

function!(in_a_macro, tx, tx, {
    let _: &mut SqliteConnection = tx;
    Ok(super::run())
});

#[::idem::idempotent(store = *store, key = 3_u64, tx = &mut *tx)]
pub(super) async fn only_joined(
    store: &::idem::SqliteStore,
    tx: &mut Transaction<'_, Sqlite>,
) -> Result<u32, ::idem::Error> {
    Ok(super::run())
}

#[async_trait::async_trait]
pub(super) trait Payments {
    async fn pay(&self, tx: &mut Transaction<'_, Sqlite>, name: String) -> Result<u32, ::idem::Error>;
}

#[async_trait::async_trait]
impl Payments for ::idem::SqliteStore {
    #[::idem::idempotent(store = self, scope = "tests.pay", key = &name, tx = tx)]
    async fn pay(&self, tx: &mut Transaction<'_, Sqlite>, name: String) -> Result<u32, ::idem::Error> {
        let _: &mut SqliteConnection = tx;
        Ok(super::run())
    }
}
