//! The same call, made safe to retry by each contender, in memory.
//!
//! Each is used as its own documentation shows, in its fastest form: `idempotent` without `keep_alive` (idem always
//! renews), and with its own typed fingerprint.

use std::sync::Arc;
use std::time::Duration;

use cached::Cached;
use cached::macros::cached;
use idempotent::IdempotencyStore;

use crate::orders::{Order, Receipt, charge};

const LEASE: Duration = Duration::from_secs(30);
const RETENTION: Duration = Duration::from_hours(24);

/// A way to call [`charge`] that is safe to retry.
pub trait Contender: Clone + Send + Sync + 'static {
    /// Its name in the table.
    const NAME: &str;

    /// One that remembers nothing.
    fn fresh() -> impl Future<Output = Self> + Send;

    /// Charges, or answers what was answered before.
    fn call(&self, order: &Order) -> impl Future<Output = Receipt> + Send;
}

/// No protection at all: what the body itself costs.
#[derive(Debug, Clone)]
pub struct Body;

impl Contender for Body {
    const NAME: &str = "the body alone";

    async fn fresh() -> Self {
        Self
    }

    async fn call(&self, order: &Order) -> Receipt {
        charge(order).await.expect("charges")
    }
}

/// idem's attribute.
#[derive(Debug, Clone)]
pub struct Attribute(idem::MemoryStore);

impl Attribute {
    #[idem::idempotent(store = self.0, scope = "bench.charge", key = order.id)]
    async fn charge(&self, order: &Order) -> Result<Receipt, idem::Error> {
        charge(order).await.map_err(never)
    }
}

impl Contender for Attribute {
    const NAME: &str = "`#[idempotent]`";

    async fn fresh() -> Self {
        Self(idem::MemoryStore::new())
    }

    async fn call(&self, order: &Order) -> Receipt {
        self.charge(order).await.expect("charges")
    }
}

/// idem's attribute with a fingerprint.
#[derive(Debug, Clone)]
pub struct AttributeFingerprint(idem::MemoryStore);

impl AttributeFingerprint {
    #[idem::idempotent(store = self.0, scope = "bench.charge_checked", key = order.id, fingerprint = order)]
    async fn charge_checked(&self, order: &Order) -> Result<Receipt, idem::Error> {
        charge(order).await.map_err(never)
    }
}

impl Contender for AttributeFingerprint {
    const NAME: &str = "`#[idempotent]`, fingerprint";

    async fn fresh() -> Self {
        Self(idem::MemoryStore::new())
    }

    async fn call(&self, order: &Order) -> Receipt {
        self.charge_checked(order).await.expect("charges")
    }
}

/// idem's plain API.
#[derive(Debug, Clone)]
pub struct Plain(idem::MemoryStore);

impl Contender for Plain {
    const NAME: &str = "`Operation::run`";

    async fn fresh() -> Self {
        Self(idem::MemoryStore::new())
    }

    async fn call(&self, order: &Order) -> Receipt {
        idem::Operation::new("bench.charge", &order.id)
            .run(&self.0, async |_| charge(order).await.map_err(never))
            .await
            .expect("charges")
            .into_inner()
    }
}

fn never(never: std::convert::Infallible) -> idem::Error {
    match never {}
}

/// `idempotent`, whose fingerprint is not optional: that of nothing.
#[derive(Debug, Clone)]
pub struct Idempotent(idempotent::memory::MemoryStore);

impl Contender for Idempotent {
    const NAME: &str = "`idempotent` 2.0";

    async fn fresh() -> Self {
        Self(idempotent::memory::MemoryStore::builder().try_build().expect("builds"))
    }

    async fn call(&self, order: &Order) -> Receipt {
        replayed(&self.0, order, b"").await
    }
}

/// `idempotent` with the fingerprint of the order.
#[derive(Debug, Clone)]
pub struct IdempotentFingerprint(idempotent::memory::MemoryStore);

impl Contender for IdempotentFingerprint {
    const NAME: &str = "`idempotent` 2.0, fingerprint";

    async fn fresh() -> Self {
        Self(idempotent::memory::MemoryStore::builder().try_build().expect("builds"))
    }

    async fn call(&self, order: &Order) -> Receipt {
        replayed(&self.0, order, &idempotent::fingerprint::body(order)).await
    }
}

async fn replayed(store: &idempotent::memory::MemoryStore, order: &Order, fingerprint: &[u8]) -> Receipt {
    use idempotent::ExecutionOutcome::{Executed, Replayed};

    let key = idempotent::IdempotencyKey::new(order.id.as_str()).expect("a key");
    let outcome = store
        .claim(&key, LEASE)
        .fingerprint("bench.charge", fingerprint)
        .json()
        .execute_or_replay(RETENTION, async |_| charge(order).await.map_err(Into::into))
        .await;
    match outcome {
        Ok(Executed(receipt) | Replayed(receipt)) => receipt,
        _ => unreachable!("distinct keys never meet"),
    }
}

/// `cached`, which claims nothing and encodes nothing.
#[derive(Debug, Clone)]
pub struct CachedAttribute;

impl Contender for CachedAttribute {
    const NAME: &str = "`cached` 4.1, async";

    async fn fresh() -> Self {
        CACHED_CHARGE.write().await.cache_clear();
        Self
    }

    async fn call(&self, order: &Order) -> Receipt {
        cached_charge(order).await.expect("charges")
    }
}

#[cached(name = "CACHED_CHARGE", ttl_secs = 86400, key = "String", convert = r#"{ order.id.clone() }"#)]
async fn cached_charge(order: &Order) -> Result<Receipt, Arc<idem::Error>> {
    charge(order).await.map_err(|error| Arc::new(never(error)))
}
