//! Renewals: of one claim, and of many in one statement.

use std::time::Duration;

use idem_core::decision::{HolderWrite, Holding, decide_write};
use idem_core::{Claim, Extension, StoreError};
use sqlx::pool::PoolConnection;

use crate::backend::{Backend, Within};
use crate::borrowed::{Borrowed, Deadline};
use crate::error::connection_error;
use crate::pooled::{Pooled, Writing, no_answer};
use crate::races::Races;
use crate::records::Write;
use crate::values;

/// The part of a lease that a renewal waits for its own connection: half of what the engine waits for the renewal.
const PART: u32 = 6;
/// A shorter lease leaves no time for two attempts.
const SHORTEST_FOR_TWO: Duration = Duration::from_millis(600);
/// How many claims one statement renews.
const MOST_CLAIMS: usize = 500;

type Answer = Result<(), StoreError>;

/// Renews one claim.
pub(crate) async fn one<B: Backend>(store: &Pooled<B>, claim: &Claim, lease: Duration) -> Answer {
    let write = Write::extend(claim, lease);
    let write = &write;
    on_own_connection(store, lease, |connection| async move {
        let mut races = Races::without_reconnecting();
        let mut on = store.in_turn(connection).await;
        while races.go_on() {
            if let Some(answer) = store.write_once(&mut on, claim, write, &mut races).await? {
                return answer.map(Some);
            }
            if on.connection.is_spoiled() {
                return Ok(None);
            }
        }
        Err(races.lost::<B>(&store.records.table))
    })
    .await
}

/// Renews many claims, and answers for each.
pub(crate) async fn all<B: Backend>(store: &Pooled<B>, extensions: &[Extension]) -> Vec<Answer> {
    if let [Extension { claim, lease }] = extensions {
        return vec![one(store, claim, *lease).await];
    }
    let mut by_lease: Vec<usize> = (0..extensions.len()).collect();
    by_lease.sort_by_key(|place| extensions[*place].lease);
    let mut answers: Vec<Option<Answer>> = extensions.iter().map(|_| None).collect();
    for group in by_lease.chunk_by(|one, other| extensions[*one].lease == extensions[*other].lease) {
        for places in group.chunks(MOST_CLAIMS) {
            let claims: Vec<&Claim> = places.iter().map(|place| &extensions[*place].claim).collect();
            let renewed = group_of(store, &claims, extensions[places[0]].lease).await;
            for (place, answer) in places.iter().zip(renewed) {
                answers[*place] = Some(answer);
            }
        }
    }
    answers.into_iter().map(|answer| answer.unwrap_or_else(|| Err(StoreError::unavailable("no answer")))).collect()
}

async fn group_of<B: Backend>(store: &Pooled<B>, claims: &[&Claim], lease: Duration) -> Vec<Answer> {
    let renewed = on_own_connection(store, lease, |connection| async move {
        let mut on = store.in_turn(connection).await;
        renewed(store, &mut on, claims, lease).await
    });
    match renewed.await {
        Ok(answers) => answers,
        Err(error) => claims.iter().map(|_| Err(again(&error))).collect(),
    }
}

/// Renews all of them in one statement. If that renewed fewer, halves them until it is known which those were. `None` if that
/// takes another connection.
///
/// A record that another transaction has locked is left out rather than waited for, for the sake of the others. Whoever has
/// locked it keeps everybody else from taking it over meanwhile.
async fn renewed<B: Backend>(
    store: &Pooled<B>,
    on: &mut Writing<'_, B>,
    claims: &[&Claim],
    lease: Duration,
) -> Result<Option<Vec<Answer>>, StoreError> {
    let mut answers = Vec::with_capacity(claims.len());
    let mut races = Races::without_reconnecting();
    // From the last to the first.
    let mut parts = vec![claims];
    while let Some(part) = parts.pop() {
        let statement = store.records.backend.extend_all();
        let values = values::extended(part, lease, B::CLAIMS_AS_HEX);
        let count = match store.records.execute(&mut on.connection, statement, &values).await {
            Ok(count) => count,
            Err(failed) => {
                store.failed::<()>(&mut on.connection, failed, &mut races).await?;
                if on.connection.is_spoiled() {
                    return Ok(None);
                }
                if !races.go_on() {
                    return Err(races.lost::<B>(&store.records.table));
                }
                parts.push(part);
                continue;
            }
        };
        match part {
            _ if usize::try_from(count) == Ok(part.len()) => answers.extend(part.iter().map(|_| Ok(()))),
            [claim] => answers.push(unrenewed(store, on, claim).await?),
            _ => {
                let (first, last) = part.split_at(part.len() / 2);
                parts.extend([last, first]);
            }
        }
    }
    Ok(Some(answers))
}

