//! A replayed value is the value that the body returned.

use std::fmt::Debug;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Answer, Error, Store};

use super::Backend;
use super::support::{Executions, acquire, operation, outcome, request, two};

/// Shows that a value comes back equal, from another instance, without a second execution.
async fn roundtrips<T>(stores: &[Arc<dyn Store>; 2], name: &str, value: T)
where
    T: Serialize + DeserializeOwned + Clone + PartialEq + Debug,
{
    let executions = Executions::default();
    let call = async |store: &Arc<dyn Store>| {
        let body = async |_| {
            executions.add();
            Ok::<_, Error>(value.clone())
        };
        operation(name).run(store, body).await.expect("there is an outcome")
    };
    assert_eq!(call(&stores[0]).await, Answer::Executed(value.clone()), "{name}");
    assert_eq!(call(&stores[1]).await, Answer::Replayed(value.clone()), "{name}");
    assert_eq!(executions.count(), 1, "{name}");
}

/// `()` is an outcome like any other.
pub async fn unit_result_replays(backend: &dyn Backend) {
    roundtrips(&two(backend).await, "unit", ()).await;
}

/// `None` is an outcome, and not the absence of one.
pub async fn none_result_replays(backend: &dyn Backend) {
    roundtrips(&two(backend).await, "none", None::<String>).await;
}

/// Zero, nothing, the empty string and the empty list are outcomes.
pub async fn falsy_results_roundtrip(backend: &dyn Backend) {
    let stores = two(backend).await;
    roundtrips(&stores, "zero", 0).await;
    roundtrips(&stores, "minus zero", -0.0_f64).await;
    roundtrips(&stores, "empty string", String::new()).await;
    roundtrips(&stores, "empty list", Vec::<u8>::new()).await;
    roundtrips(&stores, "false", false).await;
}

/// An option of an option comes back exactly, and where JSON cannot say which one it was, the key is done without an outcome.
pub async fn option_option_roundtrip(backend: &dyn Backend) {
    let stores = two(backend).await;
    roundtrips(&stores, "some some", Some(Some(1))).await;
    roundtrips(&stores, "none", None::<Option<u8>>).await;
    unreadable(&stores, "some none", Some(None::<u8>), |value| *value == Some(None)).await;
}

/// Enums come back as the variant that they were.
pub async fn unit_enum_roundtrip(backend: &dyn Backend) {
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Payment {
        Pending,
        Paid(u32),
        Declined { code: u16 },
    }

    let stores = two(backend).await;
    roundtrips(&stores, "pending", Payment::Pending).await;
    roundtrips(&stores, "paid", Payment::Paid(7)).await;
    roundtrips(&stores, "declined", Payment::Declined { code: 402 }).await;
}

/// Integers come back to the last digit, at both ends.
pub async fn u64_max_roundtrip(backend: &dyn Backend) {
    let stores = two(backend).await;
    roundtrips(&stores, "u64", u64::MAX).await;
    roundtrips(&stores, "i64", i64::MIN).await;
    roundtrips(&stores, "u128", u128::MAX).await;
}

/// A float that JSON cannot hold is returned to the first caller, and its key is done without an outcome.
pub async fn f64_nan_policy(backend: &dyn Backend) {
    let stores = two(backend).await;
    unreadable(&stores, "nan", f64::NAN, |value| value.is_nan()).await;
    unreadable(&stores, "infinity", vec![1.0, f64::INFINITY], |value| value.len() == 2).await;
}

