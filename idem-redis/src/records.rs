//! What the store does with its records: a script each, and where that cannot decide, the pure decision and a second one.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use idem_core::decision::{HolderWrite, Holding, decide_claim, decide_issue, decide_write};
use idem_core::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, IssueDecision, Key, Listener, Observed, Origin, Outcome,
    Resolution, Store, StoreError,
};
use redis::{RedisError, RedisResult, Value};

use crate::arguments::{self, Who};
use crate::connection::RedisConnection;
use crate::error::{is_unknown_script, store_error};
use crate::key::Prefix;
use crate::purge::Cursors;
use crate::record::{self, Found, Reply, Written};
use crate::replicas::Replicas;
use crate::script::{self, Script};

/// How long a call may take, not counting the time to wait for replicas.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How often a race is lost before the caller is told to try again. Each time, somebody else got on.
const MOST_RACES: u32 = 16;

/// The records under one prefix.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    pub(crate) connection: RedisConnection,
    pub(crate) prefix: Prefix,
    pub(crate) replicas: Option<Replicas>,
    pub(crate) cursors: Arc<Cursors>,
}

/// What a script answered, and whether the replicas have what it found or wrote.
struct Answer {
    reply: Reply,
    replicated: Result<(), StoreError>,
}

impl Records {
    pub(crate) fn new(connection: RedisConnection) -> Self {
        Self { connection, prefix: Prefix::default(), replicas: None, cursors: Arc::default() }
    }

    /// Runs a script that writes nothing.
    async fn look(&self, key: &Key) -> Result<Found, StoreError> {
        let none: [&str; 0] = [];
        let value = self.run(&script::FIND, self.prefix.name(key), &none, None).await?.0;
        match record::read(&value, key)? {
            Reply::Found(found) => Ok(found),
            Reply::Written(_) => Err(record::not_ours()),
        }
    }

