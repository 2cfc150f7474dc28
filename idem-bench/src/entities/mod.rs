//! Transitions and versioned updates, by idem and by hand with sqlx.
//!
//! By hand are sent the very statements that idem sends, learnt from sqlx's log so that they cannot drift apart, with every
//! column of the answer decoded: a guarded `UPDATE … RETURNING` is what one writes anyway. What is left is what idem costs.

mod case;
mod order;
mod by_hand;
mod postgres;
mod mysql;
mod sqlite;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use idem::{Versioned as _, entity};
use sqlx::Pool;

pub use by_hand::ByHand;
pub use case::Case;
use order::order_status::{Hold, Pay, Release, Reopen};
pub use order::{Order, OrderStatus};

use crate::by_hand::BoxError;
use crate::figures::Times;
use crate::log;

/// The rows of each case, which its calls take by turns.
const ROWS: usize = 256;
/// The calls of a turn: few, since what a commit costs changes from moment to moment.
const TURN: usize = 10;
/// The parts of a run, whose ratios are told beside that of the whole.
const PARTS: usize = 5;

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contender {
    ByHand,
    Idem,
}

/// The statements of a case, which are sent by hand about another table of the same shape.
type Statements = Vec<&'static str>;

/// A database under measurement.
#[derive(Debug)]
pub struct Bench<DB: ByHand> {
    pool: Pool<DB>,
    keys: u64,
}

/// What was measured of a case.
#[derive(Debug)]
pub struct Measured {
    /// The statements of one call, with `BEGIN` and `COMMIT`.
    pub statements: usize,
    /// The times by hand.
    pub by_hand: Times,
    /// The times of idem.
    pub idem: Times,
}

