//! The tests of one worker at a named point, on `SQLite`.

use crate::database::Database;
use crate::site::Site;
use crate::{kill, pause};

#[tokio::test]
async fn kill9_at_every_named_point() {
    kill::kill9_at_every_named_point(&Site::open(Database::in_folder).await).await;
}

#[tokio::test]
async fn kill9_mid_body_then_retry() {
    kill::kill9_mid_body_then_retry(&Site::open(Database::in_folder).await).await;
}

#[tokio::test]
async fn refuse_leaves_abandoned_after_kill9() {
    kill::refuse_leaves_abandoned_after_kill9(&Site::open(Database::in_folder).await).await;
}

#[tokio::test]
async fn paused_process_resumes_after_takeover() {
    pause::paused_process_resumes_after_takeover(&Site::open(Database::in_folder).await).await;
}

#[tokio::test]
async fn paused_process_resumes_while_the_successor_runs() {
    pause::paused_process_resumes_while_the_successor_runs(&Site::open(Database::in_folder).await).await;
}

#[tokio::test]
async fn paused_process_whose_claim_is_stale_gets_the_outcome_of_its_successor() {
    pause::paused_process_whose_claim_is_stale_gets_the_outcome_of_its_successor(
        &Site::open(Database::in_folder).await,
    )
    .await;
}

#[tokio::test]
async fn paused_process_that_releases_leaves_its_successor_alone() {
    pause::paused_process_that_releases_leaves_its_successor_alone(&Site::open(Database::in_folder).await).await;
}
