//! A body may block the runtime on which the store connected, and keeps its lease.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::{key, own_prefix, request, store_at, url};
use idem_core::{Answer, ClaimDecision, Error, Operation, Store as _};
use tokio::runtime::Builder;

/// Long enough for a stall of the machine between two renewals.
const LEASE: Duration = Duration::from_secs(2);

#[test]
#[ignore = "needs a server: cargo xtask test"]
fn a_body_that_blocks_the_only_thread_keeps_its_lease() {
    let prefix = own_prefix();
    let (blocks, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let watcher = std::thread::spawn({
        let (prefix, blocks, done) = (prefix.clone(), Arc::clone(&blocks), Arc::clone(&done));
        move || {
            Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
                let store = store_at(&url(), &prefix).await;
                let mut asked = 0;
                while !done.load(Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    if !blocks.load(Ordering::SeqCst) {
                        continue;
                    }
                    match store.claim(&request(&key("order"))).await.expect("the store answers") {
                        ClaimDecision::InProgress { .. } => asked += 1,
                        // Nobody says whether the body or the watcher was first at the end.
                        ClaimDecision::Replay(_) => {}
                        other => panic!("the lease was lost: {other:?}"),
                    }
                }
                asked
            })
        }
    });
    let answer = Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
        let store = store_at(&url(), &prefix).await;
        let call = Operation::new("payments.charge", "order").lease(LEASE);
        call.run(&store, async |_| {
            blocks.store(true, Ordering::SeqCst);
            let started = Instant::now();
            while started.elapsed() < 2 * LEASE {
                std::thread::sleep(LEASE / 10);
            }
            Ok::<_, Error>(42)
        })
        .await
    });
    done.store(true, Ordering::SeqCst);
    assert_eq!(answer.expect("the claim is kept"), Answer::Executed(42));
    assert!(watcher.join().expect("the lease held") > 0, "nobody asked meanwhile");
}
