//! Two values are one key exactly if they are equal, whatever a backend thinks of text.

use std::collections::HashSet;
use std::sync::Arc;

use crate::{Answer, Error, IntoKey, Key, MAX_KEY_BYTES, Operation, Scope, Store};

use super::Backend;
use super::support::{acquire, found, operation, request, two};

/// Shows that no two of these keys meet: each runs, and each replays its own outcome.
async fn are_distinct<K: IntoKey>(stores: &[Arc<dyn Store>; 2], keys: &[K]) {
    for (store, is_replayed) in [(&stores[0], false), (&stores[1], true)] {
        for (index, key) in keys.iter().enumerate() {
            let answer = operation(key).run(store, async |_| Ok::<_, Error>(index)).await.expect("there is an outcome");
            assert_eq!((answer.is_replayed(), answer.into_inner()), (is_replayed, index), "key number {index}");
        }
    }
}

/// A long key is stored as a hash, one of the greatest length as it is; two that differ in their last character are two.
pub async fn very_long_key_hashed(backend: &dyn Backend) {
    let stores = two(backend).await;
    // A text has two quotes.
    let longest = "x".repeat(MAX_KEY_BYTES - 2);
    let long = |end: &str| "x".repeat(10_000) + end;
    let keys = [longest.clone(), longest.clone() + "x", longest[1..].to_owned() + "y", long("a"), long("b"), long("")];
    are_distinct(&stores, &keys).await;
    for key in &keys {
        let record = super::support::record(&stores[0], key).await;
        assert_eq!(record.key, super::support::key(key));
        assert!(record.key.text().len() <= MAX_KEY_BYTES);
    }
    assert!(super::support::key(&longest).text().contains("xxx"));
    assert!(!super::support::key(&long("a")).text().contains("xxx"));

    let scope = Scope::new("s".repeat(crate::MAX_SCOPE_BYTES)).expect("it is just within the limit");
    let request = crate::ClaimRequest { key: Key::new(scope, &longest).expect("it is a key"), ..request("order") };
    acquire(&stores[0], &request).await;
    assert_eq!(found(&stores[1], &request.key).await.expect("it has a record").key, request.key);
}

/// Case and blanks at either end matter.
pub async fn key_case_and_trailing_space_significant(backend: &dyn Backend) {
    let keys = [
        "a", "A", "a ", "a  ", " a", "A ", "a\t", "a\u{a0}", "ä", "Ä", "å", "Å", "ß", "ss", "SS", "ẞ", "ı", "i", "I",
        "İ",
    ];
    are_distinct(&two(backend).await, &keys).await;
}

/// Unicode is not normalised, and nothing in it is ignored: composed or not, wide or not, invisible or not.
pub async fn unicode_normalisation_not_applied(backend: &dyn Backend) {
    let keys = [
        "\u{e9}",
        "e\u{301}",
        "e",
        "\u{212b}",
        "\u{c5}",
        "A\u{30a}",
        "ﬁ",
        "fi",
        "Ａ",
        "A",
        "²",
        "2",
        "か",
        "カ",
        "ｶ",
        "は",
        "ば",
        "a\u{200b}",
        "a\u{200d}",
        "a\u{ad}",
        "a",
        "\u{feff}a",
        "🦀",
        "🐙",
        "👍",
        "👍🏽",
        "\u{1f468}\u{200d}\u{1f469}",
        "\u{fffd}",
        "\u{10ffff}",
    ];
    are_distinct(&two(backend).await, &keys).await;
}

