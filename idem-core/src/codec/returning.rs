//! Whether a text comes back as the value that wrote it.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::exact::Exact;
use super::order::{Lists, sorted};
use super::{NotEncoded, decode, write};

const OTHER_VALUE: &str = "the type reads another value than it writes: look for fields that are skipped one way, for \
                           defaults, and for untagged variants that read as one another";
const OTHER_ORDER: &str = "the type reads a list in another order than it writes it: keep the order, or return a sorted \
                           list, or a `BTreeSet` in place of a set whose hasher is fixed";

/// How often a text is read to see whether an order changes by itself. A set of two elements has the same order in every second
/// reading, a larger one is found out sooner.
const READINGS: u32 = 32;

/// Decodes the text that a value of type `T` wrote, and compares it with what comes back.
///
/// Values are compared by their texts, for nothing more is known of their type. The order of a map does not count. The order of
/// a list does, unless the type itself reads one text in another order each time, as a `HashSet` does: then no caller can rely
/// on it, and two retries would not get the same one either.
pub(super) fn check<T: Serialize + DeserializeOwned>(text: &str) -> Result<(), NotEncoded> {
    let back: T = decode(text).map_err(NotEncoded::refused)?;
    if writes(&back, text)? {
        return Ok(());
    }
    let again = write(&back)?;
    let order = sorted(&again, Lists::InOrder);
    if order == sorted(text, Lists::InOrder) {
        return Ok(());
    }
    if sorted(&order, Lists::Sorted) != sorted(text, Lists::Sorted) {
        return Err(NotEncoded::refused(OTHER_VALUE));
    }
    for _ in 0..READINGS {
        let other: T = decode(text).map_err(NotEncoded::refused)?;
        if sorted(&write(&other)?, Lists::InOrder) != order {
            return Ok(());
        }
    }
    Err(NotEncoded::refused(OTHER_ORDER))
}

/// Whether a value writes this very text. Most do, and then no second text is made.
fn writes<T: Serialize>(value: &T, text: &str) -> Result<bool, NotEncoded> {
    let mut rest = Rest { text: text.as_bytes(), differs: false };
    match value.serialize(Exact::new(&mut serde_json::Serializer::new(&mut rest))) {
        Ok(()) => Ok(rest.text.is_empty()),
        Err(_) if rest.differs => Ok(false),
        Err(refused) => Err(NotEncoded::refused(refused)),
    }
}

/// What is left of a text while it is written a second time.
struct Rest<'t> {
    text: &'t [u8],
    differs: bool,
}

impl io::Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(rest) = self.text.strip_prefix(bytes) {
            self.text = rest;
            return Ok(bytes.len());
        }
        self.differs = true;
        Err(io::ErrorKind::InvalidData.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