/// What the type writes and does not read, or reads as another value, goes to the first caller, and its key is done without an
/// outcome.
pub async fn what_a_type_does_not_read_back(backend: &dyn Backend) {
    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Amount { minor: u128 },
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Total {
        #[serde(skip_deserializing)]
        total: u64,
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Nested(Vec<Nested>);

    let stores = two(backend).await;
    unreadable(&stores, "tagged", Tagged::Amount { minor: 1 }, |Tagged::Amount { minor }| *minor == 1).await;
    unreadable(&stores, "skipped", Total { total: 17 }, |value| value.total == 17).await;
    let nested = (0..200).fold(Nested(Vec::new()), |inside, _| Nested(vec![inside]));
    unreadable(&stores, "nested", nested, |value| !value.0.is_empty()).await;
}

/// Shows that the first caller gets the value, and a retry an error that says that the call is done.
async fn unreadable<T>(stores: &[Arc<dyn Store>; 2], name: &str, value: T, is_value: impl Fn(&T) -> bool)
where
    T: Serialize + DeserializeOwned + Clone + Debug,
{
    let executions = Executions::default();
    let call = async |store: &Arc<dyn Store>| {
        let body = async |_| {
            executions.add();
            Ok::<_, Error>(value.clone())
        };
        operation(name).run(store, body).await
    };
    let first = call(&stores[0]).await;
    assert!(matches!(&first, Ok(Answer::Executed(value)) if is_value(value)), "{name}: {first:?}");
    let error = call(&stores[1]).await.expect_err("the outcome is not stored");
    assert!(error.is_completed_without_outcome() && !error.is_retryable(), "{name}: {error}");
    assert_eq!(executions.count(), 1, "{name}");
}

/// Bytes and characters come back exactly: NUL, quotes, four-byte characters, both directions, any length.
pub async fn binary_and_unicode_results(backend: &dyn Backend) {
    let stores = two(backend).await;
    roundtrips(&stores, "bytes", (0..=u8::MAX).collect::<Vec<_>>()).await;
    let texts = ["\0", "a\0b", "\u{10ffff}🦀👩‍👩‍👧", "e\u{301}é", "שלום", "'\"\\`%_?$1{}", "\r\n\t ", "\u{fffd}\u{feff}"];
    for text in texts {
        roundtrips(&stores, &format!("text {text:?}"), text.to_owned()).await;
    }
    for kilobytes in [8, 64, 300, 900] {
        roundtrips(&stores, &format!("{kilobytes} KiB"), "0123456789abcdeü".repeat(60 * kilobytes)).await;
    }
}

/// What the first caller got and what a replay gets are equal, to the last bit of a float.
pub async fn first_and_replay_results_are_equal_through_codec(backend: &dyn Backend) {
    let stores = two(backend).await;
    let floats: Vec<f64> =
        vec![0.1 + 0.2, 1.0 / 3.0, f64::MAX, f64::MIN_POSITIVE, 5e-324, -0.0, 9_007_199_254_740_993.0];
    let bits = async |store: &Arc<dyn Store>| {
        let answer = operation("floats").run(store, async |_| Ok::<_, Error>(floats.clone())).await;
        let floats = answer.expect("there is an outcome").into_inner();
        floats.into_iter().map(f64::to_bits).collect::<Vec<_>>()
    };
    let first = bits(&stores[0]).await;
    assert_eq!(bits(&stores[1]).await, first);
    roundtrips(&stores, "nested", vec![(1_i128, Some('ß'), [0.1_f32, 0.7]), (i128::MIN, None, [1e-40, 3e38])]).await;
}

/// An outcome of another version is an error that names both, and the body does not run.
pub async fn schema_version_mismatch_policy_error(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let executions = Executions::default();
    let call = async |store: &Arc<dyn Store>, version| {
        operation("order").version(version).run(store, async |_| Ok::<_, Error>(executions.add())).await
    };
    call(&first, 2).await.expect("the body runs");
    for (store, expected) in [(&first, 1), (&second, 3), (&second, u32::MAX)] {
        let error = call(store, expected).await.expect_err("the stored outcome is of version 2");
        assert_eq!(error.outcome_version(), Some((2, expected)));
        assert!(!error.is_retryable());
    }
    assert_eq!(call(&second, 2).await.expect("it is of version 2"), Answer::Replayed(1));
    assert_eq!(executions.count(), 1);
}

/// An outcome that does not decode is corrupt, does not show in the error, and the body does not run again.
pub async fn undecodable_result_is_corrupt(backend: &dyn Backend) {
    let [first, second] = two(backend).await;
    let claim = acquire(&first, &request("order")).await;
    first.complete(&claim, &outcome("{\"card\":\"4111\"}"), super::support::HOUR).await.expect("the holder completes");
    let executions = Executions::default();
    let error = operation("order").run(&second, async |_| Ok::<_, Error>(executions.add())).await;
    let error = error.expect_err("an object is no number");
    assert!(error.is_corrupt() && !error.is_retryable() && !error.to_string().contains("4111"), "{error}");
    assert_eq!(executions.count(), 0);
}
