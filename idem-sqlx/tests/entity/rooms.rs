//! The smaller sample entities: lines without a version, and rooms with two states.
#![allow(dead_code, reason = "each test file uses some of it")]

use idem_core::machine::Code;
use idem_sqlx::entity::{Arguments, BindError, HasState, HasVersion, Role, Table, Values, Versioned};
use sqlx::FromRow;

use super::machines::{Door, Lamp, OrderStatus};
use super::order::{Binds, Reads, column};

/// An order with an id of two parts and nothing else: `lines`, without tenant, version or audit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) id: i64,
    pub(crate) article: String,
    pub(crate) status: OrderStatus,
    pub(crate) total: i64,
}

/// Columns of an enum type do not know it, and guards of updates compare with it all the same.
const ALIASES: &[(Code, Code)] = &[(Code::Text("on_hold"), Code::Text("held"))];

impl Versioned for Line {
    type Address = (i64, String);
    const TABLE: Table = Table {
        name: "lines",
        audit: None,
        columns: &[
            column("id", Role::Id),
            column("article", Role::Id),
            column("status", Role::State(ALIASES)),
            column("total", Role::Data),
        ],
        natural: &["id", "article"],
    };

    fn address(&self) -> (i64, String) {
        (self.id, self.article.clone())
    }

    fn version(&self) -> Option<i64> {
        None
    }

    fn fixed_difference(&self, draft: &Self) -> Option<&'static str> {
        (self.address() != draft.address())
            .then_some("id")
            .or_else(|| (self.status != draft.status).then_some("status"))
    }

    fn is_unchanged(&self, draft: &Self) -> bool {
        self.total == draft.total
    }
}

impl<DB: Binds> Values<DB> for Line {
    fn bind_address((id, article): &(i64, String), arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        DB::give_number(arguments, *id)?;
        DB::give_text(arguments, Some(article))
    }

    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        match column {
            0 => DB::give_number(arguments, self.id),
            1 => DB::give_text(arguments, Some(&self.article)),
            2 => DB::give_status(arguments, self.status),
            3 => DB::give_number(arguments, self.total),
            other => panic!("column {other} is not bound"),
        }
    }
}

impl HasState<OrderStatus> for Line {
    const COLUMN: usize = 2;
    const NAME: &'static str = "";

    fn state(&self) -> OrderStatus {
        self.status
    }
}

impl<'r, R: Reads> FromRow<'r, R> for Line {
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.number("id")?,
            article: row.text("article")?.unwrap_or_default(),
            status: row.status("status")?,
            total: row.number("total")?,
        })
    }
}

/// Two states in one row, both of which go round: `rooms`, with its audit in `room_transitions`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Room {
    pub(crate) id: i64,
    pub(crate) door: Door,
    pub(crate) lamp: Lamp,
    pub(crate) version: i64,
}

impl Versioned for Room {
    type Address = i64;
    const TABLE: Table = Table {
        name: "rooms",
        audit: Some("room_transitions"),
        columns: &[
            column("id", Role::Id),
            column("door", Role::State(&[])),
            column("lamp", Role::State(&[])),
            column("version", Role::Version),
        ],
        natural: &["id"],
    };

    fn address(&self) -> i64 {
        self.id
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn fixed_difference(&self, draft: &Self) -> Option<&'static str> {
        (self != draft).then_some("id")
    }

    fn is_unchanged(&self, _draft: &Self) -> bool {
        true
    }
}

impl<DB: Binds> Values<DB> for Room {
    fn bind_address(id: &i64, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        DB::give_number(arguments, *id)
    }

    fn bind(&self, column: usize, arguments: &mut Arguments<DB>) -> Result<(), BindError> {
        match column {
            0 => DB::give_number(arguments, self.id),
            1 => DB::give_door(arguments, self.door),
            2 => DB::give_lamp(arguments, self.lamp),
            3 => DB::give_number(arguments, self.version),
            other => panic!("column {other} is not bound"),
        }
    }
}

impl HasVersion for Room {}

impl HasState<Door> for Room {
    const COLUMN: usize = 1;
    const NAME: &'static str = "door";

    fn state(&self) -> Door {
        self.door
    }
}

impl HasState<Lamp> for Room {
    const COLUMN: usize = 2;
    const NAME: &'static str = "lamp";

    fn state(&self) -> Lamp {
        self.lamp
    }
}

impl<'r, R: Reads> FromRow<'r, R> for Room {
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let (id, version) = (row.number("id")?, row.number("version")?);
        Ok(Self { id, door: row.door("door")?, lamp: row.lamp("lamp")?, version })
    }
}
