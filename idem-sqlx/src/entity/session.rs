//! Where the statements of an entity run.

use sqlx::pool::PoolConnection;
use sqlx::{Pool, SqlSafeStr as _, SqlStr, Transaction};

use super::tables::{HAS_TRIGGERS, IS_GUARDED, IS_UNIQUE, IS_UNIQUE_SOMEWHERE};
use super::{Database, EntityError};
use crate::transaction::{Fate, held, inside, roll_back};
use crate::{LentTransaction, TransactionDatabase};

/// Where the statements of an entity run: `&mut` a transaction, or a pool.
///
/// On a pool, what takes several statements gets a transaction of its own, and what takes one is committed by the session it
/// runs in. So a pool will not do whose sessions commit nothing by themselves (`autocommit = 0` on MySQL), nor one in which the
/// application leaves transactions open: sqlx does that where a call of its `begin` is dropped before it has ended, and then
/// the next write is acknowledged and lost. Begin with [`in_transaction`](crate::in_transaction), which may be dropped at any time.
///
/// In a transaction that has ended already, after an error that was swallowed or by a `ROLLBACK`, a write is an error.
///
/// The values of an entity are sent and compared as the application's own are. So leave the character set of sessions as sqlx sets
/// it (`utf8mb4` on MySQL, UTF8 on PostgreSQL): under another one, two ids may become one, such as `??`. Whether two ids are
/// equal is decided by the collation of the column. Where that takes `a` and `A` for equal (most collations of MySQL, `citext` on
/// PostgreSQL), they are one row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a transaction nor a pool",
    label = "statements of an entity do not run here",
    note = "give `&pool`, or `&mut tx` where `tx` is an open transaction; where `tx` is a `&mut Transaction` already, give \
            `&mut *tx`",
    note = "a connection without a transaction would tear apart what must happen together: call `begin()` on it"
)]
pub trait Session: Send + Sized + sealed::Sealed {
    /// The database.
    type Database: Database;
    /// What it becomes when it is opened.
    ///
    /// Were there a lifetime on the trait instead, the futures of generic callers would not be `Send`: rustc forgets that the
    /// lifetime of the trait is that of the reference.
    #[doc(hidden)]
    type Opened: Open<Database = Self::Database>;

    /// Takes a connection, in a transaction if `need` says so.
    #[doc(hidden)]
    fn open(self, need: Need) -> impl Future<Output = Result<Self::Opened, sqlx::Error>> + Send;
}

/// What statements need of their connection.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// One connection for all statements, which only read.
    Reading,
    /// The same, for a write that tells no more than whether it was made.
    Connection,
    /// A write of one row of this table that tells what it has written. It stands alone if the table is known to have no
    /// triggers that change that.
    Told(&'static str),
    /// Several writes that happen together.
    Transaction,
}

/// A connection that statements run on.
#[doc(hidden)]
pub trait Open: Send + sealed::Sealed {
    /// The database.
    type Database: Database;

    /// The connection.
    fn connection(&mut self) -> &mut <Self::Database as sqlx::Database>::Connection;

