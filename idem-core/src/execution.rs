//! What a running body may know of its own execution.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::engine::Lease;
use crate::{Claim, Fence, Key};

/// A running execution, as its body sees it.
#[derive(Clone)]
pub struct Execution {
    right: Right,
}

/// What a body executes under.
#[derive(Clone)]
enum Right {
    /// A claim under a lease.
    Leased(Arc<Lease>),
    /// A claim inside the caller's transaction, which cannot be lost.
    Joined(Arc<Claim>),
}

impl Execution {
    pub(crate) fn leased(lease: Arc<Lease>) -> Self {
        Self { right: Right::Leased(lease) }
    }

    pub(crate) fn joined(claim: Claim) -> Self {
        Self { right: Right::Joined(Arc::new(claim)) }
    }

    /// The key of this execution.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.claim().key
    }

    /// A number that grows with every claim of this key. A downstream system that remembers the greatest it has seen can
    /// refuse an execution whose claim was taken over.
    #[must_use]
    pub fn fence(&self) -> Fence {
        self.claim().fence
    }

    /// The number of this attempt, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.claim().attempt
    }

    /// An idempotency key to send to the downstream system `name`: the same in every attempt of this key, and unlike that
    /// of any other key, scope or name. It has the form of a UUID (version 8 of RFC 9562), and is a hash, so that it
    /// tells nothing of the key.
    #[must_use]
    pub fn downstream_key(&self, name: &str) -> String {
        let key = self.key();
        let mut hash = Sha256::new_with_prefix("idem downstream key 1");
        for part in [key.scope().as_str(), key.text(), name] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        bytes[6] = 0x80 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        let hex = crate::hex::encode(&bytes);
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// Says that from here on nobody knows what this body did, unless it returns a value or an error that is kept: it is about
    /// to call something that may take effect and not answer. If it then returns another error, panics or is dropped, no
    /// call runs the key again, under no policy, until an operator has [resolved](crate::Store::resolve) it.
    ///
    /// In the caller's transaction it changes nothing: what is rolled back did not happen.
    pub fn mark_unknown(&self) {
        if let Right::Leased(lease) = &self.right {
            lease.mark_unknown();
        }
    }

    /// Whether the claim was lost: its lease ran out, and somebody else holds it. For a body that blocks its thread; an
    /// async one is dropped at its next await.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        match &self.right {
            Right::Leased(lease) => lease.is_lost(),
            Right::Joined(_) => false,
        }
    }

    /// Waits until the claim is lost. For work that the body handed to another task.
    pub async fn lost(&self) {
        match &self.right {
            Right::Leased(lease) => lease.lost().await,
            Right::Joined(_) => std::future::pending().await,
        }
    }

    fn claim(&self) -> &Claim {
        match &self.right {
            Right::Leased(lease) => lease.claim(),
            Right::Joined(claim) => claim,
        }
    }
}

impl fmt::Debug for Execution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Execution")
            .field("scope", self.key().scope())
            .field("fence", &self.fence())
            .field("attempt", &self.attempt())
            .finish_non_exhaustive()
    }
}
