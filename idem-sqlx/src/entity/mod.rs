//! Entities: rows whose writes are guarded by a version, and whose state changes by transitions.
//!
//! The derives write facts: of the table ([`Table`]), of the values ([`Values`]), of the machine
//! ([`StateMachine`](idem_core::machine::StateMachine)). Every statement is composed from them here, at compile time.
//!
//! # The audit
//!
//! An event with `audit` writes a row of the table that `#[versioned(audit = "…")]` names, in the same transaction. The
//! table begins with the columns of the entity's address, the tenant's and the ids', by their own names and types; with
//! one id and no tenant:
//!
//! ```sql
//! -- PostgreSQL
//! CREATE TABLE order_transitions (
//!     id         bigint       NOT NULL,   -- as in the entity's table, and a tenant before it
//!     event      text         NOT NULL,   -- pay, or payment.pay where an entity has several states
//!     from_state text         NOT NULL,   -- the codes; a column of the state's own type will do too
//!     to_state   text         NOT NULL,
//!     version    bigint,                  -- that it led to; null where the table has none
//!     key        text,
//!     actor      text,
//!     reason     text,
//!     at         timestamptz  NOT NULL,
//!     UNIQUE (id, key)
//! );
//! -- MySQL and MariaDB: keys are compared byte for byte, which most collations do not
//! CREATE TABLE order_transitions (
//!     id         BIGINT       NOT NULL,
//!     event      VARCHAR(100) NOT NULL,
//!     from_state VARCHAR(100) NOT NULL,
//!     to_state   VARCHAR(100) NOT NULL,
//!     version    BIGINT,
//!     `key`      VARBINARY(255),          -- or VARCHAR(255) COLLATE utf8mb4_bin
//!     actor      VARCHAR(255),
//!     reason     VARCHAR(1000),
//!     at         DATETIME(6)  NOT NULL,
//!     UNIQUE (id, `key`)
//! ) ENGINE=InnoDB;
//! -- SQLite
//! CREATE TABLE order_transitions (
//!     id INTEGER NOT NULL, event TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL, version INTEGER,
//!     key TEXT, actor TEXT, reason TEXT, at TEXT NOT NULL, UNIQUE (id, key)
//! );
//! ```
//!
//! The unique constraint is what tells a retry: a key stands for one event of one row, for as long as its audit row is
//! there. A key is at most 255 bytes. It is the text of what [`Fire::key`] was given, as in `"order-17"` or `("acme",17)`, or
//! begins with `@` if it is that of an idempotent operation, as in `@pay orders.checkout "order-17"`. An event that was
//! given no key has none, and any number of those may stand side by side.
//!
//! # State columns
//!
//! A state can be kept in any text column, of fixed width and of any collation too, in an enum of PostgreSQL or MySQL, in a
//! domain of PostgreSQL over any of these and, with `store = "int16"` or `"int32"`, in any column of integers. A row is moved
//! if its state can be read as one of the event's sources, byte by byte but for blanks at the end, whatever the column itself
//! takes for equal. In a statement of your own, a state is bound as any value, without a cast: `WHERE status = $1`; only a
//! domain over an enum needs one, because PostgreSQL compares that with nothing but its base type.
//!
//! # Triggers
//!
//! What a write tells is what stands in the row when its triggers have run: the version, the state and, for a row that is
//! written, all of it. That takes a second statement where a table has such triggers, and on a pool a transaction around both.
//! A constraint trigger that is deferred runs at the commit, and nobody tells what that has changed.

// In reading order: the facts, the statements that are composed from them, who sends those and where, and what can be done.
mod facts;
mod sql;
mod database;
mod tables;
mod session;
mod error;
mod versioned;
mod transition;
mod row;

pub use database::{Arguments, BindError, Database, Value};
pub use error::EntityError;
#[doc(hidden)]
pub use facts::bind::{Json, JsonValue, NullableJsonValue, StoredAs, add, converted, json, never_bound, nullable_json};
pub use facts::compare::{Comparable, same_bits};
pub use facts::describe::{Column, Role, SoftDeletion, Table};
pub use facts::field::{CreatedAt, SoftDelete, UpdatedAt, VersionNumber};
#[doc(hidden)]
pub use facts::field::{
    NoState, StateColumn, created_at_column, no_audit_for, no_version_for, updated_at_column, version_column,
};
pub use facts::stored::{HasState, HasVersion, InTenant, StoredIn, Values};
#[doc(hidden)]
pub use facts::{compare, state};
pub use row::lock::{AtOnce, ForShare, ForUpdate, IfFree, Lock, LockRow, RowLocks, Strength, UntilFree, Wait};
pub use row::modify::{Change, Retry};
pub use row::outcome::{Deletion, Insertion, Write};
pub use session::{InCallers, Need, OnPool, Open, Session, WriteText};
pub use transition::fire::{EventOf, Executing, Fire};
pub use transition::given::{AnyVersion, Fires, GaveKey, GaveVersion, HasKey, KeepsKeys, NoKey, ThisVersion};
pub use transition::outcome::{Evidence, Transition, TransitionEvent, Why};
#[doc(hidden)]
pub use transition::steps::statements_of_event;
pub use versioned::{Reply, Versioned};
