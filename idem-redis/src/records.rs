//! What the store does with its records: a script each, and where that cannot decide, the pure decision and a second one.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::future::join_all;
use idem_core::decision::{HolderWrite, Holding, decide_claim, decide_issue, decide_write};
use idem_core::{
    Claim, ClaimDecision, ClaimId, ClaimRequest, Extension, IssueDecision, Key, Listener, Observed, Origin, Outcome,
    Resolution, Store, StoreError,
};
use redis::{Value, cmd};

use crate::arguments::{self, Who};
use crate::connection::RedisConnection;
use crate::error::{Sent, is_unknown_script, store_error};
use crate::key::Prefix;
use crate::line::{Line, Question};
use crate::purge::Cursors;
use crate::record::{self, Found, Reply, Written};
use crate::replicas::Replicas;
use crate::rights::Rights;
use crate::script::{self, Script};

/// How long a call takes at most unless the application says otherwise, not counting the time to wait for replicas.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// What a server takes in one argument unless it is told otherwise.
const LONGEST_TEXT: usize = 512 * 1024 * 1024;
/// How often a race is lost before the caller is told to try again. Each time, somebody else got on.
const MOST_RACES: u32 = 16;
/// The server's code where a key holds something else than a hash.
const WRONG_TYPE: &str = "WRONGTYPE";
/// How many renewals are on their way at once. An outcome does not wait behind more of them.
const RENEWED_TOGETHER: usize = 1_000;

/// The records under one prefix.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    pub(crate) connection: RedisConnection,
    pub(crate) prefix: Prefix,
    pub(crate) replicas: Option<Replicas>,
    pub(crate) time_limit: Duration,
    /// The longest text that the server takes: its `proto-max-bulk-len`.
    pub(crate) longest_text: usize,
    pub(crate) rights: Arc<Rights>,
    pub(crate) cursors: Arc<Cursors>,
}

/// One call of the store, which ends in time however many round trips it takes.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    records: &'a Records,
    line: &'a Line,
    pub(crate) until: Instant,
    /// Whether what is sent may be sent again over another connection where the first one broke.
    may_repeat: bool,
}

/// What a script answered, and whether the replicas have what it found or wrote.
struct Answer {
    reply: Reply,
    replicated: Result<(), StoreError>,
}

impl Records {
    pub(crate) fn new(connection: RedisConnection) -> Self {
        Self {
            connection,
            prefix: Prefix::default(),
            replicas: None,
            time_limit: TIME_LIMIT,
            longest_text: LONGEST_TEXT,
            rights: Arc::default(),
            cursors: Arc::default(),
        }
    }

    /// Begins a call.
    pub(crate) fn call(&self) -> Call<'_> {
        self.call_over(&self.connection.calls)
    }

    /// Begins a call by the holder of a claim.
    fn holders_call(&self) -> Call<'_> {
        self.call_over(&self.connection.holders)
    }

    /// Whether the server takes a text. It would close the connection upon a longer one, with all that others asked over it.
    fn fits(&self, outcome: &Outcome) -> Result<(), StoreError> {
        let (length, longest) = (outcome.text.len(), self.longest_text);
        if length <= longest {
            return Ok(());
        }
        let what =
            format!("an outcome of {length} bytes is over the {longest} that Redis takes (`proto-max-bulk-len`)");
        Err(StoreError::refused(what, None))
    }

    fn call_over<'a>(&'a self, line: &'a Line) -> Call<'a> {
        let waiting = self.replicas.map_or(Duration::ZERO, |replicas| replicas.timeout);
        Call { records: self, line, until: Instant::now() + self.time_limit + waiting, may_repeat: true }
    }
}

