//! Claims, first calls and replays on Redis: idem against `idempotent` 2.0 and against bare commands, taking turns.
//!
//! `cargo xtask with-servers cargo bench --manifest-path idem-bench/Cargo.toml --ignore-rust-version --bench redis`
//!
//! After `--`: `--quick` for a fourth of the time.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use idem_bench::by_hand::BoxError;
use idem_bench::figures::{Times, head, readable, row};
use idem_bench::orders::Order;
use idem_bench::redis::{Call, Contender, Contenders};
use idem_bench::turns::PARTS;
use tokio::task::JoinSet;

/// How many call at once.
const CALLERS: [usize; 2] = [1, 64];
/// The calls of one turn of one caller. Short turns, since neighbours on the machine come and go.
const TURN: usize = 20;
/// The calls of one turn of each of many callers.
const TURN_OF_MANY: usize = 16;
/// The turns whose orders are replayed, one after the other and then again.
const REPLAYED: usize = 8;
/// Turns that are not counted: scripts are sent, caches fill.
const WARM: usize = 4;

/// One measurement of all contenders.
struct Bench {
    contenders: Contenders,
    call: Call,
    callers: usize,
    /// In the keys: the server may have met those of an earlier run.
    run: u64,
}

impl Bench {
    async fn measure(&self, time: Duration) -> Result<[Times; 3], BoxError> {
        if self.call == Call::Replay {
            for round in 0..REPLAYED {
                for contender in Contender::ALL {
                    together(&self.contenders, contender, Call::First, &self.orders(round), self.callers).await?;
                }
            }
        }
        let mut times = [const { Times::new() }; 3];
        let (mut began, mut round) = (Instant::now(), 0);
        while began.elapsed() < time || round < WARM + PARTS {
            let orders = self.orders(if self.call == Call::Replay { round % REPLAYED } else { round });
            for place in 0..Contender::ALL.len() {
                // Who goes first changes with each turn.
                let index = (round + place) % Contender::ALL.len();
                let spent = self.turn(Contender::ALL[index], &orders).await?;
                if round >= WARM {
                    times[index].add(spent, orders.len());
                }
            }
            round += 1;
            if round == WARM {
                began = Instant::now();
            }
        }
        Ok(times)
    }

    async fn turn(&self, contender: Contender, orders: &Arc<[Order]>) -> Result<Duration, BoxError> {
        let began = Instant::now();
        if self.callers == 1 {
            for order in orders.iter() {
                self.contenders.call(contender, self.call, order).await?;
            }
        } else {
            together(&self.contenders, contender, self.call, orders, self.callers).await?;
        }
        Ok(began.elapsed())
    }

    fn orders(&self, round: usize) -> Arc<[Order]> {
        let turn = if self.callers == 1 { TURN } else { TURN_OF_MANY * self.callers };
        let prefix = format!("{:016x}-{:?}-{}", self.run, self.call, self.callers);
        let orders = Order::batch(round, turn).into_iter();
        orders.map(|order| Order { id: format!("{prefix}-{}", order.id), ..order }).collect()
    }

    fn report(&self, all: &[Times; 3]) {
        let [bare, peer, _] = all;
        for (contender, times) in Contender::ALL.into_iter().zip(all) {
            let quantiles = [0.1, 0.5, 0.9].map(|share| readable(times.quantile(share)));
            let over_bare = match contender {
                Contender::Bare => String::new(),
                _ => told(times, bare, |ratio| format!("{:+.1} %", (ratio - 1.0) * 100.0)),
            };
            let throughput = match contender {
                Contender::Idem => told(peer, times, |ratio| format!("{ratio:.2}")),
                _ => String::new(),
            };
            row([
                self.call.name(),
                &self.callers.to_string(),
                contender.name(self.call),
                &quantiles[0],
                &quantiles[1],
                &quantiles[2],
                &over_bare,
                &throughput,
            ]);
        }
    }
}

/// The ratio of two medians, and the least and the most of it in the parts of the run.
fn told(times: &Times, base: &Times, tell: impl Fn(f64) -> String) -> String {
    let pairs = times.parts(PARTS).into_iter().zip(base.parts(PARTS));
    let mut parts: Vec<_> = pairs.map(|(times, base)| times.median() / base.median()).collect();
    parts.sort_by(f64::total_cmp);
    format!("{} ({} to {})", tell(times.median() / base.median()), tell(parts[0]), tell(parts[PARTS - 1]))
}

/// Calls once for each order, so many at a time.
async fn together(
    contenders: &Contenders,
    contender: Contender,
    call: Call,
    orders: &Arc<[Order]>,
    callers: usize,
) -> Result<(), BoxError> {
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let (contenders, orders) = (contenders.clone(), Arc::clone(orders));
        running.spawn(async move {
            for order in orders.iter().skip(caller).step_by(callers) {
                contenders.call(contender, call, order).await.map_err(|error| format!("{contender:?}: {error}"))?;
            }
            Ok::<_, BoxError>(())
        });
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    Ok(())
}

async fn all(url: String, time: Duration) -> Result<(), BoxError> {
    head(["call", "callers", "contender", "p10", "median", "p90", "over the commands", "throughput of `idempotent`"]);
    for callers in CALLERS {
        for call in [Call::Claim, Call::First, Call::Replay] {
            let contenders = Contenders::connect(&url).await?;
            let bench = Bench { contenders, call, callers, run: RandomState::new().hash_one(0) };
            bench.report(&bench.measure(time).await?);
        }
    }
    Ok(())
}

fn main() -> Result<(), BoxError> {
    let Ok(url) = std::env::var("IDEM_TEST_REDIS_URL") else {
        return Err("set IDEM_TEST_REDIS_URL, or run this under `cargo xtask with-servers`".into());
    };
    let time = Duration::from_secs(if std::env::args().any(|argument| argument == "--quick") { 2 } else { 8 });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async { tokio::spawn(all(url, time)).await })?
}
