//! A caller that goes away.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Polls until the future has been pending so often, and drops it then. Whether it was ready before.
pub(crate) async fn dropped_after<T>(pending: u32, future: impl Future<Output = T>) -> bool {
    let mut future = pin!(future);
    for _ in 0..pending {
        let mut context = Context::from_waker(Waker::noop());
        match future.as_mut().poll(&mut context) {
            Poll::Ready(_) => return true,
            Poll::Pending => tokio::time::sleep(Duration::from_micros(300)).await,
        }
    }
    false
}
