//! Where the records are, and what can befall them there.

use async_trait::async_trait;

use crate::blow::Blow;
use crate::database::Database;

#[async_trait]
pub(crate) trait Place: Send {
    /// What its figures stand under.
    fn name(&self) -> &'static str;

    /// As the supervisor sees it: directly, and with every right.
    fn direct(&self) -> Database;

    /// As workers see it.
    fn database(&self) -> Database;

    /// How many processes work on it.
    fn workers(&self) -> u32 {
        3
    }

    /// What can befall it, in the order in which it does.
    fn blows(&self) -> &'static [Blow];

    async fn begin(&mut self, blow: Blow);

    /// Of one that [lasts](Blow::lasts).
    async fn end(&mut self, blow: Blow);

    /// Nothing befalls it any more.
    fn calm(&mut self) {}
}
