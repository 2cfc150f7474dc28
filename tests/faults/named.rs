//! The cases that are the same on both servers, as tests of each.

use crate::acknowledgement;
use crate::database::{Database, Kind};
use crate::site::Site;
use crate::{kill, pause};

/// ```text
/// // Input:
/// case!(kill9_before_commit);
/// // Output:
/// #[tokio::test] async fn kill9_before_commit() { acknowledgement::kill9_before_commit(KIND).await; }
/// ```
///
/// With a module, it is a case of the suite for `SQLite`, which wants a site.
macro_rules! case {
    ($case:ident) => {
        #[ignore = "needs a server: cargo xtask test"]
        #[tokio::test(flavor = "multi_thread")]
        async fn $case() {
            acknowledgement::$case(KIND).await;
        }
    };
    ($module:ident, $case:ident) => {
        #[ignore = "needs a server: cargo xtask test"]
        #[tokio::test(flavor = "multi_thread")]
        async fn $case() {
            let database = Database::fresh(KIND).await;
            let site = Site::open(|_| database.clone()).await;
            $module::$case(&site).await;
            drop(site);
            database.remove().await;
        }
    };
}

macro_rules! cases {
    ($kind:expr) => {
        use super::*;

        const KIND: Kind = $kind;

        case!(lost_commit_ack_recognised_as_own);
        case!(lost_commit_request_runs_again);
        case!(lost_statement_ack_rolls_back_and_runs_again);
        case!(lost_claim_insert_ack_recognised_as_own);
        case!(lost_complete_ack_recognised_as_own);
        case!(kill9_before_commit);
        case!(kill9_after_commit_before_reply);
        case!(partition_during_claim);
        case!(kill, kill9_at_every_named_point);
        case!(kill, kill9_mid_body_then_retry);
        case!(kill, refuse_leaves_abandoned_after_kill9);
        case!(pause, paused_process_resumes_after_takeover);
        case!(pause, paused_process_resumes_while_the_successor_runs);
        case!(pause, paused_process_whose_claim_is_stale_gets_the_outcome_of_its_successor);
        case!(pause, paused_process_that_releases_leaves_its_successor_alone);
    };
}

mod postgres {
    cases!(Kind::Postgres);
}

mod mysql {
    cases!(Kind::MySql);
}
