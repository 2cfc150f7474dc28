//! Whether a text comes back as the value that wrote it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{NotEncoded, decode, write};

/// Decodes the text that a value of type `T` wrote, and lets what came back write its own.
pub(super) fn check<T: Serialize + DeserializeOwned>(text: &str) -> Result<(), NotEncoded> {
    let back: T = decode(text).map_err(NotEncoded::refused)?;
    let again = write(&back)?;
    // Sets and maps that are hashed have another order each time.
    if again == text || is_same_but_for_order(text, &again) {
        return Ok(());
    }
    Err(NotEncoded::refused(
        "the type reads another value than it writes: look for fields that are skipped one way, for \
         defaults, and for untagged variants that read as one another",
    ))
}

fn is_same_but_for_order(one: &str, other: &str) -> bool {
    let read = |text| serde_json::from_str::<Value>(text).ok();
    match (read(one), read(other)) {
        (Some(one), Some(other)) => one == other || sorted(one) == sorted(other),
        _ => false,
    }
}

/// The value with the elements of every list in the order of their texts.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(sorted).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, sorted(value))).collect(),
        value => value,
    }
}
