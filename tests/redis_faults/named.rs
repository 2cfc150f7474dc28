//! The tests of one worker at a named point.

use crate::database::{Database, Kind};
use crate::server::Server;
use crate::site::Site;
use crate::{kill, pause};

/// ```text
/// // Input:
/// case!(kill, kill9_mid_body_then_retry);
/// // Output:
/// #[tokio::test] async fn kill9_mid_body_then_retry() { … kill::kill9_mid_body_then_retry(&site).await; }
/// ```
macro_rules! case {
    ($module:ident, $case:ident) => {
        #[ignore = "needs a server: cargo xtask test"]
        #[tokio::test(flavor = "multi_thread")]
        async fn $case() {
            let server = Server::start(Kind::Redis);
            let site = Site::open(|_| Database::at(server.port())).await;
            $module::$case(&site).await;
        }
    };
}

case!(kill, kill9_at_every_named_point);
case!(kill, kill9_mid_body_then_retry);
case!(kill, refuse_leaves_abandoned_after_kill9);
case!(pause, paused_process_resumes_after_takeover);
case!(pause, paused_process_resumes_while_the_successor_runs);
case!(pause, paused_process_whose_claim_is_stale_gets_the_outcome_of_its_successor);
case!(pause, paused_process_that_releases_leaves_its_successor_alone);
