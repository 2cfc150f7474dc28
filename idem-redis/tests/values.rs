//! What is stored comes back, to the byte and to the last digit, and what no release wrote is told.

mod common;

use std::path::Path;
use std::time::Duration;

use common::{HOUR, acquire, ask, connection, finish, key, name, outcome, own_store, request, say, url};
use idem_core::{Abandoned, ClaimDecision, ClaimRequest, Key, Resolution, Scope, State, Store as _, Timestamp};

/// Nothing in a key or an outcome is special to Redis, and a client that gets bytes reads text.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn redis_decode_binary_client() {
    let (store, _) = own_store(&url()).await;
    let texts = [
        "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
        "\0",
        "a\0b",
        "{",
        "}",
        "{}",
        "}{",
        "a}b{c",
        "|",
        "%7C",
        "*",
        "[a-z]",
        "\\",
        "'; return 1 --",
        "naïve",
        "nai\u{308}ve",
        "🦀",
        "\u{7f}\u{85}\u{2028}",
        " ",
        "ſ",
        "nil",
        "false",
        "",
    ];
    for (number, text) in texts.iter().enumerate() {
        // As they are, without the escapes of a key that is encoded.
        let key = Key::from_stored(Scope::from_static("a|b}{%c"), *text);
        assert_eq!(store.lookup(&key).await.expect("an answer"), None, "{text:?} is somebody else's");
        finish(&store, &key, &format!("{text}{number}")).await;
    }
    for (number, text) in texts.iter().enumerate() {
        let key = Key::from_stored(Scope::from_static("a|b}{%c"), *text);
        let replayed = ask(&store, &request(&key)).await;
        assert_eq!(replayed, ClaimDecision::Replay(outcome(&format!("{text}{number}"))), "{text:?}");
    }
}

/// Lua's numbers end at 2^53. Ours do not.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn numbers_beyond_those_of_lua_are_exact() {
    let (store, prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    let order = key("order");
    for fence in [9_007_199_254_740_993, 9_223_372_036_854_775_806, i64::MAX] {
        let claim = acquire(&store, &request(&order)).await;
        store.release(&claim).await.expect("the claim is held");
        let _: () = say(on, &["HSET", &name(&prefix, &order), "fence", &fence.to_string()]).await;
        let claim = acquire(&store, &request(&order)).await;
        assert_eq!(claim.fence.number(), fence.saturating_add(1));
        store.release(&claim).await.expect("the claim is held");
        let _: () = say(on, &["HSET", &name(&prefix, &order), "fence", "1"]).await;
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn the_longest_times_do_not_overflow() {
    let (store, _) = own_store(&url()).await;
    let record = async |key: &Key| store.lookup(key).await.expect("an answer").expect("a record").record;
    let longest = ClaimRequest { lease: Duration::MAX, retention: Duration::MAX, ..request(&key("longest")) };
    let claim = acquire(&store, &longest).await;
    let State::Running { lease_until, .. } = record(&longest.key).await.state else { panic!("it is claimed") };
    assert_eq!(lease_until, Timestamp::from_micros(i64::MAX));
    store.extend(&claim, Duration::MAX).await.expect("the claim is held");
    store.complete(&claim, &outcome("1"), Duration::MAX).await.expect("the claim is held");
    assert_eq!(record(&longest.key).await.expires_at.as_micros(), i64::MAX);
    assert_eq!(ask(&store, &request(&longest.key)).await, ClaimDecision::Replay(outcome("1")));

    // To the microsecond, where a double would round.
    let most = Duration::from_micros(9_007_199_254_740_993);
    let exact = ClaimRequest { lease: most, retention: Duration::from_micros(1), ..request(&key("exact")) };
    let claim = acquire(&store, &exact).await;
    let running = record(&exact.key).await;
    assert_eq!(running.expires_at, running.updated_at + most + Duration::from_micros(1));
    store.extend(&claim, Duration::from_micros(999_999)).await.expect("the claim is held");
    let extended = record(&exact.key).await;
    assert_eq!(extended.expires_at, extended.updated_at + Duration::from_secs(1));
}

/// All instants are the server's, and the application's clock is not even read.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn redis_server_time_used() {
    let (store, _) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    let mut clock = async || {
        let (seconds, micros): (i64, i64) = say(on, &["TIME"]).await;
        Timestamp::from_micros(seconds * 1_000_000 + micros)
    };
    let before = clock().await;
    let claim = acquire(&store, &request(&key("k"))).await;
    store.complete(&claim, &outcome("1"), HOUR).await.expect("the claim is held");
    let observed = store.lookup(&claim.key).await.expect("an answer").expect("a record");
    let after = clock().await;
    let instants = [before, observed.record.created_at, observed.record.updated_at, observed.now, after];
    assert!(instants.is_sorted(), "{instants:?}");
    assert_eq!(observed.record.expires_at, observed.record.updated_at + HOUR);
    assert!(claim.fence.number() >= before.as_micros() && claim.fence.number() <= after.as_micros());
}

#[test]
fn no_clock_of_the_application_is_read() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut read = 0;
    for entry in std::fs::read_dir(sources).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            continue;
        }
        read += 1;
        let text = std::fs::read_to_string(&path).expect("a source file");
        // An `Instant` bounds how long a call takes, and cannot be sent anywhere.
        for clock in ["SystemTime", "UNIX_EPOCH"] {
            assert!(!text.contains(clock), "{} reads `{clock}`", path.display());
        }
    }
    assert!(read > 5);
}

