//! The tables of an inbox, and the statements for them.

use std::sync::Arc;

use idem_core::Scope;

use crate::statement::{Statement, Value};
use crate::statements::Syntax;
use crate::table::Table;

#[cfg(feature = "mysql")]
use super::mysql;
#[cfg(feature = "postgres")]
use super::postgres;
#[cfg(feature = "sqlite")]
use super::sqlite;

/// What an inbox is made of. It is bound to no database, so it has the statements of all that there may be.
#[derive(Debug)]
pub struct Inner {
    pub(super) consumer: Scope,
    pub(super) messages: Table,
    pub(super) marks: Table,
    #[cfg(feature = "postgres")]
    pub(super) postgres: Statements,
    #[cfg(feature = "mysql")]
    pub(super) mysql: Statements,
    #[cfg(feature = "sqlite")]
    pub(super) sqlite: Statements,
}

/// The statements for one database. All but `remember` are given [`Inner::on_mark`] or [`Inner::on_age`].
#[derive(Debug)]
pub(super) struct Statements {
    /// Stores ids that are not there; its parameters are the database's own.
    pub(super) remember: Arc<str>,
    pub(super) move_mark: Statement,
    pub(super) mark: Statement,
    pub(super) set_mark: Statement,
    pub(super) purge: Statement,
}

/// What a database has its own words for.
pub(super) struct Words {
    pub(super) remember: String,
    pub(super) move_mark: String,
    /// What follows a `SELECT`, so that it reads what is there now.
    pub(super) current: &'static str,
    /// What stands before and after an `UPDATE`, so that it fails where the transaction has ended.
    pub(super) inside: (String, String),
    pub(super) purge: String,
}

/// How far a mark moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// There was none.
    First,
    /// By one.
    Next,
    No,
}

impl Inner {
    pub(super) fn new(consumer: Scope, messages: Table) -> Self {
        let marks = messages.with_suffix("_marks");
        Self {
            #[cfg(feature = "postgres")]
            postgres: postgres::statements(&messages, &marks),
            #[cfg(feature = "mysql")]
            mysql: mysql::statements(&messages, &marks),
            #[cfg(feature = "sqlite")]
            sqlite: sqlite::statements(&messages, &marks),
            consumer,
            messages,
            marks,
        }
    }

    /// The consumer, the source, the number of a message, and the one before it; there is none before the least.
    pub(super) fn on_mark<'a>(&'a self, source: &'a str, sequence: i64) -> [Value<'a>; 4] {
        [
            self.name(),
            Value::Text(Some(source.into())),
            Value::Number(Some(sequence)),
            Value::Number(sequence.checked_sub(1)),
        ]
    }

    /// The consumer, an age in microseconds, and how many rows at most.
    pub(super) fn on_age(&self, age: i64, limit: u32) -> [Value<'_>; 3] {
        [self.name(), Value::Number(Some(age)), Value::Number(Some(limit.into()))]
    }

    fn name(&self) -> Value<'_> {
        Value::Text(Some(self.consumer.as_str().into()))
    }
}

impl Statements {
    pub(super) fn new(syntax: &Syntax, marks: &Table, words: Words) -> Self {
        let statement = |template: String| Statement::new(&template, syntax.placeholders);
        let (marks, now, current) = (syntax.table(marks), syntax.now, words.current);
        let (before, after) = words.inside;
        Self {
            remember: words.remember.into(),
            move_mark: statement(words.move_mark),
            mark: statement(format!("SELECT last_sequence FROM {marks} WHERE consumer = ?1 AND source = ?2{current}")),
            set_mark: statement(format!(
                "{before}UPDATE {marks} SET last_sequence = ?3, updated_at = {now} \
                 WHERE consumer = ?1 AND source = ?2 AND last_sequence < ?3{after}"
            )),
            purge: statement(words.purge),
        }
    }
}

/// Moves a mark, or makes it, and gives the first number of its source if it did: PostgreSQL and SQLite. A mark that does
/// not move is locked all the same. The condition is of the session.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) fn upsert_mark(syntax: &Syntax, marks: &Table, condition: &str) -> String {
    let (marks, now) = (syntax.table(marks), syntax.now);
    format!(
        "INSERT INTO {marks} AS mark (consumer, source, first_sequence, last_sequence, updated_at) \
             SELECT ?1, ?2, ?3, ?3, {now} WHERE {condition} \
         ON CONFLICT (consumer, source) DO UPDATE SET last_sequence = ?3, updated_at = {now} \
             WHERE mark.last_sequence = ?4 \
         RETURNING first_sequence"
    )
}

/// What the answer to [`upsert_mark`] says.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) fn moved(first_sequence: Option<i64>, sequence: i64) -> Moved {
    match first_sequence {
        None => Moved::No,
        Some(first) if first == sequence => Moved::First,
        Some(_) => Moved::Next,
    }
}
