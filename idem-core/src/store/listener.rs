//! How a waiter is told that a claim has ended, by a store that can tell.

use async_trait::async_trait;

/// Listens for the ends of a key's claims, until it is dropped. Made by [`Store::listen`](crate::Store::listen).
///
/// What it hears is a hint and never an answer: whoever hears it asks the store again, by a claim. Messages may come
/// twice, too early or for nothing, and may be lost: waiters go on asking now and then, however well it hears.
///
/// Dropping it gives up whatever it holds in the store and its backend, now or soon after. It may be dropped anywhere.
#[async_trait]
pub trait Listener: Send {
    /// Whether it hears now: a claim that ends from now on is told, as long as nothing breaks. While it does not, its
    /// waiter asks as often as without it.
    ///
    /// It may be `false` at first, as where the backend has yet to confirm a subscription, and again whenever the
    /// connection is gone.
    fn hears(&self) -> bool;

    /// Waits until a claim may have ended since this returned last, or until [`hears`](Self::hears) has changed.
    ///
    /// A change in either direction counts: what ended before it hears, or while it did not, was missed, so the waiter asks
    /// once more. The future may be dropped and asked for again, and nothing is lost in between.
    async fn heard(&mut self);
}