/// What no release wrote is neither replayed nor run again, whichever call meets it, and stays as it is.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn unknown_status_value() {
    let (store, prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    let damages = [
        ("state", "done"),
        ("state", "COMPLETED"),
        ("state", ""),
        ("expires_at", "tomorrow"),
        ("expires_at", "9223372036854775808"),
        ("expires_at", "0x7FFFFFFFFFFFFF"),
        ("expires_at", " 9223372036854 5"),
        ("codec", "bincode"),
        ("codec", "json json"),
        ("codec", ""),
        ("outcome_version", "x"),
        ("outcome_version", "1 1"),
        ("fingerprint", "FF"),
        ("fingerprint_version", "256"),
    ];
    for (number, (field, value)) in damages.into_iter().enumerate() {
        let order = key(&number);
        finish(&store, &order, "42").await;
        let name = name(&prefix, &order);
        let _: () = say(on, &["HSET", &name, field, value]).await;
        is_corrupt(&store, on, &name, &order, &format!("{field} = {value}")).await;
    }
    for field in ["state", "expires_at", "codec", "outcome_version", "outcome"] {
        let order = key(&("without", field));
        finish(&store, &order, "42").await;
        let name = name(&prefix, &order);
        let _: () = say(on, &["HDEL", &name, field]).await;
        is_corrupt(&store, on, &name, &order, &format!("no {field}")).await;
    }
}

/// A replay does not look at what it does not need. All else that meets the record does, and so does a claim once the outcome
/// has expired.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn damage_beside_an_outcome_is_no_reason_to_withhold_it() {
    let (store, prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    let damages = [
        ("fence", "many"),
        ("fence", "1.5"),
        ("attempts", "-1"),
        ("claim_id", "me"),
        ("updated_at", ""),
        ("created_at", "2^53"),
    ];
    for (number, (field, value)) in damages.into_iter().enumerate() {
        let what = format!("{field} = {value}");
        let order = key(&number);
        finish(&store, &order, "42").await;
        let name = name(&prefix, &order);
        let _: () = say(on, &["HSET", &name, field, value]).await;
        assert_eq!(ask(&store, &request(&order)).await, ClaimDecision::Replay(outcome("42")), "{what}");
        is_corrupt_to_others(&store, &order, &what).await;
        let _: () = say(on, &["HSET", &name, "expires_at", "1000000000000000"]).await;
        assert!(store.claim(&request(&order)).await.is_err_and(|error| error.is_corrupt()), "{what}");
    }
}

