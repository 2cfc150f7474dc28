//! A store on a pool: every statement is a transaction of its own, and whoever waits holds no connection.

use std::time::Duration;

use async_trait::async_trait;
use idem_core::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, IssueDecision, Key, Listener, Observed, Outcome,
    Resolution, Store, StoreError,
};
use sqlx::Pool;
use sqlx::pool::PoolConnection;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::backend::{Backend, Failed, Within, warn_of_a_transaction_of_nobody};
use crate::error::store_error;
use crate::records::{MOST_RACES, Records, Step, Write, too_many_races};
use crate::spare::{self, Spare};
use crate::table::Table;

/// The records of one table, through a pool.
pub(crate) struct Pooled<B: Backend> {
    pub(crate) pool: Pool<B::Database>,
    pub(crate) records: Records<B>,
    /// For renewals that find no connection here, see [`Spare`].
    spare: Spare<B::Database>,
    /// Writers queue here where the database has one writer at a time, and would have them sleep and try again.
    writer: Option<Semaphore>,
}

/// A connection on which this process is the one that writes.
pub(crate) struct Writing<'a, B: Backend> {
    pub(crate) connection: PoolConnection<B::Database>,
    _turn: Option<SemaphorePermit<'a>>,
}

impl<B: Backend> Pooled<B> {
    pub(crate) fn new(pool: Pool<B::Database>, backend: B, table: Table) -> Self {
        let writer = B::ONE_WRITER.then(|| Semaphore::new(1));
        Self { pool, records: Records::new(backend, table), spare: Spare::default(), writer }
    }

    pub(crate) async fn connection(&self) -> Result<PoolConnection<B::Database>, StoreError> {
        connection_of::<B>(&self.pool).await
    }

    /// A connection to write on.
    pub(crate) async fn writing(&self) -> Result<Writing<'_, B>, StoreError> {
        self.writing_in(&self.pool).await
    }

    async fn writing_in(&self, pool: &Pool<B::Database>) -> Result<Writing<'_, B>, StoreError> {
        let turn = self.turn().await?;
        Ok(Writing { connection: connection_of::<B>(pool).await?, _turn: turn })
    }

    /// The same connection to write on, unless this process would have to queue with it.
    async fn write_on(&self, connection: PoolConnection<B::Database>) -> Result<Writing<'_, B>, StoreError> {
        if self.writer.is_none() {
            return Ok(Writing { connection, _turn: None });
        }
        drop(connection);
        self.writing().await
    }

    /// Waits to be the one that writes in this process, before it takes a connection: those who wait hold none. As long
    /// as it would wait for a connection at most, since the one before may be waiting for one.
    async fn turn(&self) -> Result<Option<SemaphorePermit<'_>>, StoreError> {
        let Some(writer) = &self.writer else { return Ok(None) };
        if let Ok(turn) = writer.try_acquire() {
            return Ok(Some(turn));
        }
        let longest = self.pool.options().get_acquire_timeout();
        match tokio::time::timeout(longest, writer.acquire()).await {
            Ok(Ok(turn)) => Ok(Some(turn)),
            // The semaphore is never closed.
            Ok(Err(closed)) => Err(StoreError::unavailable(closed)),
            Err(elapsed) => Err(StoreError::unavailable(elapsed)),
        }
    }

    async fn claim_once(&self, request: &ClaimRequest) -> Result<Option<ClaimDecision>, StoreError> {
        let mut reading = self.connection().await?;
        let (claim, found) = match self.records.ask(&mut reading, request, Within::Itself).await {
            Ok(Step::Acquire(claim, found)) => (claim, found),
            Ok(Step::Decided(decision)) => return Ok(Some(decision)),
            Ok(Step::Raced) => return Ok(None),
            Err(failed) => return self.raced(&mut reading, failed).await,
        };
        let statements = self.records.backend.statements(Within::Itself);
        let mut writing = self.write_on(reading).await?;
        match self.records.acquire(&mut writing.connection, request, claim, &found, statements).await {
            Ok(decision) => Ok(decision),
            Err(failed) => self.raced(&mut writing.connection, failed).await,
        }
    }

    async fn write(&self, claim: &Claim, write: Write<'_>) -> Result<(), StoreError> {
        self.write_in(&self.pool, claim, write).await
    }

    async fn write_in(&self, pool: &Pool<B::Database>, claim: &Claim, write: Write<'_>) -> Result<(), StoreError> {
        for _ in 0..MOST_RACES {
            let mut on = self.writing_in(pool).await?;
            let written = match self.records.write_once(&mut on.connection, claim, &write, Within::Itself).await {
                Ok(written) => written,
                Err(failed) => self.raced(&mut on.connection, failed).await?,
            };
            if let Some(answer) = written {
                return answer;
            }
        }
        Err(too_many_races())
    }

    /// Nothing, if the statement lost a race that can be run again, or was on a connection that is no good; else why it failed.
    async fn raced<T>(&self, on: &mut PoolConnection<B::Database>, failed: Failed) -> Result<Option<T>, StoreError> {
        if Records::<B>::is_conflict(&failed) {
            return Ok(None);
        }
        if let Failed::Sqlx(error) = &failed
            && B::is_in_a_transaction(error)
        {
            warn_of_a_transaction_of_nobody();
            on.close_on_drop();
            return Ok(None);
        }
        Err(self.records.explain(on, failed).await)
    }
}

