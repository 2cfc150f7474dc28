//! Types of other crates as keys, each behind the feature of its crate's name.

use super::{IntoKey, KeyWriter};

/// A UUID is its 36 characters without quotes, so that it is not the string of the same characters.
#[cfg(feature = "uuid")]
impl IntoKey for uuid::Uuid {
    fn write_key(&self, key: &mut KeyWriter) {
        key.literal(self.as_hyphenated());
    }
}

/// An instant is written in UTC to the nanosecond: two zones of one instant are one key.
#[cfg(feature = "chrono")]
impl<Zone: chrono::TimeZone> IntoKey for chrono::DateTime<Zone> {
    fn write_key(&self, key: &mut KeyWriter) {
        key.literal(format_args!("{:?}Z", self.to_utc().naive_utc()));
    }
}

/// A date is written as `d2026-11-21`.
#[cfg(feature = "chrono")]
impl IntoKey for chrono::NaiveDate {
    fn write_key(&self, key: &mut KeyWriter) {
        key.literal(format_args!("d{self:?}"));
    }
}

/// A decimal is written without trailing zeros, because `1.50` and `1.5` are equal, and with a `d` behind it, because
/// it is not the integer of the same value.
#[cfg(feature = "rust_decimal")]
impl IntoKey for rust_decimal::Decimal {
    fn write_key(&self, key: &mut KeyWriter) {
        key.literal(format_args!("{}d", self.normalize()));
    }
}
