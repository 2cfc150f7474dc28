//! The text of a statement, and the values that it is given.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Database, Encode, Type};

/// A statement. Its template numbers its parameters, `?1` first; each may stand in it any number of times. `?0` is a
/// condition, that the statement which runs is this one: see [`Mark`].
#[derive(Debug)]
pub(crate) struct Statement {
    sql: Arc<str>,
    /// What it is given to know itself by, if it asks.
    #[cfg(feature = "postgres")]
    mark: Option<Mark>,
    /// The numbers of the parameters as the database counts them.
    order: Vec<usize>,
    sends_bytes: bool,
    /// What stands before each parameter of the template, and its number.
    #[cfg(feature = "postgres")]
    pieces: Vec<(Box<str>, usize)>,
    /// What stands after the last.
    #[cfg(feature = "postgres")]
    rest: Box<str>,
}

/// How a database writes its parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Placeholders {
    /// `?1`, numbered.
    #[cfg(feature = "sqlite")]
    Question,
    /// `$1`, numbered.
    #[cfg(feature = "postgres")]
    Dollar,
    /// `?`, one value each.
    #[cfg(feature = "mysql")]
    Unnumbered,
}

/// What tells a statement from all others, whatever name it was prepared under. It stands in the text, and is sent beside the
/// values. Where a pooler hands out a session in which somebody else has prepared a statement under the same name, that one runs,
/// and the two differ; else a claim would be written into another service's table.
#[cfg(feature = "postgres")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(i64);

/// What the error says, in whatever language the rest of it is.
#[cfg(feature = "postgres")]
pub(crate) const NOT_THIS_STATEMENT: &str = "not statement";

#[cfg(feature = "postgres")]
impl Mark {
    /// FNV-1a, see <https://datatracker.ietf.org/doc/draft-eastlake-fnv/>.
    pub(crate) fn of(template: &str) -> Self {
        const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let hash = template.bytes().fold(BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
        Self(hash.cast_signed())
    }

    /// What is sent.
    pub(crate) fn number(self) -> i64 {
        self.0
    }

    /// A condition that is true if the parameter `number` is this mark, and else an error (22P02). What makes the error is a text
    /// that is not a boolean. Nothing in it is volatile or of a row, so it is asked once and first, also where no row is found;
    /// and the text depends on the parameter, so that it is not read ahead.
    pub(crate) fn condition(self, number: usize) -> String {
        format!("CASE ${number} WHEN {} THEN true ELSE ('{NOT_THIS_STATEMENT} ' || ${number})::boolean END", self.0)
    }
}

/// A value that a statement is given.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Text(Option<Cow<'a, str>>),
    Number(Option<i64>),
    Flag(bool),
}

impl Placeholders {
    fn of(self, number: usize) -> String {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Question => format!("?{number}"),
            #[cfg(feature = "postgres")]
            Self::Dollar => format!("${number}"),
            #[cfg(feature = "mysql")]
            Self::Unnumbered => {
                let _ = number;
                "?".to_owned()
            }
        }
    }

    /// Whether texts are sent as bytes of UTF-8, in which the character sets of a session have no say.
    fn sends_bytes(self) -> bool {
        match self {
            #[cfg(feature = "mysql")]
            Self::Unnumbered => true,
            #[cfg(any(feature = "postgres", feature = "sqlite"))]
            _ => false,
        }
    }

    /// Whether the database binds by number, and not by place.
    fn are_numbered(self) -> bool {
        self.of(1) != self.of(2)
    }
}

