//! A store on a pool: every statement is a transaction of its own, whoever waits holds no connection, and every call ends
//! in time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use idem_core::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, IssueDecision, Key, Listener, Observed, Outcome,
    Resolution, Store, StoreError,
};
use sqlx::{Connection as _, Pool};

use crate::backend::{Backend, Failed, Within, warn_of_a_transaction_of_nobody};
use crate::borrowed::{Borrowed, Deadline};
use crate::error::{Meaning, connection_error, store_error};
use crate::races::Races;
use crate::records::{Records, Step, Write};
use crate::renewing;
use crate::spare::Spare;
use crate::transaction::held;
use crate::turns::{Turn, Turns};

/// How long a call takes at most, unless the application says otherwise.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The records of one table, through a pool. Cheap to clone: its parts are shared.
pub(crate) struct Pooled<B: Backend> {
    pub(crate) pool: Pool<B::Database>,
    pub(crate) records: Arc<Records<B>>,
    pub(crate) limit: Duration,
    /// For renewals, which the thread of the engine sends.
    pub(crate) renewals: Arc<Spare<B::Database>>,
    /// For all other writes of those who hold a claim, when the pool has no connection for them.
    endings: Arc<Spare<B::Database>>,
    /// Where the database has one writer at a time.
    turns: Option<Arc<Turns>>,
}

/// A connection to write on, in turn.
pub(crate) struct Writing<'a, B: Backend> {
    pub(crate) connection: Borrowed<B::Database>,
    _turn: Turn<'a>,
}

impl<B: Backend> Pooled<B> {
    pub(crate) fn new(pool: Pool<B::Database>, records: Records<B>) -> Self {
        Self {
            pool,
            records: Arc::new(records),
            limit: TIME_LIMIT,
            renewals: Arc::default(),
            endings: Arc::default(),
            turns: B::ONE_WRITER.then(|| Arc::new(Turns::new())),
        }
    }

    /// The same store, whose calls take no longer than `limit`.
    pub(crate) fn within(&self, limit: Duration) -> Self {
        Self {
            pool: self.pool.clone(),
            records: Arc::clone(&self.records),
            limit,
            renewals: Arc::clone(&self.renewals),
            endings: Arc::clone(&self.endings),
            turns: self.turns.clone(),
        }
    }

    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::after(self.limit)
    }

    pub(crate) async fn connection(&self, deadline: Deadline) -> Result<Borrowed<B::Database>, StoreError> {
        let connection = held::acquire(&self.pool).await;
        Ok(Borrowed::new(connection.map_err(|error| connection_error(error, B::meaning))?, deadline))
    }

    /// A connection to write on, for one who holds no claim.
    pub(crate) async fn writing(&self, deadline: Deadline) -> Result<Writing<'_, B>, StoreError> {
        held::check_writer(&self.pool).map_err(|error| store_error(error, B::meaning))?;
        let Some(turns) = &self.turns else {
            return Ok(Writing { connection: self.connection(deadline).await?, _turn: Turn::default() });
        };
        let first = turns.first(self.pool.options().get_acquire_timeout()).await?;
        let connection = self.connection(deadline).await?;
        Ok(Writing { connection, _turn: turns.writer(first).await })
    }

    /// The same connection to write on, unless this process would have to queue with it.
    async fn write_on<'a>(&'a self, reading: Writing<'a, B>, deadline: Deadline) -> Result<Writing<'a, B>, StoreError> {
        if self.turns.is_none() {
            return Ok(reading);
        }
        drop(reading);
        self.writing(deadline).await
    }

    /// A connection to write on, for one who holds a claim and waits for nobody who does not.
    async fn ending(&self, deadline: Deadline) -> Result<Writing<'_, B>, StoreError> {
        let all_are_out = self.pool.num_idle() == 0 && self.pool.size() >= self.pool.options().get_max_connections();
        let spare = all_are_out.then(|| self.endings.of::<B>(&self.pool)).flatten();
        let connection = match spare {
            Some(spare) => spare.after(&self.pool).await,
            None => self.endings.or::<B>(&self.pool).await,
        };
        let connection = connection.map_err(|error| connection_error(error, B::meaning))?;
        Ok(self.in_turn(Borrowed::new(connection, deadline)).await)
    }

    /// A connection of a holder, when it is to write.
    pub(crate) async fn in_turn(&self, connection: Borrowed<B::Database>) -> Writing<'_, B> {
        let turn = match &self.turns {
            Some(turns) => turns.holder().await,
            None => Turn::default(),
        };
        Writing { connection, _turn: turn }
    }

    async fn claim_once(
        &self,
        request: &ClaimRequest,
        races: &mut Races,
        deadline: Deadline,
    ) -> Result<Option<ClaimDecision>, StoreError> {
        // Who has lost a race looks when it is its turn: what was seen before the queue may be old each time.
        let is_in_turn = races.is_late() && self.turns.is_some();
        let mut reading = if is_in_turn {
            self.writing(deadline).await?
        } else {
            Writing { connection: self.connection(deadline).await?, _turn: Turn::default() }
        };
        let (claim, found) = match self.records.ask(&mut reading.connection, request, Within::Itself).await {
            Ok(Step::Acquire(claim, found)) => (claim, found),
            Ok(Step::Decided(decision)) => return Ok(Some(decision)),
            Ok(Step::Raced) => return Ok(races.unseen()),
            Err(failed) => return self.failed(&mut reading.connection, failed, races).await,
        };
        let statements = self.records.backend.statements(Within::Itself);
        let mut writing = if is_in_turn { reading } else { self.write_on(reading, deadline).await? };
        match self.records.acquire(&mut writing.connection, request, claim, &found, statements).await {
            Ok(None) if found.record.is_none() => Ok(races.unseen()),
            Ok(decision) => Ok(decision),
            Err(failed) => self.failed(&mut writing.connection, failed, races).await,
        }
    }

    async fn write(&self, claim: &Claim, write: Write<'_>) -> Result<(), StoreError> {
        let deadline = self.deadline();
        let call = async {
            let mut races = Races::of(&self.pool);
            while races.go_on() {
                let mut on = self.ending(deadline).await?;
                if let Some(answer) = self.write_once(&mut on, claim, &write, &mut races).await? {
                    return answer;
                }
            }
            Err(races.lost::<B>(&self.records.table))
        };
        deadline.of(call).await.unwrap_or_else(|| Err(no_answer(deadline)))
    }

    /// A write by the holder of `claim`; `None` if it is to be repeated.
    pub(crate) async fn write_once(
        &self,
        on: &mut Writing<'_, B>,
        claim: &Claim,
        write: &Write<'_>,
        races: &mut Races,
    ) -> Result<Option<Result<(), StoreError>>, StoreError> {
        match self.records.write_once(&mut on.connection, claim, write, Within::Itself).await {
            Ok(None) => Ok(races.unwritten()),
            Ok(answer) => Ok(answer),
            Err(failed) => self.failed(&mut on.connection, failed, races).await,
        }
    }

    /// Nothing, if it may help to run the statement again; else why it failed.
    ///
    /// A call that is repeated finds what the call before it did, so that it is repeated also where nobody knows what that
    /// was. After a failover, every connection of the pool is one of the server before: each is closed when that shows.
    pub(crate) async fn failed<T>(
        &self,
        on: &mut Borrowed<B::Database>,
        failed: Failed,
        races: &mut Races,
    ) -> Result<Option<T>, StoreError> {
        if let Failed::Sqlx(error) = &failed
            && B::is_in_a_transaction(error)
        {
            warn_of_a_transaction_of_nobody();
            on.spoil();
            return Ok(None);
        }
        let goes_on = match Records::<B>::meaning(&failed) {
            Some(Meaning::Conflict) => true,
            Some(Meaning::Stale) if races.may_clear() => on.clear_cached_statements().await.is_ok(),
            Some(meaning) if meaning.ends_session() => {
                on.spoil();
                races.may_reconnect()
            }
            _ => false,
        };
        if goes_on {
            return Ok(None);
        }
        Err(self.records.explain(on, failed).await)
    }
}

