//! In the caller's transaction, the claim, the rows of the body and the outcome are one commit.

use idem::{Answer, Operation, SqliteStore, idempotent};
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::Notify;

use super::ledger::{Ledger, LedgerError, SqliteTransaction, enter};

impl Ledger {
    #[idempotent(store = self.idem, scope = "tests.apply", key = id, fingerprint = amount, tx = tx)]
    async fn apply(&self, tx: &mut SqliteTransaction<'_>, id: u64, amount: i64) -> Result<i64, LedgerError> {
        let entries = enter(tx, amount).await?;
        if amount < 0 {
            return Err(LedgerError::Declined);
        }
        Ok(entries)
    }

    #[idempotent(store = self.idem, key = 1, scope = "tests.hangs", tx = tx)]
    async fn hangs(&self, tx: &mut SqliteTransaction<'_>, reached: Option<&Notify>) -> Result<i64, LedgerError> {
        let entries = enter(tx, 1).await?;
        if let Some(reached) = reached {
            reached.notify_one();
            std::future::pending::<()>().await;
        }
        Ok(entries)
    }

    #[idempotent(store = self.idem, key = 1, scope = "tests.hangs", tx = tx, abandoned = rerun)]
    async fn reruns(&self, tx: &mut SqliteTransaction<'_>, reached: Option<&Notify>) -> Result<i64, LedgerError> {
        let entries = enter(tx, 1).await?;
        if let Some(reached) = reached {
            reached.notify_one();
            std::future::pending::<()>().await;
        }
        Ok(entries)
    }
}

