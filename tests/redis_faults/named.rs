//! The tests of one worker at a named point, on a node and on a Cluster.

use crate::database::{Database, Kind};
use crate::server::Server;
use crate::site::Site;
use crate::{kill, pause};

/// ```text
/// // Input:
/// cases! { kill::kill9_mid_body_then_retry, }
/// // Output:
/// #[tokio::test] async fn kill9_mid_body_then_retry() { … kill::kill9_mid_body_then_retry(&site).await; }
/// mod cluster { #[tokio::test] async fn kill9_mid_body_then_retry() { … } }
/// ```
macro_rules! cases {
    ($($module:ident::$case:ident,)*) => {
        $(
            #[ignore = "needs a server: cargo xtask test"]
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                let server = Server::start(Kind::Redis);
                let site = Site::open(|_| Database::at(server.port())).await;
                $module::$case(&site).await;
            }
        )*

        mod cluster {
            use super::{Database, Site, kill, pause};

            $(
                #[ignore = "needs a server: cargo xtask test"]
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    $module::$case(&Site::open(|_| Database::on_cluster()).await).await;
                }
            )*
        }
    };
}

cases! {
    kill::kill9_at_every_named_point,
    kill::kill9_mid_body_then_retry,
    kill::refuse_leaves_abandoned_after_kill9,
    pause::paused_process_resumes_after_takeover,
    pause::paused_process_resumes_while_the_successor_runs,
    pause::paused_process_whose_claim_is_stale_gets_the_outcome_of_its_successor,
    pause::paused_process_that_releases_leaves_its_successor_alone,
}