async fn connection_of<B: Backend>(pool: &Pool<B::Database>) -> Result<PoolConnection<B::Database>, StoreError> {
    pool.acquire().await.map_err(|error| store_error(error, B::meaning))
}

#[async_trait]
impl<B: Backend> Store for Pooled<B> {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        for _ in 0..MOST_RACES {
            if let Some(decision) = self.claim_once(request).await? {
                return Ok(decision);
            }
        }
        Err(too_many_races())
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        let renewal = self.write(claim, Write::extend(claim, lease));
        let Some(patience) = spare::patience::<B>(lease) else { return renewal.await };
        match tokio::time::timeout(patience, renewal).await {
            Ok(Err(error)) if error.is_retryable() && !self.pool.is_closed() => {}
            Ok(answer) => return answer,
            Err(_) => {}
        }
        self.write_in(self.spare.of(&self.pool), claim, Write::extend(claim, lease)).await
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        let mut answers = Vec::with_capacity(extensions.len());
        for Extension { claim, lease } in extensions {
            answers.push(self.extend(claim, *lease).await);
        }
        answers
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        self.write(claim, Write::complete(claim, outcome, retention)).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.write(claim, Write::release(claim)).await
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        self.write(claim, Write::abandon(claim)).await
    }

    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        for _ in 0..MOST_RACES {
            let mut on = self.writing().await?;
            let issued = match self.records.issue(&mut on.connection, key, lifetime).await {
                Ok(issued) => issued,
                Err(failed) => self.raced(&mut on.connection, failed).await?,
            };
            if let Some(decision) = issued {
                return Ok(decision);
            }
        }
        Err(too_many_races())
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        for _ in 0..MOST_RACES {
            let mut on = self.connection().await?;
            match self.records.find(&mut on, key, Within::Itself).await {
                Ok(found) => return Ok(found.observed()),
                Err(failed) => self.raced::<()>(&mut on, failed).await?,
            };
        }
        Err(too_many_races())
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        for _ in 0..MOST_RACES {
            let mut on = self.writing().await?;
            match self.records.resolve(&mut on.connection, key, claim_id, resolution).await {
                Ok(answer) => return answer,
                Err(failed) => self.raced::<()>(&mut on.connection, failed).await?,
            };
        }
        Err(too_many_races())
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        for _ in 0..MOST_RACES {
            let mut on = self.writing().await?;
            match self.records.backend.purge(&self.records, &mut on.connection, limit).await {
                Ok(removed) => return Ok(removed),
                Err(failed) => self.raced::<()>(&mut on.connection, failed).await?,
            };
        }
        Err(too_many_races())
    }

    fn listen(&self, _key: &Key) -> Option<Box<dyn Listener>> {
        None
    }
}
