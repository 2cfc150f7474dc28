//! A crate of 200 methods such as services have, for [`compile_cost`](../compile_cost/index.html).

use std::fmt::Write as _;

const SERVICES: usize = 20;
const METHODS: usize = 10;

/// What stands over each method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// Nothing.
    Plain,
    /// `#[tracing::instrument]`.
    Instrument,
    /// `#[idempotent]`.
    Idempotent,
}

impl Variant {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Instrument, Self::Idempotent];

    /// The name of the crate.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Instrument => "instrument",
            Self::Idempotent => "idempotent",
        }
    }

    fn attribute(self, method: usize) -> &'static str {
        match (self, method % 5) {
            (Self::Plain, _) => "",
            (Self::Instrument, _) => "#[tracing::instrument(skip(self))]",
            (Self::Idempotent, 0) => "#[idem::idempotent(store = self.store, scope = \"bench.service\", key = order.id)]",
            (Self::Idempotent, 1) => "#[idem::idempotent(store = self.store, scope = \"bench.service\", key = (order.merchant, order.number))]",
            (Self::Idempotent, 2) => {
                "#[idem::idempotent(store = self.store, scope = \"bench.service\", key = order.number, fingerprint = order, lease = \"10s\")]"
            }
            (Self::Idempotent, 3) => "#[idem::idempotent(store = self.store, scope = \"bench.service\", key = &order.id, retain = \"7d\")]",
            (Self::Idempotent, _) => {
                "#[idem::idempotent(store = self.store, scope = \"bench.service\", key = (order.merchant, order.id), fingerprint = order.lines)]"
            }
        }
    }
}

/// The source of the crate.
#[must_use]
pub fn source(variant: Variant) -> String {
    let mut source = TYPES.to_owned();
    for service in 0..SERVICES {
        // Writing to a `String` cannot fail.
        let _ = writeln!(source, "\nimpl Service{service} {{");
        for method in 0..METHODS {
            source.push_str(&self::method(variant, service, method));
        }
        let _ = writeln!(
            source,
            "}}\n\n#[derive(Clone)]\npub struct Service{service} {{\n    store: idem::MemoryStore,\n    \
             gateway: Gateway,\n}}"
        );
    }
    source
}

// A library compiles no code for a future that nobody polls, hence the second one.
fn method(variant: Variant, service: usize, method: usize) -> String {
    let attribute = variant.attribute(method);
    let result = ["Receipt", "Shipment", "Refund"][method % 3];
    format!(
        "    {attribute}
    pub async fn run_{service}_{method}(&self, order: &Order) -> Result<{result}, ServiceError> {{
        let total = self.gateway.price(order.number, &order.lines).await?;
        if total > order.limit {{
            return Err(ServiceError::OverLimit {{ total }});
        }}
        for attempt in 0..3 {{
            if let Ok(reference) = self.gateway.send(\"{service}/{method}\", total).await {{
                return Ok({result} {{ reference, total, attempt }});
            }}
        }}
        let reference = self.gateway.send(\"fallback\", total).await?;
        Ok({result} {{ reference, total, attempt: 3 }})
    }}

    pub fn boxed_{service}_{method}<'a>(&'a self, order: &'a Order) -> Boxed<'a, {result}> {{
        Box::pin(self.run_{service}_{method}(order))
    }}\n"
    )
}

const TYPES: &str = r#"#![allow(dead_code)]
use serde::{Deserialize, Serialize};

pub type Boxed<'a, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, ServiceError>> + Send + 'a>>;

#[derive(Debug, Clone, Serialize)]
pub struct Order {
    pub id: String,
    pub merchant: String,
    pub number: u64,
    pub limit: u64,
    pub lines: Vec<Line>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub sku: String,
    pub quantity: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Receipt {
    pub reference: String,
    pub total: u64,
    pub attempt: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Shipment {
    pub reference: String,
    pub total: u64,
    pub attempt: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    pub reference: String,
    pub total: u64,
    pub attempt: u32,
}

#[derive(Debug)]
pub enum ServiceError {
    OverLimit { total: u64 },
    Gateway(String),
    Idem(idem::Error),
}

impl From<idem::Error> for ServiceError {
    fn from(error: idem::Error) -> Self {
        Self::Idem(error)
    }
}

#[derive(Clone)]
pub struct Gateway {
    rate: u64,
}

impl Gateway {
    pub async fn price(&self, number: u64, lines: &[Line]) -> Result<u64, ServiceError> {
        Ok(number * self.rate + lines.iter().map(|line| u64::from(line.quantity)).sum::<u64>())
    }

    pub async fn send(&self, operation: &str, total: u64) -> Result<String, ServiceError> {
        if total == 0 { Err(ServiceError::Gateway(operation.to_owned())) } else { Ok(format!("{operation}-{total}")) }
    }
}
"#;