/// The call may have taken effect, or still do so.
pub(crate) fn no_answer(deadline: Deadline) -> StoreError {
    StoreError::unavailable(format!("no answer within the time limit of {:?}", deadline.limit()))
}

#[async_trait]
impl<B: Backend> Store for Pooled<B> {
    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        let deadline = self.deadline();
        let call = async {
            let mut races = Races::of(&self.pool);
            while races.go_on() {
                if let Some(decision) = self.claim_once(request, &mut races, deadline).await? {
                    return Ok(decision);
                }
            }
            Err(races.lost::<B>(&self.records.table))
        };
        deadline.of(call).await.unwrap_or_else(|| Err(no_answer(deadline)))
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        renewing::one(self, claim, lease).await
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        renewing::all(self, extensions).await
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

    /// Not repeated after a lost answer: it would find the key taken, by itself.
    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        let deadline = self.deadline();
        let call = async {
            let mut races = Races::without_reconnecting();
            while races.go_on() {
                let mut on = self.writing(deadline).await?;
                let issued = match self.records.issue(&mut on.connection, key, lifetime).await {
                    Ok(issued) => issued,
                    Err(failed) => self.failed(&mut on.connection, failed, &mut races).await?,
                };
                if let Some(decision) = issued {
                    return Ok(decision);
                }
            }
            Err(races.lost::<B>(&self.records.table))
        };
        deadline.of(call).await.unwrap_or_else(|| Err(no_answer(deadline)))
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        let deadline = self.deadline();
        let call = async {
            let mut races = Races::of(&self.pool);
            while races.go_on() {
                let mut on = self.connection(deadline).await?;
                match self.records.find(&mut on, key, Within::Itself).await {
                    Ok(found) => return Ok(found.observed()),
                    Err(failed) => self.failed::<()>(&mut on, failed, &mut races).await?,
                };
            }
            Err(races.lost::<B>(&self.records.table))
        };
        deadline.of(call).await.unwrap_or_else(|| Err(no_answer(deadline)))
    }

    /// Not repeated after a lost answer: it would find nothing left to resolve.
    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        resolution.check()?;
        let deadline = self.deadline();
        let call = async {
            let mut races = Races::without_reconnecting();
            while races.go_on() {
                let mut on = self.writing(deadline).await?;
                match self.records.resolve(&mut on.connection, key, claim_id, resolution).await {
                    Ok(answer) => return answer,
                    Err(failed) => self.failed::<()>(&mut on.connection, failed, &mut races).await?,
                };
            }
            Err(races.lost::<B>(&self.records.table))
        };
        deadline.of(call).await.unwrap_or_else(|| Err(no_answer(deadline)))
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        let deadline = self.deadline();
        let call = async {
            let mut races = Races::without_reconnecting();
            while races.go_on() {
                let mut on = self.writing(deadline).await?;
                match self.records.backend.purge(&self.records, &mut on.connection, limit).await {
                    Ok(removed) => return Ok(removed),
                    Err(failed) => self.failed::<()>(&mut on.connection, failed, &mut races).await?,
                };
            }
            Err(races.lost::<B>(&self.records.table))
        };
        deadline.of(call).await.unwrap_or_else(|| Err(no_answer(deadline)))
    }

    fn listen(&self, _key: &Key) -> Option<Box<dyn Listener>> {
        None
    }
}