/// Why a claim was not renewed.
async fn unrenewed<B: Backend>(
    store: &Pooled<B>,
    on: &mut Writing<'_, B>,
    claim: &Claim,
) -> Result<Answer, StoreError> {
    let found = match store.records.find(&mut on.connection, &claim.key, Within::Itself).await {
        Ok(found) => found,
        Err(failed) => {
            let mut races = Races::without_reconnecting();
            store.failed::<()>(&mut on.connection, failed, &mut races).await?;
            return Ok(Err(races.lost::<B>(&store.records.table)));
        }
    };
    Ok(match decide_write(found.record.as_ref(), claim.claim_id, HolderWrite::Extend) {
        Holding::Held => Err(StoreError::not_now("another transaction has locked the record; try again", None)),
        Holding::Repeated => Ok(()),
        Holding::Lost => Err(StoreError::claim_lost()),
    })
}

/// Runs a renewal on the connection that is for nothing else; and then on one of the pool, if the first has no answer in
/// time, or one that may pass. With a short lease, on whichever of them is to be had first. A run that has no result left its
/// connection in a state in which nothing can be written there, and begins again on another one.
async fn on_own_connection<B, T, Running>(
    store: &Pooled<B>,
    lease: Duration,
    run: impl Fn(Borrowed<B::Database>) -> Running,
) -> Result<T, StoreError>
where
    B: Backend,
    Running: Future<Output = Result<Option<T>, StoreError>>,
{
    let deadline = store.deadline();
    let Some(spare) = store.renewals.of::<B>(&store.pool) else {
        return on_any(store, deadline, || store.connection(deadline), run).await;
    };
    if lease < SHORTEST_FOR_TWO {
        let next = || async {
            let connection = match store.renewals.of::<B>(&store.pool) {
                Some(spare) => spare.before(&store.pool).await,
                None => store.pool.acquire().await,
            };
            borrowed::<B>(connection, deadline)
        };
        return on_any(store, deadline, next, run).await;
    }
    let patience = Deadline::after((lease / PART).min(store.limit));
    let attempt = async { run(borrowed::<B>(spare.acquire().await, patience)?).await };
    match patience.of(attempt).await {
        Some(Ok(Some(renewed))) => return Ok(renewed),
        Some(Err(error)) if !error.is_retryable() => return Err(error),
        Some(Ok(None) | Err(_)) | None => {}
    }
    let next = || async { borrowed::<B>(store.renewals.or::<B>(&store.pool).await, deadline) };
    on_any(store, deadline, next, run).await
}

fn borrowed<B: Backend>(
    connection: Result<PoolConnection<B::Database>, sqlx::Error>,
    deadline: Deadline,
) -> Result<Borrowed<B::Database>, StoreError> {
    Ok(Borrowed::new(connection.map_err(|error| connection_error(error, B::meaning))?, deadline))
}

/// Runs a renewal on one connection after the other, until one of them has a result.
async fn on_any<B, T, Acquiring, Running>(
    store: &Pooled<B>,
    deadline: Deadline,
    next: impl Fn() -> Acquiring,
    run: impl Fn(Borrowed<B::Database>) -> Running,
) -> Result<T, StoreError>
where
    B: Backend,
    Acquiring: Future<Output = Result<Borrowed<B::Database>, StoreError>>,
    Running: Future<Output = Result<Option<T>, StoreError>>,
{
    let call = async {
        let mut races = Races::without_reconnecting();
        while races.go_on() {
            if let Some(renewed) = run(next().await?).await? {
                return Ok(renewed);
            }
        }
        Err(races.lost::<B>(&store.records.table))
    };
    deadline.of(call).await.unwrap_or_else(|| Err(no_answer(deadline)))
}

/// The same error for another claim.
fn again(error: &StoreError) -> StoreError {
    let text = error.to_string();
    let again = match std::error::Error::source(error) {
        source if error.is_ambiguous() => StoreError::unavailable(source.map_or(text, ToString::to_string)),
        source if error.is_retryable() => StoreError::not_now(text, source.map(|source| source.to_string().into())),
        _ if error.is_corrupt() => StoreError::corrupt(text),
        source => StoreError::refused(text, source.map(|source| source.to_string().into())),
    };
    match error.code() {
        Some(code) => again.with_code(code.to_owned()),
        None => again,
    }
}
