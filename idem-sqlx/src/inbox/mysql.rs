//! The inbox in MySQL and MariaDB.

use idem_core::{ClaimId, StoreError};
use sqlx::{AssertSqlSafe, MySql, MySqlConnection, QueryBuilder};

use crate::backend::Backend as _;
use crate::mysql::{MySqlBackend, inside};
use crate::statement::Value;
use crate::table::Table;

use super::InboxDatabase;
use super::inner::{Inner, Moved, Statements, Words};
use super::upkeep::{error_of, explain, first_number};

const MIGRATION: &str = include_str!("../../migrations/mysql/0002_idem_inbox.sql");

pub(super) fn statements(messages: &Table, marks: &Table) -> Statements {
    let syntax = &MySqlBackend::SYNTAX;
    let (messages, now, inside) = (syntax.table(messages), syntax.now, inside());
    let words = Words {
        // The rows follow. `IGNORE` is for duplicates; every value fits its column, so there is nothing else to ignore.
        remember: format!(
            "{inside}INSERT IGNORE INTO {messages} (consumer, message, batch, received_at) VALUES {}",
            row()
        ),
        move_mark: format!("{inside}{}", move_mark(marks)),
        // The transaction may have an older snapshot.
        current: " FOR UPDATE",
        inside: (inside, String::new()),
        purge: format!(
            "DELETE FROM {messages} WHERE consumer = ?1 AND received_at < {now} - ?2 ORDER BY received_at LIMIT ?3"
        ),
    };
    Statements::new(syntax, marks, words)
}

/// Makes a mark, or moves it by one. What `LAST_INSERT_ID` was given last comes back with the acknowledgement, and says whether
/// there was a mark: neither database has a `RETURNING` here. Columns are set from left to right.
fn move_mark(marks: &Table) -> String {
    let (marks, now) = (MySqlBackend::SYNTAX.table(marks), MySqlBackend::SYNTAX.now);
    format!(
        "INSERT INTO {marks} (consumer, source, first_sequence, last_sequence, updated_at) \
             VALUES (?1, ?2, IF(LAST_INSERT_ID(?5), ?3, ?3), ?3, {now}) \
         ON DUPLICATE KEY UPDATE first_sequence = IF(LAST_INSERT_ID(?6), first_sequence, first_sequence), \
             updated_at = IF(last_sequence = ?4, {now}, updated_at), \
             last_sequence = IF(last_sequence = ?4, ?3, last_sequence)"
    )
}

/// Stores the ids that are not there yet, and says how many those were. Texts are sent as bytes, as in all statements.
async fn insert(
    on: &mut MySqlConnection,
    inbox: &Inner,
    ids: &[&str],
    batch: Option<&str>,
) -> Result<usize, sqlx::Error> {
    let mut sql = String::from(&*inbox.mysql.remember);
    for _ in 1..ids.len() {
        sql.push(',');
        sql.push_str(&row());
    }
    let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(ids.len() == 1);
    for id in ids {
        query = query.bind(inbox.consumer.as_str().as_bytes()).bind(id.as_bytes()).bind(batch.map(str::as_bytes));
    }
    let done = query.execute(on).await?;
    Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
}

/// The values of one message.
fn row() -> String {
    format!("(?, ?, ?, {})", MySqlBackend::SYNTAX.now)
}

impl InboxDatabase for MySql {
    const LONGEST_BATCH: usize = 1_000;

    /// MySQL does not tell which rows it inserted, only how many. So if some were there already, the new ones are found by
    /// the name of their batch.
    async fn remember(on: &mut MySqlConnection, inbox: &Inner, ids: &[&str]) -> Result<Vec<String>, sqlx::Error> {
        let batch = (ids.len() > 1).then(|| ClaimId::random().to_string());
        let inserted = insert(on, inbox, ids, batch.as_deref()).await?;
        if inserted == 0 {
            return Ok(Vec::new());
        }
        if inserted == ids.len() {
            return Ok(ids.iter().map(|id| (*id).to_owned()).collect());
        }
        let mut query = QueryBuilder::new("SELECT message FROM ");
        query.push(MySqlBackend::SYNTAX.table(&inbox.messages));
        query.push(" WHERE consumer = ").push_bind(inbox.consumer.as_str().as_bytes());
        query.push(" AND batch = ").push_bind(batch.map(String::into_bytes));
        query.push(" AND message IN (");
        let mut list = query.separated(",");
        for id in ids {
            list.push_bind(id.as_bytes());
        }
        query.push(")");
        // Its text depends on how many there are, so it is not worth being remembered by the connection.
        let rows: Vec<Vec<u8>> = query.build_query_scalar().persistent(false).fetch_all(on).await?;
        // It is what was stored.
        Ok(rows.iter().map(|message| String::from_utf8_lossy(message).into_owned()).collect())
    }

    async fn move_mark(
        on: &mut MySqlConnection,
        inbox: &Inner,
        source: &str,
        sequence: i64,
    ) -> Result<Moved, sqlx::Error> {
        // At random, so that no other statement's number is taken for this one's.
        let made = 1 + i64::from(rand::random::<u32>());
        let found = -made;
        let [consumer, source, sequence, before] = inbox.on_mark(source, sequence);
        let values = [consumer, source, sequence, before, Value::Number(Some(made)), Value::Number(Some(found))];
        let done = inbox.mysql.move_mark.query::<MySql>(&values).execute(&mut *on).await?;
        let told = match done.last_insert_id().cast_signed() {
            // Where the table has a trigger it does not come back, but it is remembered.
            0 => sqlx::query_scalar("SELECT CAST(LAST_INSERT_ID() AS SIGNED)").fetch_one(on).await?,
            told => told,
        };
        // Two rows are affected if one is updated.
        match done.rows_affected() {
            _ if told == made => Ok(Moved::First),
            2 if told == found => Ok(Moved::Next),
            _ if told == found => Ok(Moved::No),
            _ => Err(sqlx::Error::Protocol("`LAST_INSERT_ID` does not tell what it was given".to_owned())),
        }
    }

    async fn mark(on: &mut MySqlConnection, inbox: &Inner, source: &str) -> Result<Option<i64>, sqlx::Error> {
        let values = inbox.on_mark(source, 0);
        let rows = inbox.mysql.mark.query::<MySql>(&values[..2]).fetch_all(on).await?;
        first_number(&rows)
    }

    async fn set_mark(on: &mut MySqlConnection, inbox: &Inner, source: &str, sequence: i64) -> Result<(), sqlx::Error> {
        let values = inbox.on_mark(source, sequence);
        inbox.mysql.set_mark.query::<MySql>(&values).execute(on).await.map(drop)
    }

    async fn purge(on: &mut MySqlConnection, inbox: &Inner, age: i64, limit: u32) -> Result<u64, sqlx::Error> {
        let values = inbox.on_age(age, limit);
        let done = inbox.mysql.purge.query::<MySql>(&values).execute(on).await?;
        Ok(done.rows_affected())
    }

    async fn migrate(on: &mut MySqlConnection, inbox: &Inner) -> Result<(), StoreError> {
        let migration = inbox.messages.inbox_migration(MIGRATION, MySqlBackend::SYNTAX.quote);
        sqlx::raw_sql(AssertSqlSafe(migration)).execute(on).await.map_err(Self::error)?;
        Ok(())
    }

    fn error(error: sqlx::Error) -> StoreError {
        error_of::<MySqlBackend>(error)
    }

    async fn explain(on: &mut MySqlConnection, inbox: &Inner, error: sqlx::Error) -> StoreError {
        explain::<MySqlBackend>(on, inbox, error).await
    }
}