    /// A write: in a transaction of the caller's it fails where that has ended.
    fn text(&self, sql: &'static str) -> WriteText;

    /// Commits what is the call's own. Dropped without it, that is rolled back.
    fn finish(self) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Rolls back what is the call's own, and gives a connection of the pool's back unless its session has ended.
    fn undo(self, fate: Fate) -> impl Future<Output = ()> + Send;

    /// Finishes what has been done, or undoes what has failed.
    fn end<T: Send>(self, done: Result<T, EntityError>) -> impl Future<Output = Result<T, EntityError>> + Send
    where
        Self: Sized,
    {
        async {
            match done {
                Ok(value) => self.finish().await.map(|()| value).map_err(Into::into),
                Err(error) => {
                    self.undo(error.fate::<Self::Database>()).await;
                    Err(error)
                }
            }
        }
    }

    /// Whether statements are no transaction together, so that somebody else may write between two of them.
    fn is_torn(&self) -> bool;

    /// Remembers whether a table has triggers that change what a write has told.
    fn learn(&self, table: &'static str, has_triggers: bool);

    /// Whether a constraint of this audit is known to guard keys.
    fn is_known_guarded(&self, audit: &'static str) -> bool;

    /// Remembers that one does.
    fn learn_guarded(&self, audit: &'static str);

    /// Whether a constraint of this table is known to keep its rows unique.
    fn is_known_unique(&self, table: &'static str) -> bool;

    /// Remembers that one does.
    fn learn_unique(&self, table: &'static str);
}

/// The text of a write. A database runs no other, and only a session makes one, so that none goes into a transaction that has
/// ended.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct WriteText(SqlStr);

impl WriteText {
    pub(super) fn into_sql(self) -> SqlStr {
        self.0
    }
}

/// In the caller's transaction.
#[doc(hidden)]
#[derive(Debug)]
pub struct InCallers<'c, DB: Database>(&'c mut DB::Connection);

/// On a connection of the pool's.
#[doc(hidden)]
#[derive(Debug)]
pub struct OnPool<DB: Database> {
    pool: Pool<DB>,
    on: On<DB>,
}

#[derive(Debug)]
enum On<DB: Database> {
    /// In no transaction.
    Alone(PoolConnection<DB>),
    /// In one that ends with the call.
    InItsOwn(Transaction<'static, DB>),
}

impl<'c, DB: Database> InCallers<'c, DB> {
    async fn checked(on: &'c mut DB::Connection) -> Result<Self, sqlx::Error> {
        inside::check::<DB>(on).await?;
        Ok(Self(on))
    }
}

impl<DB: Database> Open for InCallers<'_, DB> {
    type Database = DB;

    fn connection(&mut self) -> &mut DB::Connection {
        self.0
    }

    fn text(&self, sql: &'static str) -> WriteText {
        WriteText(DB::inside(sql))
    }

    async fn finish(self) -> Result<(), sqlx::Error> {
        Ok(())
    }

    async fn undo(self, _: Fate) {}

    fn is_torn(&self) -> bool {
        false
    }

    fn learn(&self, _table: &'static str, _has_triggers: bool) {}

    fn is_known_guarded(&self, _audit: &'static str) -> bool {
        false
    }

    fn learn_guarded(&self, _audit: &'static str) {}

    fn is_known_unique(&self, table: &'static str) -> bool {
        IS_UNIQUE_SOMEWHERE.has::<DB>(table)
    }

    fn learn_unique(&self, table: &'static str) {
        IS_UNIQUE_SOMEWHERE.add::<DB>(table);
    }
}

impl<DB: Database> Open for OnPool<DB> {
    type Database = DB;

    fn connection(&mut self) -> &mut DB::Connection {
        match &mut self.on {
            On::Alone(connection) => connection,
            On::InItsOwn(transaction) => transaction,
        }
    }

    fn text(&self, sql: &'static str) -> WriteText {
        WriteText(sql.into_sql_str())
    }

    async fn finish(self) -> Result<(), sqlx::Error> {
        match self.on {
            On::Alone(_) => Ok(()),
            On::InItsOwn(transaction) => transaction.commit().await,
        }
    }

    async fn undo(self, fate: Fate) {
        match self.on {
            On::Alone(mut connection) if fate == Fate::Ended => connection.close_on_drop(),
            On::Alone(_) => {}
            On::InItsOwn(transaction) => roll_back(&self.pool, transaction, fate).await,
        }
    }

    fn is_torn(&self) -> bool {
        matches!(self.on, On::Alone(_))
    }

    fn learn(&self, table: &'static str, has_triggers: bool) {
        if has_triggers || !self.is_torn() {
            HAS_TRIGGERS.learn(&self.pool, table, has_triggers);
        }
    }

    fn is_known_guarded(&self, audit: &'static str) -> bool {
        IS_GUARDED.know(&self.pool, audit) == Some(true)
    }

    fn learn_guarded(&self, audit: &'static str) {
        IS_GUARDED.learn(&self.pool, audit, true);
    }

    fn is_known_unique(&self, table: &'static str) -> bool {
        IS_UNIQUE.know(&self.pool, table) == Some(true)
    }

    fn learn_unique(&self, table: &'static str) {
        IS_UNIQUE.learn(&self.pool, table, true);
    }
}

impl<'c, DB: Database> Session for &'c mut Transaction<'_, DB> {
    type Database = DB;
    type Opened = InCallers<'c, DB>;

    async fn open(self, _: Need) -> Result<InCallers<'c, DB>, sqlx::Error> {
        InCallers::checked(&mut **self).await
    }
}

impl<'c, DB: Database> Session for &'c mut LentTransaction<DB> {
    type Database = DB;
    type Opened = InCallers<'c, DB>;

    async fn open(self, _: Need) -> Result<InCallers<'c, DB>, sqlx::Error> {
        InCallers::checked(&mut ***self).await
    }
}

impl<DB: Database> Session for &Pool<DB> {
    type Database = DB;
    type Opened = OnPool<DB>;

    async fn open(self, need: Need) -> Result<OnPool<DB>, sqlx::Error> {
        if need != Need::Reading {
            held::check_writer(self)?;
        }
        let stands_alone = match need {
            Need::Reading | Need::Connection => true,
            Need::Told(table) => HAS_TRIGGERS.know(self, table) == Some(false),
            Need::Transaction => false,
        };
        let opened = |on| OnPool { pool: self.clone(), on };
        if stands_alone {
            let mut connection = held::acquire(self).await?;
            // A connection that has been used shows it, and to find it in the pool's options takes microseconds.
            if DB::keeps_statements(&connection) {
                return Ok(opened(On::Alone(connection)));
            }
            if DB::may_run_alone(self) {
                DB::show_cache(&mut connection).await?;
                return Ok(opened(On::Alone(connection)));
            }
            // Given back first: who holds a connection and waits for another can wait for ever.
            drop(connection);
        }
        let mut transaction = <DB as TransactionDatabase>::begin(self).await?;
        if !DB::keeps_statements(&transaction) && DB::may_run_alone(self) {
            DB::show_cache(&mut transaction).await?;
        }
        Ok(opened(On::InItsOwn(transaction)))
    }
}

mod sealed {
    use sqlx::{Pool, Transaction};

    use crate::LentTransaction;
    use crate::entity::Database;

    /// What else can be a session is a matter of what may be torn apart.
    pub trait Sealed {}

    impl<DB: Database> Sealed for &mut Transaction<'_, DB> {}
    impl<DB: Database> Sealed for &mut LentTransaction<DB> {}
    impl<DB: Database> Sealed for &Pool<DB> {}
    impl<DB: Database> Sealed for super::InCallers<'_, DB> {}
    impl<DB: Database> Sealed for super::OnPool<DB> {}
}
