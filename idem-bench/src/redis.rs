//! The same call, made safe to retry by each contender, on one Redis server. Each has a connection of its own.

use std::time::Duration;

use idem::{
    Abandoned, Admission, ClaimDecision, ClaimId, ClaimRequest, Fingerprint, Key, Operation, Scope, Store as _,
};
use idem_redis::RedisStore;
use idempotent::IdempotencyStore as _;
use idempotent::valkey::ValkeyStore;
use redis::aio::ConnectionManager;

use crate::by_hand::BoxError;
use crate::orders::{Order, Receipt, charge};

const LEASE: Duration = Duration::from_secs(30);
/// Longer than a measurement takes, and short: what was measured is soon gone from the server.
const RETENTION: Duration = Duration::from_mins(10);

/// Who protects the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    /// Commands alone: no fingerprint, no fence, no renewal, and whoever is late overwrites his successor.
    Bare,
    /// `idempotent`'s store for Valkey and Redis.
    Idempotent,
    /// idem.
    Idem,
}

impl Contender {
    /// In the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Bare, Self::Idempotent, Self::Idem];

    /// Its name in the table.
    #[must_use]
    pub fn name(self, call: Call) -> &'static str {
        match (self, call) {
            (Self::Bare, Call::Claim) => "`SET NX GET`",
            (Self::Bare, Call::First) => "`SET NX GET`, `SET`",
            (Self::Bare, Call::Replay) => "`GET`",
            (Self::Idempotent, _) => "`idempotent` 2.0",
            (Self::Idem, _) => "idem",
        }
    }
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// A claim of a free key and nothing else: the store without what is around it.
    Claim,
    /// A whole call that executes.
    First,
    /// A whole call that was made before.
    Replay,
}

impl Call {
    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Claim => "claim alone",
            Self::First => "first call",
            Self::Replay => "replay",
        }
    }
}

/// All of them, connected.
#[derive(Debug, Clone)]
pub struct Contenders {
    bare: Bare,
    idempotent: ValkeyStore,
    idem: RedisStore,
}

impl Contenders {
    /// Connects to this server.
    ///
    /// # Errors
    ///
    /// If it does not answer.
    pub async fn connect(url: &str) -> Result<Self, BoxError> {
        Ok(Self {
            bare: Bare(redis::Client::open(url)?.get_connection_manager().await?),
            idempotent: ValkeyStore::with_url(url).prefix("bench").try_build().await?,
            idem: RedisStore::connect(url).await?,
        })
    }

    /// Makes the call.
    ///
    /// # Errors
    ///
    /// If it fails, or was not answered as such a call is.
    pub async fn call(&self, contender: Contender, call: Call, order: &Order) -> Result<(), BoxError> {
        if call == Call::Claim {
            return match contender {
                Contender::Bare => only(self.bare.claim(order).await?),
                Contender::Idempotent => idempotent_claim(&self.idempotent, order).await,
                Contender::Idem => idem_claim(&self.idem, order).await,
            };
        }
        let receipt = match contender {
            Contender::Bare => self.bare.call(call, order).await?,
            Contender::Idempotent => idempotent_call(&self.idempotent, order).await?,
            Contender::Idem => idem_call(&self.idem, order).await?,
        };
        only(receipt.order == order.id)
    }
}

fn only(as_it_should_be: bool) -> Result<(), BoxError> {
    if as_it_should_be { Ok(()) } else { Err("the key was used, or is not that of the receipt".into()) }
}

/// Three commands.
#[derive(Clone)]
struct Bare(ConnectionManager);

impl std::fmt::Debug for Bare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bare").finish_non_exhaustive()
    }
}

impl Bare {
    async fn claim(&self, order: &Order) -> Result<bool, BoxError> {
        let mut set = redis::cmd("SET");
        set.arg(key(order)).arg("running").arg("NX").arg("GET").arg("PX").arg(milliseconds(LEASE));
        let found: Option<Vec<u8>> = set.query_async(&mut self.0.clone()).await?;
        Ok(found.is_none())
    }

    async fn call(&self, call: Call, order: &Order) -> Result<Receipt, BoxError> {
        if call == Call::Replay {
            let found: Vec<u8> = redis::cmd("GET").arg(key(order)).query_async(&mut self.0.clone()).await?;
            return Ok(serde_json::from_slice(&found)?);
        }
        only(self.claim(order).await?)?;
        let receipt = charge(order).await?;
        let mut set = redis::cmd("SET");
        set.arg(key(order)).arg(serde_json::to_vec(&receipt)?).arg("PX").arg(milliseconds(RETENTION));
        set.query_async::<()>(&mut self.0.clone()).await?;
        Ok(receipt)
    }
}

fn key(order: &Order) -> String {
    format!("bench.charge:{}", order.id)
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

async fn idempotent_claim(store: &ValkeyStore, order: &Order) -> Result<(), BoxError> {
    let key = idempotent::IdempotencyKey::new(order.id.as_str())?;
    let fingerprint = idempotent::fingerprint::body(order);
    let claimed = store.claim(&key, LEASE).fingerprint("bench.claim", &fingerprint).try_insert().await?;
    only(matches!(claimed, idempotent::ClaimOutcome::Claimed(_)))
}

async fn idempotent_call(store: &ValkeyStore, order: &Order) -> Result<Receipt, BoxError> {
    use idempotent::ExecutionOutcome::{Executed, Replayed};

    let key = idempotent::IdempotencyKey::new(order.id.as_str())?;
    let fingerprint = idempotent::fingerprint::body(order);
    let outcome = store
        .claim(&key, LEASE)
        .fingerprint("bench.charge", &fingerprint)
        .json()
        .execute_or_replay(RETENTION, async |_| charge(order).await.map_err(Into::into))
        .await;
    match outcome {
        Ok(Executed(receipt) | Replayed(receipt)) => Ok(receipt),
        Ok(_) => Err("somebody else has the key".into()),
        Err(error) => Err(error.to_string().into()),
    }
}

async fn idem_claim(store: &RedisStore, order: &Order) -> Result<(), BoxError> {
    let request = ClaimRequest {
        key: Key::new(Scope::from_static("bench.claim"), &order.id)?,
        claim_id: ClaimId::random(),
        fingerprint: Some(Fingerprint::of(order)?),
        lease: LEASE,
        retention: RETENTION,
        abandoned: Abandoned::Rerun,
        max_attempts: None,
        admission: Admission::Open,
    };
    only(matches!(store.claim(&request).await?, ClaimDecision::Acquired(_)))
}

async fn idem_call(store: &RedisStore, order: &Order) -> Result<Receipt, BoxError> {
    let answer = Operation::new("bench.charge", &order.id)
        .fingerprint(order)
        .lease(LEASE)
        .retain(RETENTION)
        .run(store, async |_| Ok::<_, idem::Error>(charge(order).await.unwrap_or_else(|never| match never {})))
        .await?;
    Ok(answer.into_inner())
}