impl Statement {
    pub(crate) fn new(template: &str, placeholders: Placeholders) -> Self {
        let (pieces, rest) = split(template);
        let numbers = pieces.iter().map(|(_, number)| *number);
        let last = numbers.clone().max().unwrap_or(0);
        #[cfg(feature = "postgres")]
        let mark = pieces.iter().any(|(_, number)| *number == 0).then(|| Mark::of(template));
        let mut sql = String::with_capacity(template.len());
        for (before, number) in &pieces {
            sql.push_str(before);
            match number {
                #[cfg(feature = "postgres")]
                0 => sql.extend(mark.map(|mark| mark.condition(last + 1))),
                number => sql.push_str(&placeholders.of(*number)),
            }
        }
        sql.push_str(&rest);
        let order = if placeholders.are_numbered() { (1..=last).collect() } else { numbers.collect() };
        Self {
            sql: sql.into(),
            #[cfg(feature = "postgres")]
            mark,
            order,
            sends_bytes: placeholders.sends_bytes(),
            #[cfg(feature = "postgres")]
            pieces,
            #[cfg(feature = "postgres")]
            rest,
        }
    }

    /// The statement with its values, to be prepared once for each connection.
    pub(crate) fn query<'q, DB>(&self, values: &[Value<'_>]) -> Query<'q, DB, DB::Arguments>
    where
        DB: Database,
        for<'t> Option<&'t str>: Encode<'t, DB> + Type<DB>,
        for<'t> Option<&'t [u8]>: Encode<'t, DB> + Type<DB>,
        for<'t> Option<i64>: Encode<'t, DB> + Type<DB>,
        for<'t> bool: Encode<'t, DB> + Type<DB>,
    {
        let query = sqlx::query(AssertSqlSafe(Arc::clone(&self.sql)));
        let query = self.order.iter().fold(query, |query, number| match &values[*number - 1] {
            Value::Text(text) if self.sends_bytes => query.bind(text.as_deref().map(str::as_bytes)),
            Value::Text(text) => query.bind(text.as_deref()),
            Value::Number(number) => query.bind(*number),
            Value::Flag(flag) => query.bind(*flag),
        });
        #[cfg(feature = "postgres")]
        if let Some(mark) = self.mark {
            return query.bind(Some(mark.number()));
        }
        query
    }

    /// The statement with its values written out as literals, for a connection on which nothing can be prepared.
    #[cfg(feature = "postgres")]
    pub(crate) fn written_out(&self, values: &[Value<'_>]) -> String {
        let mut sql = String::new();
        for (before, number) in &self.pieces {
            sql.push_str(before);
            match number {
                0 => sql.push_str("true"),
                number => values[*number - 1].write_literal(&mut sql),
            }
        }
        sql + &self.rest
    }
}

impl Value<'_> {
    /// A literal that is inert whatever is in it, under any `standard_conforming_strings`.
    #[cfg(feature = "postgres")]
    fn write_literal(&self, sql: &mut String) {
        match self {
            Self::Text(None) => sql.push_str("NULL::text"),
            Self::Text(Some(text)) => {
                sql.push_str("E'");
                for character in text.chars() {
                    match character {
                        // Doubled, and not after a backslash, which `backslash_quote` may forbid.
                        '\'' => sql.push_str("''"),
                        '\\' => sql.push_str("\\\\"),
                        // Ends a message, and has no place in a text: an error either way, but here it is its own.
                        '\0' => sql.push_str("\\000"),
                        _ => sql.push(character),
                    }
                }
                sql.push_str("'::text");
            }
            Self::Number(None) => sql.push_str("NULL::bigint"),
            Self::Number(Some(number)) => sql.extend(["('", &number.to_string(), "'::bigint)"]),
            Self::Flag(flag) => sql.push_str(if *flag { "true" } else { "false" }),
        }
    }
}

/// Takes a template apart at its parameters.
fn split(template: &str) -> (Vec<(Box<str>, usize)>, Box<str>) {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('?') {
        let digits = after.find(|character: char| !character.is_ascii_digit()).unwrap_or(after.len());
        let number = after[..digits].parse().expect("a parameter has a number");
        pieces.push((before.into(), number));
        rest = &after[digits..];
    }
    (pieces, rest.into())
}
