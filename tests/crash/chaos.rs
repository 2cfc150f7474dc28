//! The figure of lease mode: how many side effects happen twice when workers are killed and paused at random, and that
//! each of them is a takeover that was logged.

use std::time::Duration;

use crate::database::Database;
use crate::site::Site;
use crate::strikes::{self, Run};

#[tokio::test]
async fn chaos_dsevr_lease_mode_bounded_and_reported() {
    let site = Site::open(Database::in_folder).await;
    let run = Run { store: "sqlite", orders: 2000, strikes: 36, lease: Duration::from_millis(250) };
    strikes::bounded_and_reported(&site, run).await;
}
