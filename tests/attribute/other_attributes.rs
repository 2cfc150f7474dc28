//! Other attributes on the same function, before and after.

use async_trait::async_trait;
use idem::{Error, idempotent};

use super::{PayError, World};

mod decorated {
    use super::{Error, World, idempotent};

    /// Charges.
    #[cfg(not(any()))]
    #[must_use = "a receipt"]
    #[idempotent(store = world.idem, key = id)]
    #[deprecated(note = "kept")]
    #[allow(clippy::unused_async, reason = "the attribute is kept")]
    pub(super) async fn charge(
        world: &World,
        #[cfg(not(any()))] id: u64,
        #[cfg(any())] no: Missing,
    ) -> Result<u32, Error> {
        #![allow(clippy::let_and_return, reason = "an inner attribute stays in front of the body")]
        let run = world.run();
        Ok(run)
    }

    #[cfg(any())]
    #[idempotent(store = world.idem, key = id)]
    pub(super) async fn charge() -> Missing {}
}

#[tokio::test]
async fn attrs_docs_visibility_cfg_preserved() {
    let world = World::new();
    #[expect(deprecated, reason = "the attribute is kept")]
    let call = async || decorated::charge(&world, 1).await;
    assert_eq!(call().await.unwrap(), 1);
    assert_eq!(call().await.unwrap(), 1);
}

#[async_trait]
trait Payments {
    async fn plain(&self, id: u64) -> Result<u32, PayError>;
    async fn inside(&self, id: u64) -> Result<u32, PayError>;
    async fn outside(&mut self, id: Option<u64>, names: &[&str]) -> Result<String, PayError>;

    #[idempotent(store = self.world().idem, scope = "tests.provided", key = id)]
    async fn provided(&self, id: u64) -> Result<u32, PayError>
    where
        Self: Sync,
    {
        Ok(self.world().run())
    }

    fn world(&self) -> &World;
}

#[async_trait]
impl Payments for World {
    #[idempotent(store = self.idem, scope = "tests.plain", key = id, context = execution)]
    async fn plain(&self, id: u64) -> Result<u32, PayError> {
        assert_eq!(execution.attempt(), 1);
        Ok(self.run())
    }

    #[idempotent(store = self.idem, scope = "tests.inside", key = id)]
    #[tracing::instrument(skip_all)]
    async fn inside(&self, id: u64) -> Result<u32, PayError> {
        let run = self.run();
        tokio::task::yield_now().await;
        Ok(run)
    }

    #[tracing::instrument(skip(self))]
    #[idempotent(store = self.idem, scope = "tests.outside", key = (id.ok_or(PayError::Declined(0))?, names[0]))]
    async fn outside(&mut self, id: Option<u64>, names: &[&str]) -> Result<String, PayError> {
        let run = self.run();
        Err(std::fmt::Error).or_else(|_| Ok(format!("{}{run}", names[0])))
    }

    fn world(&self) -> &World {
        self
    }
}

impl World {
    #[tracing::instrument(skip_all, fields(id))]
    #[idempotent(store = self.idem, scope = "tests.spanned_outside", key = id)]
    async fn spanned_outside(&self, id: u64) -> Result<u32, PayError> {
        Ok(self.run())
    }

    #[idempotent(store = self.idem, scope = "tests.spanned_inside", key = id)]
    #[tracing::instrument(skip_all, err(Debug))]
    async fn spanned_inside(&self, id: u64) -> Result<u32, PayError> {
        Ok(self.run())
    }
}

#[tokio::test]
async fn works_with_tracing_instrument_and_async_trait_any_order() {
    let mut world = World::new();
    for _ in 0..2 {
        assert_eq!(world.plain(1).await, Ok(1));
        assert_eq!(world.inside(1).await, Ok(2));
        assert_eq!(world.outside(None, &["a"]).await, Err(PayError::Declined(0)));
        assert_eq!(world.outside(Some(1), &["a"]).await, Ok("a3".to_owned()));
        assert_eq!(world.provided(1).await, Ok(4));
        assert_eq!(world.spanned_outside(1).await, Ok(5));
        assert_eq!(world.spanned_inside(1).await, Ok(6));
    }
    let payments: Box<dyn Payments + Send> = Box::new(world.clone());
    assert_eq!(tokio::spawn(async move { payments.plain(1).await }).await.unwrap(), Ok(1));
    assert_eq!(world.runs(), 6);
}
