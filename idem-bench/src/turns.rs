//! Turns: the contenders do the same calls one after the other, again and again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::by_hand::BoxError;
use crate::databases::{Contender, Database, Mode};
use crate::figures::Times;
use crate::log;
use crate::orders::Order;

/// The keys that are replayed.
const REPLAYED: usize = 512;
/// The parts of a run, whose ratios are told beside that of the whole.
pub const PARTS: usize = 5;
/// The calls of a turn in which bytes of log are counted: few enough that a log does not begin anew.
const COUNTED: usize = 50;

/// The calls to be measured.
#[derive(Debug, Clone, Copy)]
pub struct Calls {
    /// How they are protected.
    pub mode: Mode,
    /// Whether they were made before.
    pub replay: bool,
    /// How many call at once.
    pub callers: usize,
    /// The calls of a contender's turn.
    pub turn: usize,
}

impl Calls {
    /// Their name in the table.
    #[must_use]
    pub fn name(self) -> String {
        let kind = if self.replay { "replay" } else { "first call" };
        match self {
            Self { turn: 1, .. } => format!("{kind}, in turns of 1"),
            _ => kind.to_owned(),
        }
    }
}

/// One database under measurement.
#[derive(Debug)]
pub struct Bench<D> {
    database: D,
    /// Counts the batches of orders, so that each has keys of its own.
    batches: usize,
    replayed: Arc<[Order]>,
}

impl<D: Database> Bench<D> {
    /// Warms everything up, and makes what will be replayed.
    ///
    /// # Errors
    ///
    /// If a call fails.
    pub async fn new(database: D) -> Result<Self, BoxError> {
        let replayed: Arc<[Order]> = Order::batch(0, REPLAYED).into();
        for contender in Contender::ALL {
            for mode in [Mode::Lease, Mode::Transaction] {
                let replayed = prefixed(&replayed, mode);
                // One at a time: sqlx goes round all connections that it has, and one caller should not meet 64 processes
                // whose caches are cold.
                together(&database, contender, mode, &replayed, 1).await?;
            }
        }
        Ok(Self { database, batches: 0, replayed })
    }

    fn orders(&mut self, calls: Calls) -> Arc<[Order]> {
        if calls.replay {
            let begin = (self.batches * calls.turn) % REPLAYED;
            self.batches += 1;
            let turn = self.replayed.iter().cycle().skip(begin).take(calls.turn).cloned();
            return prefixed(&turn.collect::<Vec<_>>(), calls.mode);
        }
        self.batches += 1;
        Order::batch(self.batches, calls.turn).into()
    }

    /// Times the contenders, turn by turn, for the same orders. Who goes first changes with each turn.
    ///
    /// # Errors
    ///
    /// If a call fails.
    pub async fn compare(&mut self, calls: Calls, time: Duration) -> Result<[Times; 3], BoxError> {
        let mut times = [const { Times::new() }; 3];
        if calls.callers > 1 {
            self.connect(calls).await?;
        }
        let begun = Instant::now();
        let mut turns = 0;
        while begun.elapsed() < time || turns < PARTS {
            let orders = self.orders(calls);
            for place in 0..3 {
                let index = (turns + place) % 3;
                self.turn(calls, Contender::ALL[index], &orders, &mut times[index]).await?;
            }
            turns += 1;
        }
        Ok(times)
    }

    /// Has the pool open its connections, and each prepare its statements.
    async fn connect(&mut self, calls: Calls) -> Result<(), BoxError> {
        for contender in Contender::ALL {
            let orders = self.orders(calls);
            together(&self.database, contender, calls.mode, &orders, calls.callers).await?;
        }
        Ok(())
    }

    async fn turn(
        &self,
        calls: Calls,
        contender: Contender,
        orders: &Arc<[Order]>,
        times: &mut Times,
    ) -> Result<(), BoxError> {
        if calls.callers > 1 {
            let begun = Instant::now();
            together(&self.database, contender, calls.mode, orders, calls.callers).await?;
            times.add(begun.elapsed(), orders.len());
            return Ok(());
        }
        for order in orders.iter() {
            let begun = Instant::now();
            std::hint::black_box(self.database.call(contender, calls.mode, order).await?);
            times.add(begun.elapsed(), 1);
        }
        Ok(())
    }

    /// What one call sends, and what the database writes to its log for it.
    ///
    /// # Errors
    ///
    /// If a call fails.
    pub async fn costs(&mut self, mode: Mode, replay: bool) -> Result<[Cost; 3], BoxError> {
        let calls = Calls { mode, replay, callers: 1, turn: COUNTED };
        let mut bytes = [const { Vec::new() }; 3];
        for round in 0..9 {
            let orders = self.orders(calls);
            for index in [0, 1, 2].map(|place| (round + place) % 3) {
                let before = self.database.log_bytes().await?;
                self.turn(calls, Contender::ALL[index], &orders, &mut Times::new()).await?;
                bytes[index].push((self.database.log_bytes().await? - before) / orders.len() as u64);
            }
        }
        let orders = self.orders(calls);
        let mut costs = [Cost::default(); 3];
        for (index, bytes) in bytes.iter_mut().enumerate() {
            let call = self.database.call(Contender::ALL[index], mode, &orders[0]);
            let (called, sent) = log::listen(call).await;
            called?;
            // The middle: a checkpoint, or a page that was full, is in some turns only.
            bytes.sort_unstable();
            costs[index] = Cost { statements: statements(&sent, mode), bytes: bytes[bytes.len() / 2] };
        }
        Ok(costs)
    }
}

/// What one call costs the database.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// What it sends, with `BEGIN` and `COMMIT`.
    pub statements: usize,
    /// What is written to the log.
    pub bytes: u64,
}

/// The statements, with the `BEGIN` that sqlx does not log.
fn statements(sent: &[String], mode: Mode) -> usize {
    let is = |sql: &String, words: &[&str]| words.iter().any(|word| sql.starts_with(word));
    let begins = sent.iter().any(|sql| is(sql, &["BEGIN"]));
    let ends = sent.iter().any(|sql| is(sql, &["COMMIT", "ROLLBACK"]));
    let unlogged = if mode == Mode::Transaction { usize::from(!begins) + usize::from(!ends) } else { 0 };
    sent.len() + unlogged
}

/// Orders whose keys were charged in this mode.
fn prefixed(orders: &[Order], mode: Mode) -> Arc<[Order]> {
    orders.iter().map(|order| Order { id: format!("{mode:?}-{}", order.id), ..order.clone() }).collect()
}

/// Calls once for each order, so many at a time.
async fn together<D: Database>(
    database: &D,
    contender: Contender,
    mode: Mode,
    orders: &Arc<[Order]>,
    callers: usize,
) -> Result<(), BoxError> {
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let (database, orders) = (database.clone(), Arc::clone(orders));
        running.spawn(async move {
            for order in orders.iter().skip(caller).step_by(callers) {
                database.call(contender, mode, order).await.map_err(|error| format!("{contender:?}: {error}"))?;
            }
            Ok::<_, BoxError>(())
        });
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    Ok(())
}