    /// Runs a script that may write.
    async fn write(&self, script: &Script, key: &Key, arguments: &[Cow<'_, str>]) -> Result<Answer, StoreError> {
        let bytes: Vec<&[u8]> = arguments.iter().map(|argument| argument.as_bytes()).collect();
        let (value, replicated) = self.run(script, self.prefix.name(key), &bytes, self.replicas).await?;
        Ok(Answer { reply: record::read(&value, key)?, replicated })
    }

    /// Runs a script, which the server may have to be told first.
    pub(crate) async fn run<A: AsRef<[u8]>>(
        &self,
        script: &Script,
        name: impl AsRef<[u8]>,
        arguments: &[A],
        replicas: Option<Replicas>,
    ) -> Result<(Value, Result<(), StoreError>), StoreError> {
        let send = async |command| match replicas {
            None => Ok((self.connection.send(command).await?, Ok(()))),
            Some(replicas) => {
                let (value, waited) = self.connection.send_both(command, replicas.wait()).await?;
                Ok::<_, RedisError>((value, replicas.check(waited)))
            }
        };
        let name = name.as_ref();
        let extra = replicas.map_or(Duration::ZERO, |replicas| replicas.timeout);
        bounded(PATIENCE + extra, async {
            match send(script.by_hash(name, arguments)).await {
                Err(error) if is_unknown_script(&error) => send(script.by_code(name, arguments)).await,
                answer => answer,
            }
        })
        .await
    }

    /// Applies a write by the holder of `claim`.
    async fn write_as_holder(
        &self,
        script: &Script,
        claim: &Claim,
        kind: HolderWrite,
        arguments: &[Cow<'_, str>],
    ) -> Result<(), StoreError> {
        for _ in 0..MOST_RACES {
            let answer = self.write(script, &claim.key, arguments).await?;
            let Reply::Found(found) = answer.reply else { return answer.replicated };
            match decide_write(found.record.as_ref(), claim.claim_id, kind) {
                // The script saw another record than it returned, which only a script that was changed does.
                Holding::Held => {}
                Holding::Repeated => return answer.replicated,
                Holding::Lost => return Err(StoreError::claim_lost()),
            }
        }
        Err(too_many_races())
    }
}

/// An error after `patience`, whatever the connection does.
pub(crate) async fn bounded<T>(
    patience: Duration,
    call: impl Future<Output = RedisResult<T>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(patience, call).await {
        Ok(answer) => answer.map_err(store_error),
        Err(_) => Err(StoreError::unavailable(format!("Redis did not answer within {patience:?}"))),
    }
}

/// Others wrote the same record each time.
fn too_many_races() -> StoreError {
    StoreError::unavailable("others wrote the same record each time; try again")
}

#[async_trait]
impl Store for Records {
    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        let mut arguments = arguments::issue(lifetime);
        for _ in 0..MOST_RACES {
            let answer = self.write(&script::ISSUE, key, &arguments).await?;
            let Reply::Found(Found { record, now }) = answer.reply else {
                return answer.replicated.map(|()| IssueDecision::Issued);
            };
            match (decide_issue(record.as_ref(), now), record) {
                (IssueDecision::Issued, Some(record)) => {
                    arguments.truncate(1);
                    arguments.extend(arguments::as_found(&record));
                }
                // Redis removed it, or somebody purged it, since the script read it.
                (IssueDecision::Issued, None) => {}
                (taken, _) => return Ok(taken),
            }
        }
        Err(too_many_races())
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        let asked = arguments::claim(request);
        let mut arguments = vec![asked.as_str().into()];
        let mut decided: Option<Claim> = None;
        for _ in 0..MOST_RACES {
            let answer = self.write(&script::CLAIM, &request.key, &arguments).await?;
            let found = match answer.reply {
                Reply::Written(said) => {
                    let claim = written(request, decided, said)?;
                    return answer.replicated.map(|()| ClaimDecision::Acquired(claim));
                }
                Reply::Found(found) => found,
            };
            match (decide_claim(found.record.as_ref(), found.now, request), &found.record) {
                (ClaimDecision::Acquired(claim), Some(record)) => {
                    arguments = arguments::decided(&asked, &claim, record, &found);
                    decided = Some(claim);
                }
                (ClaimDecision::Acquired(_), None) => {}
                (decision, _) => return Ok(decision),
            }
        }
        Err(too_many_races())
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        let arguments = arguments::extend(claim, lease);
        let connection = bounded(PATIENCE, self.connection.for_renewals()).await?;
        let renewing = Self { connection, ..self.clone() };
        renewing.write_as_holder(&script::EXTEND, claim, HolderWrite::Extend, &arguments).await
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        let mut answers = Vec::with_capacity(extensions.len());
        for Extension { claim, lease } in extensions {
            answers.push(self.extend(claim, *lease).await);
        }
        answers
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        let arguments = arguments::finish(Who::Holder, claim.claim_id, outcome, retention);
        self.write_as_holder(&script::FINISH, claim, HolderWrite::Complete, &arguments).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let arguments = arguments::end(Who::Holder, claim.claim_id);
        self.write_as_holder(&script::RELEASE, claim, HolderWrite::Release, &arguments).await
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        let arguments = arguments::abandon(claim);
        self.write_as_holder(&script::EXTEND, claim, HolderWrite::Abandon, &arguments).await
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        Ok(self.look(key).await?.observed())
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        let (script, arguments) = match resolution {
            Resolution::Rerun => (&script::RELEASE, arguments::end(Who::Operator, claim_id)),
            Resolution::Finish { outcome, retention } => {
                (&script::FINISH, arguments::finish(Who::Operator, claim_id, outcome, *retention))
            }
        };
        let answer = self.write(script, key, &arguments).await?;
        match answer.reply {
            Reply::Written(_) => answer.replicated,
            Reply::Found(_) => Err(StoreError::claim_lost()),
        }
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        self.purge(limit).await
    }

    fn listen(&self, key: &Key) -> Option<Box<dyn Listener>> {
        self.connection.channels.as_ref()?.listen(self.prefix.name(key))
    }
}

/// The claim that the script wrote: the one that was decided, unless the key turned out to be free.
fn written(request: &ClaimRequest, decided: Option<Claim>, said: Option<Written>) -> Result<Claim, StoreError> {
    let Written { fence, decided: as_decided } = said.ok_or_else(record::not_ours)?;
    Ok(match decided {
        Some(claim) if as_decided => Claim { fence, ..claim },
        _ => Claim { key: request.key.clone(), claim_id: request.claim_id, fence, attempt: 1, origin: Origin::Free },
    })
}
