//! First calls and replays in memory: idem, its peers and the bare body, taking turns.
//!
//! Memory is allocated as the stores grow, as in a service that has just started.
//!
//! `cargo bench --manifest-path idem-bench/Cargo.toml --ignore-rust-version --bench memory`

use std::sync::Arc;
use std::time::{Duration, Instant};

use idem_bench::contenders::{
    Attribute, AttributeFingerprint, Body, CachedAttribute, Contender, Idempotent, IdempotentFingerprint, Plain,
};
use idem_bench::figures::{Times, head, readable, row};
use idem_bench::orders::Order;
use tokio::task::JoinSet;

const ROUNDS: usize = 101;
const CALLS: usize = 1600;

/// Where the calls come from.
#[derive(Debug, Clone, Copy)]
enum Callers {
    /// So many tasks on the runtime's workers, as in a service.
    Tasks(usize),
    /// The thread that blocks on the runtime. A store that is a task, as that of `idempotent`, is another thread then.
    MainThread,
}

/// What one contender took.
struct Taken {
    name: &'static str,
    first: Times,
    replay: Times,
}

impl Taken {
    fn by<C: Contender>() -> Self {
        Self { name: C::NAME, first: Times::default(), replay: Times::default() }
    }

    async fn take<C: Contender>(&mut self, round: usize, callers: Callers) {
        let contender = C::fresh().await;
        let orders: Arc<[Order]> = Order::batch(round, CALLS).into();
        self.first.add(pass(&contender, &orders, callers).await, CALLS);
        self.replay.add(pass(&contender, &orders, callers).await, CALLS);
    }
}

/// Calls once for each order.
async fn pass<C: Contender>(contender: &C, orders: &Arc<[Order]>, callers: Callers) -> Duration {
    let begun = Instant::now();
    match callers {
        Callers::MainThread => each(contender, orders.iter()).await,
        Callers::Tasks(callers) => {
            let mut running = JoinSet::new();
            for caller in 0..callers {
                let (contender, orders) = (contender.clone(), Arc::clone(orders));
                running.spawn(async move { each(&contender, orders.iter().skip(caller).step_by(callers)).await });
            }
            running.join_all().await;
        }
    }
    begun.elapsed()
}

async fn each<'a, C: Contender>(contender: &C, orders: impl Iterator<Item = &'a Order>) {
    for order in orders {
        std::hint::black_box(contender.call(order).await);
    }
}

macro_rules! compare {
    ($callers:expr, [$($contender:ty),* $(,)?]) => {{
        let mut all = [$(Taken::by::<$contender>()),*];
        for round in 0..ROUNDS {
            let mut next = all.iter_mut();
            $(next.next().expect("as many as contenders").take::<$contender>(round, $callers).await;)*
        }
        all
    }};
}

async fn run(callers: Callers) {
    let all = compare!(
        callers,
        [Body, Attribute, AttributeFingerprint, Plain, Idempotent, IdempotentFingerprint, CachedAttribute]
    );
    println!(
        "\nIn memory, time per call, callers: {callers:?} (median of {ROUNDS} rounds of {CALLS} calls; best tenth)\n"
    );
    head(["contender", "first call", "(p10)", "replay", "(p10)"]);
    for Taken { name, first, replay } in &all {
        let cells = [first, replay].map(|times| [readable(times.median()), readable(times.quantile(0.1))]);
        row([name, &cells[0][0], &cells[0][1], &cells[1][0], &cells[1][1]]);
    }
}

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    for callers in [Callers::Tasks(1), Callers::Tasks(16), Callers::MainThread] {
        runtime.block_on(run(callers));
    }
}