#[tokio::test]
async fn the_rows_of_the_body_and_the_outcome_commit_together() {
    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    assert_eq!(ledger.apply(&mut tx, 1, 100).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(ledger.entries().await, 1);

    let mut tx = ledger.begin().await;
    assert_eq!(ledger.apply(&mut tx, 1, 100).await.unwrap(), 1, "replayed");
    assert_eq!(ledger.apply(&mut tx, 2, 100).await.unwrap(), 2, "another key");
    tx.commit().await.unwrap();
    assert_eq!(ledger.entries().await, 2);
}

#[tokio::test]
async fn a_rollback_of_the_caller_undoes_the_rows_and_the_outcome() {
    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    assert_eq!(ledger.apply(&mut tx, 1, 100).await.unwrap(), 1);
    assert_eq!(ledger.apply(&mut tx, 1, 100).await.unwrap(), 1, "replayed");
    tx.rollback().await.unwrap();
    assert_eq!(ledger.entries().await, 0);

    let mut tx = ledger.begin().await;
    assert_eq!(ledger.apply(&mut tx, 1, 200).await.unwrap(), 1, "another payload: nothing is left of the first call");
    tx.commit().await.unwrap();
    assert_eq!(ledger.entries().await, 1);
}

#[tokio::test]
async fn after_an_error_of_the_body_the_next_call_runs() {
    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    assert!(matches!(ledger.apply(&mut tx, 1, -5).await, Err(LedgerError::Declined)));
    tx.rollback().await.unwrap();
    assert_eq!(ledger.entries().await, 0);

    let mut tx = ledger.begin().await;
    assert!(matches!(ledger.apply(&mut tx, 1, -5).await, Err(LedgerError::Declined)));
    assert_eq!(ledger.apply(&mut tx, 1, 5).await.unwrap(), 2, "also in the same transaction, which goes on");
    tx.commit().await.unwrap();
    assert_eq!(ledger.entries().await, 2);
}

#[tokio::test]
async fn another_payload_under_the_same_key_is_a_mismatch_in_a_transaction() {
    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    ledger.apply(&mut tx, 1, 100).await.unwrap();
    assert!(ledger.apply(&mut tx, 1, 200).await.unwrap_err().idem().is_mismatch());
    tx.commit().await.unwrap();
    let mut tx = ledger.begin().await;
    assert!(ledger.apply(&mut tx, 1, 200).await.unwrap_err().idem().is_mismatch());
    assert_eq!(ledger.apply(&mut tx, 1, 100).await.unwrap(), 1, "the transaction goes on");
}

#[tokio::test]
async fn a_savepoint_that_is_rolled_back_undoes_the_outcome() {
    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    let mut savepoint = tx.begin().await.unwrap();
    assert_eq!(ledger.apply(&mut savepoint, 1, 100).await.unwrap(), 1);
    savepoint.rollback().await.unwrap();
    assert_eq!(ledger.apply(&mut tx, 1, 200).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(ledger.entries().await, 1);
}

#[tokio::test]
async fn a_body_that_calls_its_own_operation_with_its_own_key_is_told() {
    #[idempotent(store = ledger.idem, scope = "tests.descend", key = id, tx = tx)]
    async fn descend(ledger: &Ledger, tx: &mut SqliteTransaction<'_>, id: u64, to: u64) -> Result<i64, LedgerError> {
        if id == to {
            return Ok(enter(tx, 1).await?);
        }
        Box::pin(descend(ledger, tx, to, to)).await
    }

    #[idempotent(store = ledger.idem, scope = "tests.circle", key = id, tx = tx)]
    async fn circle(ledger: &Ledger, tx: &mut SqliteTransaction<'_>, id: u64) -> Result<i64, LedgerError> {
        Box::pin(circle(ledger, tx, id)).await
    }

    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    assert_eq!(descend(&ledger, &mut tx, 1, 2).await.unwrap(), 1);
    assert!(circle(&ledger, &mut tx, 1).await.unwrap_err().idem().is_reentrant());
}

#[tokio::test]
async fn the_same_key_in_another_table_is_a_call_of_its_own() {
    let (ledger, _folder) = Ledger::open().await;
    let other = SqliteStore::with_table(ledger.idem.pool().clone(), "other_calls").unwrap();
    other.migrate().await.unwrap();
    let call = || Operation::new("tests.tables", &1);
    let mut tx = ledger.begin().await;
    let outer = call().run_in(&ledger.idem, &mut tx, async |mut tx, _| {
        let refused = call().run_in(&ledger.idem, &mut *tx, async |_, _| Ok::<_, idem::Error>(0)).await;
        assert!(refused.is_err_and(|error| error.is_reentrant()), "in this table it is held");
        let inner = call().run_in(&other, &mut *tx, async |_, _| Ok::<_, idem::Error>(1)).await?;
        Ok::<_, idem::Error>(10 + inner.into_inner())
    });
    assert_eq!(outer.await.unwrap(), Answer::Executed(11));
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_dropped_call_that_was_committed_all_the_same_is_abandoned() {
    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    let reached = Notify::new();
    tokio::select! {
        () = reached.notified() => {}
        returned = ledger.hangs(&mut tx, Some(&reached)) => panic!("{returned:?}"),
    }
    tx.commit().await.unwrap();
    assert_eq!(ledger.entries().await, 1);

    for _ in 0..2 {
        let mut tx = ledger.begin().await;
        assert!(ledger.hangs(&mut tx, None).await.unwrap_err().idem().is_abandoned());
        tx.commit().await.unwrap();
    }
    assert_eq!(ledger.entries().await, 1);

    let mut tx = ledger.begin().await;
    assert!(ledger.reruns(&mut tx, None).await.unwrap_err().idem().is_abandoned(), "the record says that it waits");
}

#[tokio::test]
async fn a_dropped_call_that_may_run_again_does_so_though_it_was_committed() {
    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    let reached = Notify::new();
    tokio::select! {
        () = reached.notified() => {}
        returned = ledger.reruns(&mut tx, Some(&reached)) => panic!("{returned:?}"),
    }
    tx.commit().await.unwrap();
    let mut tx = ledger.begin().await;
    assert_eq!(ledger.reruns(&mut tx, None).await.unwrap(), 2);
    assert_eq!(ledger.hangs(&mut tx, None).await.unwrap(), 2, "replayed");
}

#[tokio::test]
async fn a_body_that_undoes_its_claim_is_told() {
    #[idempotent(store = ledger.idem, scope = "tests.undoes", key = 1, tx = tx)]
    async fn undoes(ledger: &Ledger, tx: &mut SqliteTransaction<'_>, undo: &str) -> Result<i64, LedgerError> {
        let entries = enter(tx, 1).await?;
        sqlx::query(sqlx::AssertSqlSafe(undo)).execute(&mut **tx).await?;
        Ok(entries)
    }

    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    sqlx::query("SAVEPOINT before_the_call").execute(&mut *tx).await.unwrap();
    let error = undoes(&ledger, &mut tx, "ROLLBACK TO before_the_call").await.unwrap_err().idem();
    assert!(error.to_string().contains("undid the claim"), "{error}");
    assert_eq!(undoes(&ledger, &mut tx, "SELECT 1").await.unwrap(), 1, "it is as if it had not been called");
    tx.rollback().await.unwrap();

    let mut tx = ledger.begin().await;
    let error = undoes(&ledger, &mut tx, "ROLLBACK").await.unwrap_err().idem();
    assert!(error.to_string().contains("the transaction has ended inside the body"), "{error}");
}

#[tokio::test]
async fn a_connection_without_a_transaction_is_refused() {
    #[idempotent(store = ledger.idem, scope = "tests.apply_on", key = id, tx = on)]
    async fn apply_on(ledger: &Ledger, on: &mut SqliteConnection, id: u64) -> Result<i64, LedgerError> {
        Ok(enter(on, 1).await?)
    }

    let (ledger, _folder) = Ledger::open().await;
    let mut connection = ledger.idem.pool().acquire().await.unwrap();
    let error = apply_on(&ledger, &mut connection, 1).await.unwrap_err().idem();
    assert!(error.to_string().contains("no transaction is open"), "{error}");
    assert!(!error.is_retryable());
    assert_eq!(ledger.entries().await, 0, "the body did not run");
    let mut tx = connection.begin().await.unwrap();
    assert_eq!(apply_on(&ledger, &mut tx, 1).await.unwrap(), 1);
}

#[tokio::test]
async fn the_context_tells_of_the_call_in_a_transaction() {
    #[idempotent(store = ledger.idem, key = id, tx = tx, scope = "tests.context", context = execution)]
    async fn tell(ledger: &Ledger, tx: &mut SqliteTransaction<'_>, id: u64) -> Result<(u32, String), LedgerError> {
        assert_eq!(execution.key().scope().as_str(), "tests.context");
        assert!(!execution.is_lost());
        assert!(execution.fence().to_string().parse::<u64>().unwrap() > 0);
        Ok((execution.attempt(), execution.downstream_key("gateway")))
    }

    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    let (attempt, key) = tell(&ledger, &mut tx, 1).await.unwrap();
    assert_eq!(attempt, 1);
    tx.rollback().await.unwrap();
    let mut tx = ledger.begin().await;
    assert_eq!(tell(&ledger, &mut tx, 1).await.unwrap(), (1, key.clone()), "an attempt that is gone is not counted");
    assert_ne!(tell(&ledger, &mut tx, 2).await.unwrap().1, key);
}