/// Characters that mean something to a backend mean nothing in a key, nor in a scope.
pub async fn injection_chars_in_key(backend: &dyn Backend) {
    let stores = two(backend).await;
    let keys = [
        "'",
        "''",
        "\"",
        "\\",
        "\\'",
        "'; DROP TABLE idem; --",
        "' OR '1'='1",
        ":",
        "::",
        "{",
        "{}",
        "{a}b",
        "}",
        "%",
        "%%",
        "_",
        "a%",
        "a_",
        "ab",
        "$1",
        "?",
        "?1",
        ":1",
        "@p",
        "*",
        "[a]",
        "^",
        "#",
        "--",
        "/* */",
        "\n",
        "\r\n",
        "\0",
        "a\0",
        "a\0b",
        "\u{1b}[31m",
        "\u{7f}",
        "NULL",
        "null",
        "true",
        "x'00'",
        "\\x00",
        "\\u{0}",
        "a,b",
        "(a)",
        "`",
        "~",
        "0x41",
        "é'",
    ];
    are_distinct(&stores, &keys).await;

    for (store, is_replayed) in [(&stores[0], false), (&stores[1], true)] {
        for (index, scope) in keys.iter().enumerate() {
            let call = Operation::new(*scope, "order").run(store, async |_| Ok::<_, Error>(index)).await;
            if scope.chars().any(char::is_control) {
                assert!(call.is_err_and(|error| error.is_misuse()), "scope {scope:?}");
                continue;
            }
            let answer = call.expect("there is an outcome");
            assert_eq!((answer.is_replayed(), answer.into_inner()), (is_replayed, index), "scope {scope:?}");
        }
    }
}

/// Keys are injective, on the backend too: strings, numbers, tuples and their nesting never meet, nor do scopes.
pub async fn keys_are_injective(backend: &dyn Backend) {
    let stores = two(backend).await;
    let keys: [&dyn IntoKey; 16] = [
        &("a", "bc"),
        &("ab", "c"),
        &"abc",
        &("abc",),
        &(("a", "bc"),),
        &("a", "b", "c"),
        &("a", ("b", "c")),
        &(1,),
        &("1",),
        &1,
        &"1",
        &"(1)",
        &"(\"a\",\"bc\")",
        &[1_u8],
        &true,
        &"true",
    ];
    let texts: HashSet<_> = keys.iter().map(|key| super::support::key(&Any(*key)).text().to_owned()).collect();
    assert_eq!(texts.len(), keys.len());
    are_distinct(&stores, &keys.map(Any)).await;

    // The end of a scope and the beginning of a key do not run together.
    for (store, is_replayed) in [(&stores[0], false), (&stores[1], true)] {
        for (index, (scope, key)) in
            [("ab", "c"), ("a", "bc"), ("A", "bc"), ("a ", "bc"), ("a:", "bc")].iter().enumerate()
        {
            let answer = Operation::new(*scope, *key).run(store, async |_| Ok::<_, Error>(index)).await;
            let answer = answer.expect("there is an outcome");
            assert_eq!((answer.is_replayed(), answer.into_inner()), (is_replayed, index), "{scope:?} {key:?}");
        }
    }
}

/// A key of any type.
struct Any<'a>(&'a dyn IntoKey);

impl IntoKey for Any<'_> {
    fn write_key(&self, key: &mut crate::KeyWriter) {
        self.0.write_key(key);
    }
}

/// The key is computed once, before the body: a body that changes its arguments completes the record that it claimed.
pub async fn input_mutated_by_body(backend: &dyn Backend) {
    #[derive(Clone, serde::Serialize)]
    struct Order {
        id: String,
        amount: u32,
    }

    let [first, second] = two(backend).await;
    let call = async |store: &Arc<dyn Store>| {
        let mut order = Order { id: "order".to_owned(), amount: 100 };
        let call = operation(&order.id).fingerprint(&order);
        let body = async |_| {
            order.id.push_str(" of another");
            order.amount = 0;
            Ok::<_, Error>(order.amount)
        };
        let answer = call.run(store, body).await.expect("there is an outcome");
        (answer, order.id)
    };
    assert_eq!(call(&first).await, (Answer::Executed(0), "order of another".to_owned()));
    assert_eq!(call(&second).await, (Answer::Replayed(0), "order".to_owned()));
    let mutated = super::support::key("order of another");
    assert!(found(&first, &mutated).await.is_none(), "there is one record, under the first key");
}
