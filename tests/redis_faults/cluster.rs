//! The figure on a Cluster, where only workers are struck: a failover may lose a claim, as `failover.rs` of `idem-redis`
//! shows, and a side effect would then happen twice without a takeover.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::database::Database;
use crate::site::Site;
use crate::strikes::{self, Run};

const SLOTS: u32 = 16_384;
const PRIMARIES: u32 = 3;

#[ignore = "needs a server: cargo xtask test"]
#[tokio::test(flavor = "multi_thread")]
async fn cluster_chaos_lease_mode_bounded_and_reported() {
    let site = Site::open(|_| Database::on_cluster()).await;
    let run = Run { store: "redis-cluster", orders: 400, strikes: 16, lease: Duration::from_millis(400) };
    strikes::bounded_and_reported(&site, run).await;
}

/// The orders of the cases at named points, which are few, are on every primary and never two in one slot.
#[test]
fn few_orders_are_all_over_the_cluster() {
    let slots: BTreeSet<_> = (0..7).map(slot).collect();
    assert_eq!(slots.len(), 7);
    let primaries: BTreeSet<_> = slots.iter().map(|slot| slot * PRIMARIES / SLOTS).collect();
    assert_eq!(primaries.len(), PRIMARIES as usize);
}

/// The slot of an order of `charge`: that of what stands in the braces of its name.
fn slot(order: u32) -> u32 {
    let tag = format!("crash.charge|{order}");
    let check = tag.bytes().fold(0_u16, |check, byte| {
        (0..8).fold(check ^ u16::from(byte) << 8, |check, _| {
            let shifted = check << 1;
            if check >> 15 == 1 { shifted ^ 0x1021 } else { shifted }
        })
    });
    u32::from(check) % SLOTS
}