async fn is_corrupt(
    store: &idem_redis::RedisStore,
    on: &mut redis::aio::MultiplexedConnection,
    name: &str,
    key: &Key,
    what: &str,
) {
    let before: Vec<String> = say(on, &["HGETALL", name]).await;
    let error = store.claim(&request(key)).await.expect_err(what);
    assert!(error.is_corrupt() && !error.is_retryable(), "{what}: {error}");
    is_corrupt_to_others(store, key, what).await;
    store.purge_expired(10).await.expect("a purge leaves it alone");
    assert_eq!(say::<Vec<String>>(on, &["HGETALL", name]).await, before, "{what}");
}

async fn is_corrupt_to_others(store: &idem_redis::RedisStore, key: &Key, what: &str) {
    assert!(store.lookup(key).await.is_err_and(|error| error.is_corrupt()), "{what}");
    assert!(store.issue(key, HOUR).await.is_err_and(|error| error.is_corrupt()), "{what}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_running_claim_that_cannot_be_read_is_not_renewed() {
    let (store, prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    for field in ["lease_until", "expires_at"] {
        let claim = acquire(&store, &request(&key(field))).await;
        let _: () = say(on, &["HSET", &name(&prefix, &claim.key), field, "soon"]).await;
        assert!(store.extend(&claim, HOUR).await.is_err_and(|error| error.is_corrupt()), "{field}");
    }
}

/// A record that lacks a part, or has a number that is written otherwise, says so to every call that needs the part. It is not
/// "no answer", which a caller would repeat for ever.
#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_record_that_lacks_a_part_is_corrupt_and_not_without_an_answer() {
    let (store, prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    let parts = ["state", "fence", "attempts", "abandoned", "lease_until", "expires_at", "created_at", "updated_at"];
    for state in ["running", "lapsed", "released", "expired"] {
        for part in parts {
            for value in [None, Some("007"), Some("+7"), Some("-7"), Some("")] {
                let what = format!("{state} with {part} = {value:?}");
                let order = key(&what);
                let claim = acquire(&store, &ClaimRequest { abandoned: Abandoned::Rerun, ..request(&order) }).await;
                let name = name(&prefix, &order);
                match state {
                    "lapsed" => say(on, &["HSET", &name, "lease_until", "1000000000000000"]).await,
                    "released" => store.release(&claim).await.expect("it is held"),
                    "expired" => {
                        store.complete(&claim, &outcome("1"), HOUR).await.expect("it is held");
                        let () = say(on, &["HSET", &name, "expires_at", "1000000000000000"]).await;
                    }
                    _ => {}
                }
                match value {
                    None => say(on, &["HDEL", &name, part]).await,
                    Some(value) => say(on, &["HSET", &name, part, value]).await,
                }
                if matches!(part, "abandoned" | "lease_until") && matches!(state, "released" | "expired") {
                    // Such a record has none, and what is there says nothing.
                    continue;
                }
                let is_corrupt = |error: &idem_core::StoreError| error.is_corrupt();
                assert!(store.lookup(&order).await.as_ref().is_err_and(is_corrupt), "{what}");
                assert!(store.claim(&request(&order)).await.as_ref().is_err_and(is_corrupt), "{what}");
                assert!(store.issue(&order, HOUR).await.as_ref().is_err_and(is_corrupt), "{what}");
                let resolved = store.resolve(&order, claim.claim_id, &Resolution::Rerun).await;
                assert!(resolved.as_ref().is_err_and(is_corrupt), "{what}: {resolved:?}");
                // Those who hold the claim may not need the part.
                for ended in
                    [store.extend(&claim, HOUR).await, store.abandon(&claim).await, store.release(&claim).await]
                {
                    assert!(ended.as_ref().map_or_else(is_corrupt, |()| true), "{what}: {ended:?}");
                }
            }
        }
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask test"]
async fn a_key_of_another_type_is_corrupt_and_the_type_is_told() {
    let (store, prefix) = own_store(&url()).await;
    let on = &mut connection(&url()).await;
    let _: () = say(on, &["SET", &name(&prefix, &key("order")), "42"]).await;
    let errors = [
        store.claim(&request(&key("order"))).await.expect_err("it is no record"),
        store.lookup(&key("order")).await.expect_err("it is no record"),
    ];
    for error in errors {
        assert!(error.is_corrupt() && error.to_string().ends_with("not a hash, but a string"), "{error}");
    }
}
