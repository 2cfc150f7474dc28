//! The plain API lends the transaction to the body.

use idem::{Error, Operation};

use super::ledger::{Ledger, LedgerError, enter};

#[tokio::test]
async fn the_plain_api_lends_the_transaction_to_the_body() {
    let (ledger, _folder) = Ledger::open().await;
    let spawned = ledger.clone();
    let task = tokio::spawn(async move {
        let mut tx = spawned.begin().await;
        let mut replayed = Vec::new();
        for _ in 0..2 {
            let answer = Operation::new("tests.lent", &1)
                .fingerprint(&"payload")
                .run_in(&spawned.idem, &mut tx, async |mut tx, execution| {
                    assert_eq!(execution.attempt(), 1);
                    Ok::<_, LedgerError>(enter(&mut tx, 1).await?)
                })
                .await
                .unwrap();
            replayed.push(answer.is_replayed());
            assert_eq!(answer.into_inner(), 1);
        }
        tx.commit().await.unwrap();
        replayed
    });
    assert_eq!(task.await.unwrap(), [false, true]);
    assert_eq!(ledger.entries().await, 1);
}

#[tokio::test]
async fn a_body_that_keeps_the_transaction_is_told() {
    let (ledger, _folder) = Ledger::open().await;
    let mut tx = ledger.begin().await;
    let mut kept = None;
    let answer = Operation::new("tests.kept", &1)
        .run_in(&ledger.idem, &mut tx, async |tx, _| {
            kept = Some(tx);
            Ok::<_, Error>(())
        })
        .await;
    assert!(answer.unwrap_err().is_misuse());
    drop(kept);
}
