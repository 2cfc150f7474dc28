//! A listener that says it hears, and does not.

use async_trait::async_trait;
use idem_core::Listener;

pub(super) struct Deaf;

#[async_trait]
impl Listener for Deaf {
    fn hears(&self) -> bool {
        true
    }

    async fn heard(&mut self) {
        std::future::pending::<()>().await;
    }
}