impl Call<'_> {
    /// Runs a script that writes nothing.
    async fn look(self, key: &Key) -> Result<Found, StoreError> {
        let none: [&str; 0] = [];
        let value = self.run(&script::FIND, self.records.prefix.name(key), &none, None).await?.0;
        match record::read(&value, key)? {
            Reply::Found(found) => Ok(found),
            Reply::Written(_) => Err(record::not_ours()),
        }
    }

    /// Runs a script that may write.
    async fn write(self, script: &Script, key: &Key, arguments: &[Cow<'_, str>]) -> Result<Answer, StoreError> {
        let Records { prefix, rights, replicas, .. } = self.records;
        rights.check(self, prefix.as_str()).await?;
        let bytes: Vec<&[u8]> = arguments.iter().map(|argument| argument.as_bytes()).collect();
        let answer = self.run(script, prefix.name(key), &bytes, *replicas).await;
        if answer.as_ref().is_err_and(StoreError::is_refused) {
            rights.forget();
        }
        let (value, replicated) = answer?;
        Ok(Answer { reply: record::read(&value, key)?, replicated })
    }

    /// Runs a script, which the server may have to be told first. Whatever it writes, it finds again if it is run once more.
    pub(crate) async fn run<A: AsRef<[u8]>>(
        self,
        script: &Script,
        name: impl AsRef<[u8]>,
        arguments: &[A],
        replicas: Option<Replicas>,
    ) -> Result<(Value, Result<(), StoreError>), StoreError> {
        let name = name.as_ref();
        let mut command = script.by_hash(name, arguments);
        let mut sent = Sent::Once;
        for is_last in [false, true] {
            let mut commands = vec![command];
            commands.extend(replicas.map(Replicas::wait));
            let question = Question { commands, until: self.until, may_repeat: self.may_repeat };
            let answer = self.line.ask(question).await?;
            if answer.may_be_second {
                sent = Sent::MaybeTwice;
            }
            let mut values = answer.values.into_iter();
            let [value, waited] = [(); 2].map(|()| values.next().unwrap_or(Value::Nil));
            match value.extract_error() {
                Ok(value) => {
                    let replicated = replicas.map_or(Ok(()), |replicas| replicas.check(waited.extract_error()));
                    return Ok((value, replicated));
                }
                Err(error) if is_unknown_script(&error) && !is_last => command = script.by_code(name, arguments),
                Err(error) if error.code() == Some(WRONG_TYPE) => return Err(self.of_another_type(name).await),
                Err(error) => return Err(store_error(error, sent)),
            }
        }
        Err(record::not_ours())
    }

    /// What there is instead of a record.
    async fn of_another_type(self, name: &[u8]) -> StoreError {
        let mut question = cmd("TYPE");
        question.arg(name);
        let question = Question { commands: vec![question], until: self.until, may_repeat: true };
        let found = match self.line.ask(question).await.map(|answer| answer.values) {
            Ok(values) => match values.as_slice() {
                [Value::SimpleString(found)] => format!(", but a {found}"),
                _ => String::new(),
            },
            Err(_) => String::new(),
        };
        StoreError::corrupt(format!("a key of the store is not a hash{found}")).with_code(WRONG_TYPE)
    }

    /// Applies a write by the holder of `claim`.
    async fn write_as_holder(
        self,
        script: &Script,
        claim: &Claim,
        kind: HolderWrite,
        arguments: &[Cow<'_, str>],
    ) -> Result<(), StoreError> {
        let answer = self.write(script, &claim.key, arguments).await?;
        let Reply::Found(found) = answer.reply else { return answer.replicated };
        match decide_write(found.record.as_ref(), claim.claim_id, kind) {
            Holding::Held => Err(not_writable()),
            Holding::Repeated => answer.replicated,
            Holding::Lost => Err(StoreError::claim_lost()),
        }
    }
}

/// Others wrote the same record each time.
fn too_many_races() -> StoreError {
    StoreError::not_now("others wrote the same record each time; try again", None)
}

/// The script did not find what it had just shown, so what is there is not written as the scripts write.
fn not_writable() -> StoreError {
    StoreError::corrupt("a record is not written as the scripts write it")
}

#[async_trait]
impl Store for Records {
    async fn issue(&self, key: &Key, lifetime: Duration) -> Result<IssueDecision, StoreError> {
        let call = self.call();
        let mut arguments = arguments::issue(lifetime);
        let mut before = None;
        for _ in 0..MOST_RACES {
            let answer = call.write(&script::ISSUE, key, &arguments).await?;
            let Reply::Found(Found { record, now }) = answer.reply else {
                return answer.replicated.map(|()| IssueDecision::Issued);
            };
            match (decide_issue(record.as_ref(), now), record) {
                (IssueDecision::Issued, Some(record)) => {
                    arguments.truncate(1);
                    arguments.extend(arguments::as_found(&record));
                    if before.as_ref() == Some(&record) {
                        return Err(not_writable());
                    }
                    before = Some(record);
                }
                // Redis removed it, or somebody purged it, since the script read it.
                (IssueDecision::Issued, None) => {}
                (taken, _) => return Ok(taken),
            }
        }
        Err(too_many_races())
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<ClaimDecision, StoreError> {
        let call = self.call();
        let asked = arguments::claim(request);
        let mut arguments = vec![asked.as_str().into()];
        let (mut decided, mut before): (Option<Claim>, _) = (None, None);
        for _ in 0..MOST_RACES {
            let answer = call.write(&script::CLAIM, &request.key, &arguments).await?;
            let found = match answer.reply {
                Reply::Written(said) => {
                    let claim = written(request, decided, said)?;
                    return answer.replicated.map(|()| ClaimDecision::Acquired(claim));
                }
                Reply::Found(found) => found,
            };
            match (decide_claim(found.record.as_ref(), found.now, request), &found.record) {
                (ClaimDecision::Acquired(_), Some(record)) if before.as_ref() == Some(record) => {
                    return Err(not_writable());
                }
                (ClaimDecision::Acquired(claim), Some(record)) => {
                    arguments = arguments::decided(&asked, &claim, record, &found);
                    decided = Some(claim);
                    before.clone_from(&found.record);
                }
                (ClaimDecision::Acquired(_), None) => {}
                (decision, _) => return Ok(decision),
            }
        }
        Err(too_many_races())
    }

    async fn extend(&self, claim: &Claim, lease: Duration) -> Result<(), StoreError> {
        let arguments = arguments::extend(claim, lease);
        self.holders_call().write_as_holder(&script::EXTEND, claim, HolderWrite::Extend, &arguments).await
    }

    async fn extend_all(&self, extensions: &[Extension]) -> Vec<Result<(), StoreError>> {
        let mut answers = Vec::with_capacity(extensions.len());
        for some in extensions.chunks(RENEWED_TOGETHER) {
            let renewals = some.iter().map(|Extension { claim, lease }| self.extend(claim, *lease));
            answers.extend(join_all(renewals).await);
        }
        answers
    }

    async fn complete(&self, claim: &Claim, outcome: &Outcome, retention: Duration) -> Result<(), StoreError> {
        self.fits(outcome)?;
        let arguments = arguments::finish(Who::Holder, claim.claim_id, outcome, retention);
        self.holders_call().write_as_holder(&script::FINISH, claim, HolderWrite::Complete, &arguments).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let arguments = arguments::end(Who::Holder, claim.claim_id);
        self.holders_call().write_as_holder(&script::RELEASE, claim, HolderWrite::Release, &arguments).await
    }

    async fn abandon(&self, claim: &Claim) -> Result<(), StoreError> {
        let arguments = arguments::abandon(claim);
        self.holders_call().write_as_holder(&script::EXTEND, claim, HolderWrite::Abandon, &arguments).await
    }

    async fn lookup(&self, key: &Key) -> Result<Option<Observed>, StoreError> {
        Ok(self.call().look(key).await?.observed())
    }

    async fn resolve(&self, key: &Key, claim_id: ClaimId, resolution: &Resolution) -> Result<(), StoreError> {
        resolution.check()?;
        let (script, arguments) = match resolution {
            Resolution::Rerun => (&script::RELEASE, arguments::end(Who::Operator, claim_id)),
            Resolution::Finish { outcome, retention } => {
                self.fits(outcome)?;
                (&script::FINISH, arguments::finish(Who::Operator, claim_id, outcome, *retention))
            }
        };
        // Repeated after it took effect it would find nothing to settle, and an operator be told that somebody else did. So it is
        // sent once, over a connection that has just answered.
        let call = self.call();
        call.look(key).await?;
        let answer = Call { may_repeat: false, ..call }.write(script, key, &arguments).await?;
        match answer.reply {
            Reply::Written(_) => answer.replicated,
            Reply::Found(_) => Err(StoreError::claim_lost()),
        }
    }

    async fn purge_expired(&self, limit: u32) -> Result<u64, StoreError> {
        self.purge(limit).await
    }

    fn listen(&self, key: &Key) -> Option<Box<dyn Listener>> {
        self.connection.ears.as_ref()?.listen(self.prefix.name(key))
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
