//! A crate of 50 rows and their states, for [`compile_cost`](../compile_cost/index.html).

use std::fmt::Write as _;

const PAIRS: usize = 50;

/// What is derived, and what is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// `sqlx::FromRow` and `sqlx::Type`, and nothing is done.
    Rows,
    /// The same, with `StateMachine` instead of `sqlx::Type`, and `Versioned`.
    Entities,
    /// A guarded and a versioned update by hand for each row.
    ByHand,
    /// The same by `fire` and `update_to`.
    Used,
}

impl Variant {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Rows, Self::Entities, Self::ByHand, Self::Used];

    /// The name of the crate.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Entities => "entities",
            Self::ByHand => "rows-used",
            Self::Used => "entities-used",
        }
    }

    fn is_derived(self) -> bool {
        matches!(self, Self::Entities | Self::Used)
    }
}

/// The source of the crate.
#[must_use]
pub fn source(variant: Variant) -> String {
    let mut source = "#![allow(dead_code)]\n\npub type Boxed<'a, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, \
                      Box<dyn std::error::Error + Send + Sync>>> + Send + 'a>>;\n"
        .to_owned();
    if variant.is_derived() {
        source.push_str("use idem::{StateMachine, Transition, Versioned, Write};\n");
    }
    for pair in 0..PAIRS {
        // Writing to a `String` cannot fail.
        let _ = write!(source, "\n{}\n{}\n", states(variant, pair), row(variant, pair));
        source.push_str(&match variant {
            Variant::Rows | Variant::Entities => String::new(),
            Variant::ByHand => by_hand(pair),
            Variant::Used => used(pair),
        });
    }
    source
}

fn states(variant: Variant, pair: usize) -> String {
    let (derive, attributes, last) = if variant.is_derived() {
        ("StateMachine", MACHINE, "#[state(final)] ")
    } else {
        ("sqlx::Type", "#[sqlx(rename_all = \"snake_case\")]\n", "")
    };
    format!(
        "#[derive({derive}, Debug, Clone, Copy, PartialEq, Eq)]\n{attributes}\
         pub enum Status{pair} {{ Unpaid, Paid, Shipped, Delivered, {last}Cancelled, {last}Refunded }}"
    )
}

const MACHINE: &str = "#[state_machine(initial = Unpaid, rename_all = \"snake_case\")]
#[transition(pay: Unpaid => Paid)]
#[transition(ship: Paid => Shipped, guard_sql = \"address IS NOT NULL\")]
#[transition(deliver: Shipped => Delivered)]
#[transition(cancel: Unpaid | Paid => Cancelled, audit)]
#[transition(refund: Delivered => Refunded, audit)]
";

fn row(variant: Variant, pair: usize) -> String {
    let row = format!(
        "#[derive(Versioned, sqlx::FromRow, Debug, Clone, PartialEq)]
#[versioned(table = \"orders_{pair}\", audit = \"transitions_{pair}\")]
pub struct Order{pair} {{
    #[versioned(id)]
    pub id: i64,
    #[versioned(tenant)]
    pub tenant: i64,
    #[versioned(state)]
    pub status: Status{pair},
    #[versioned(version)]
    pub version: i64,
    pub address: Option<String>,
    pub quantity: i64,
    pub note: String,
    #[versioned(generated)]
    pub total: i64,
}}
"
    );
    if variant.is_derived() {
        return row;
    }
    let is_ours = |line: &&str| line.trim_start().starts_with("#[versioned");
    let lines: Vec<_> = row.lines().filter(|line| !is_ours(line)).collect();
    lines.join("\n").replace("Versioned, ", "")
}

// A library compiles no code for a future that nobody polls, hence the boxes.
fn by_hand(pair: usize) -> String {
    format!(
        r#"
pub fn pay_{pair}(pool: &sqlx::SqlitePool, tenant: i64, id: i64) -> Boxed<'_, bool> {{
    Box::pin(async move {{
        let mut on = pool.acquire().await?;
        let sql = "UPDATE orders_{pair} SET status = 'paid', version = version + 1 WHERE tenant = ?1 AND id = ?2 AND status = 'unpaid' RETURNING version";
        let version: Option<i64> = sqlx::query_scalar(sql).bind(tenant).bind(id).fetch_optional(&mut *on).await?;
        if version.is_some() {{
            return Ok(true);
        }}
        let sql = "SELECT status FROM orders_{pair} WHERE tenant = ?1 AND id = ?2";
        let status: Option<Status{pair}> = sqlx::query_scalar(sql).bind(tenant).bind(id).fetch_optional(&mut *on).await?;
        Ok(status == Some(Status{pair}::Paid))
    }})
}}

pub fn save_{pair}<'a>(pool: &'a sqlx::SqlitePool, row: &'a Order{pair}, draft: &'a Order{pair}) -> Boxed<'a, bool> {{
    Box::pin(async move {{
        let mut on = pool.acquire().await?;
        let sql = "UPDATE orders_{pair} SET address = ?1, quantity = ?2, note = ?3, version = version + 1 WHERE tenant = ?4 AND id = ?5 AND version = ?6 RETURNING *";
        let update = sqlx::query_as(sql).bind(&draft.address).bind(draft.quantity).bind(&draft.note);
        let new: Option<Order{pair}> = update.bind(row.tenant).bind(row.id).bind(row.version).fetch_optional(&mut *on).await?;
        if new.is_some() {{
            return Ok(true);
        }}
        let sql = "SELECT * FROM orders_{pair} WHERE tenant = ?1 AND id = ?2";
        let found: Option<Order{pair}> = sqlx::query_as(sql).bind(row.tenant).bind(row.id).fetch_optional(&mut *on).await?;
        Ok(found.is_some_and(|found| found == *draft))
    }})
}}
"#
    )
}

fn used(pair: usize) -> String {
    format!(
        r"
pub fn pay_{pair}(pool: &sqlx::SqlitePool, tenant: i64, id: i64) -> Boxed<'_, bool> {{
    Box::pin(async move {{
        let paid = Order{pair}::fire(idem::InTenant(tenant, id), status{pair}::Pay).execute(pool).await?;
        Ok(matches!(paid, Transition::Applied {{ .. }} | Transition::AlreadyApplied {{ .. }}))
    }})
}}

pub fn save_{pair}<'a>(pool: &'a sqlx::SqlitePool, row: &'a Order{pair}, draft: &'a Order{pair}) -> Boxed<'a, bool> {{
    Box::pin(async move {{ Ok(matches!(row.update_to(draft, pool).await?, Write::Applied(_) | Write::Unchanged)) }})
}}
"
    )
}