impl<DB: ByHand> Bench<DB>
where
    Order: entity::StoredIn<DB>,
{
    /// Opens the database, and makes tables in it.
    ///
    /// # Errors
    ///
    /// If it is not there.
    pub async fn new(place: &Path, url: &str) -> Result<Self, BoxError> {
        Ok(Self { pool: DB::open(place, url).await?, keys: 0 })
    }

    /// Times both contenders, turn by turn. Who goes first changes with each turn.
    ///
    /// # Errors
    ///
    /// If a call fails.
    pub async fn compare(&mut self, case: Case, time: Duration) -> Result<Measured, BoxError> {
        let rows = self.rows(case).await?;
        let (mut of_hand, mut of_idem) = (rows.clone(), rows);
        // Until everything is prepared, and both statements of a pair of events are learnt.
        let mut learnt = [Statements::new(), Statements::new()];
        for turn in &mut learnt {
            *turn = self.learn(case, &mut of_idem[0]).await?;
        }
        // Where an update returns nothing, it has a transaction with the read after it.
        let is_transaction = case == Case::Audited || (case == Case::Update && learnt[0].len() > 1);
        let statements = learnt[0].len() + if is_transaction { 2 } else { 0 };
        let mut times = [Times::new(), Times::new()];
        let (begun, mut turns) = (Instant::now(), 0);
        while begun.elapsed() < time || turns < PARTS {
            for place in [turns % 2, (turns + 1) % 2] {
                let (contender, rows) =
                    if place == 0 { (Contender::ByHand, &mut of_hand) } else { (Contender::Idem, &mut of_idem) };
                for call in 0..TURN {
                    let row = &mut rows[(turns * TURN + call) % ROWS];
                    let begun = Instant::now();
                    self.call(contender, case, row, &learnt).await?;
                    times[place].add(begun.elapsed(), 1);
                }
            }
            turns += 1;
        }
        let [by_hand, idem] = times;
        Ok(Measured { statements, by_hand, idem })
    }

    /// Rows of their own for a case.
    async fn rows(&self, case: Case) -> Result<Vec<Order>, BoxError> {
        let status = if case == Case::Lost { OrderStatus::Paid } else { OrderStatus::Unpaid };
        let mut rows = Vec::new();
        for index in 0..ROWS {
            let row = Order::new(i64::try_from(case as usize * ROWS + index)?, status);
            DB::insert(&self.pool, &row).await?;
            rows.push(row);
        }
        Ok(rows)
    }

    /// What idem sends, about the table of the other contender.
    async fn learn(&mut self, case: Case, row: &mut Order) -> Result<Statements, BoxError> {
        let none = [const { Statements::new() }; 2];
        let (called, sent) = log::listen(self.call(Contender::Idem, case, row, &none)).await;
        called?;
        let ours = sent.into_iter().filter(|sql| sql.contains("orders_idem"));
        // Leaked, once for each case, because sqlx wants texts that it need not copy.
        Ok(ours.map(|sql| &*sql.replace("_idem", "_hand").leak()).collect())
    }

    async fn call(
        &mut self,
        contender: Contender,
        case: Case,
        row: &mut Order,
        learnt: &[Statements; 2],
    ) -> Result<(), BoxError> {
        match case {
            Case::Fire => self.fire(contender, row, learnt).await,
            Case::Lost => self.lose(contender, row, &learnt[0]).await,
            Case::Audited => self.audited(contender, row, learnt).await,
            Case::Update => self.update(contender, row, &learnt[0]).await,
            Case::Unchanged => self.unchanged(contender, row).await,
        }
    }

    async fn fire(&mut self, contender: Contender, row: &mut Order, learnt: &[Statements; 2]) -> Result<(), BoxError> {
        let (pays, to) = match row.status {
            OrderStatus::Unpaid => (true, OrderStatus::Paid),
            _ => (false, OrderStatus::Unpaid),
        };
        match (contender, pays) {
            (Contender::Idem, true) => drop(Order::fire(row.id, Pay).execute(&self.pool).await?.applied()?),
            (Contender::Idem, false) => drop(Order::fire(row.id, Reopen).execute(&self.pool).await?.applied()?),
            (Contender::ByHand, _) => {
                let on = &mut *self.pool.acquire().await?;
                black_box(DB::fire(on, learnt[usize::from(!pays)][0], row.id).await?.ok_or("the row was not moved")?);
            }
        }
        row.status = to;
        Ok(())
    }

    async fn lose(&mut self, contender: Contender, row: &Order, learnt: &[&'static str]) -> Result<(), BoxError> {
        if contender == Contender::Idem {
            let status = Order::fire(row.id, Pay).execute(&self.pool).await?.accepted()?;
            black_box(status);
            return Ok(());
        }
        let on = &mut *self.pool.acquire().await?;
        if DB::fire(on, learnt[0], row.id).await?.is_some() {
            return Err("the row was moved".into());
        }
        let (status, _) = black_box(DB::look(on, learnt[1], row.id).await?);
        if status == OrderStatus::Paid { Ok(()) } else { Err("the row is elsewhere".into()) }
    }

    async fn audited(
        &mut self,
        contender: Contender,
        row: &mut Order,
        learnt: &[Statements; 2],
    ) -> Result<(), BoxError> {
        self.keys += 1;
        let key = format!("message-{:08}", self.keys);
        let (holds, to) = match row.status {
            OrderStatus::Unpaid => (true, OrderStatus::Held),
            _ => (false, OrderStatus::Unpaid),
        };
        let mut tx = DB::transaction(&self.pool).await?;
        match (contender, holds) {
            (Contender::Idem, true) => drop(Order::fire(row.id, Hold).key(&key).execute(&mut tx).await?.applied()?),
            (Contender::Idem, false) => drop(Order::fire(row.id, Release).key(&key).execute(&mut tx).await?.applied()?),
            (Contender::ByHand, _) => {
                let learnt = &learnt[usize::from(!holds)];
                if !DB::record(&mut tx, learnt[0], &key, row.id).await? {
                    return Err("the event was not recorded".into());
                }
                black_box(DB::fire(&mut tx, learnt[1], row.id).await?.ok_or("the row was not moved")?);
            }
        }
        tx.commit().await?;
        row.status = to;
        Ok(())
    }

    async fn update(&mut self, contender: Contender, row: &mut Order, learnt: &[&'static str]) -> Result<(), BoxError> {
        let address = Some(format!("{} Main Street", row.version % 100));
        let draft = Order { address, ..row.clone() };
        *row = match contender {
            Contender::ByHand => DB::write(&self.pool, learnt, row, &draft).await?,
            Contender::Idem => match row.update_to(&draft, &self.pool).await? {
                entity::Write::Applied(new) => new,
                other => return Err(format!("the row was not written: {other:?}").into()),
            },
        };
        Ok(())
    }

    async fn unchanged(&mut self, contender: Contender, row: &Order) -> Result<(), BoxError> {
        let draft = row.clone();
        let is_unchanged = match contender {
            Contender::ByHand => black_box(*row == draft),
            Contender::Idem => black_box(row.update_to(&draft, &self.pool).await?) == entity::Write::Unchanged,
        };
        if is_unchanged { Ok(()) } else { Err("the row was written".into()) }
    }
}

impl Measured {
    /// How much longer idem's median is, in percent, and the least and the most of that in the parts of the run.
    #[must_use]
    pub fn overhead(&self) -> [f64; 3] {
        let over = |(idem, by_hand): (Times, Times)| (idem.median() / by_hand.median() - 1.0) * 100.0;
        let mut parts: Vec<_> = self.idem.parts(PARTS).into_iter().zip(self.by_hand.parts(PARTS)).map(over).collect();
        parts.sort_by(f64::total_cmp);
        [over((self.idem.clone(), self.by_hand.clone())), parts[0], parts[PARTS - 1]]
    }
}
