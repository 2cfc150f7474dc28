//! A key that the server hands out and the client brings back.

mod digits;
mod issue;

use std::fmt;
use std::str::FromStr;

use rand::TryRng as _;
use rand::rngs::SysRng;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

use crate::error::Reason;
use crate::{Error, IntoKey, Key, KeyWriter, Scope, StoreError};

pub use issue::Tokens;

/// A key that the server hands out with a form or a page, and that the client brings back with each click.
///
/// 128 bits from the operating system's generator, which is made for secrets, is not seeded by us and does not repeat itself
/// after a fork or in a copy of a virtual machine. As text it is 22 letters and digits, which need no escape in a URL or a
/// form. [`Tokens`] issues it; [`of`](Self::of) says whose it is when it comes back.
///
/// ```
/// use idem_core::{MemoryStore, Operation, Token, Tokens};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let store = MemoryStore::new();
/// let form = Tokens::new(&store, "checkout.pay").issue_to("alice").await?.to_string();
/// assert_eq!(form.len(), 22);
///
/// let pay = async |user: &str, form: &str| {
///     let token = form.parse::<Token>()?.of(user);
///     Operation::with_token("checkout.pay", &token).run(&store, async |_| Ok::<_, idem_core::Error>(100)).await
/// };
/// assert!(!pay("alice", &form).await?.is_replayed());
/// assert!(pay("alice", &form).await?.is_replayed());
/// for (user, text) in [("mallory", &*form), ("alice", "0000000000000000000000"), ("alice", "'; DROP TABLE")] {
///     assert!(pay(user, text).await.is_err_and(|error| error.is_not_issued()));
/// }
/// # Ok::<_, idem_core::Error>(())
/// # }).unwrap();
/// ```
///
/// A text that cannot be a token is an error that [is not issued](Error::is_not_issued), word for word that of a token which
/// is unknown, has expired, or belongs to somebody else. Deserializing one fails with the same words. A token proves
/// nothing about who brings it; it only keeps a click from counting twice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token(u128);

impl Token {
    /// A new token, unlike any other.
    ///
    /// # Errors
    ///
    /// If the operating system has no random numbers.
    fn random() -> Result<Self, StoreError> {
        let mut bytes = [0; 16];
        match SysRng.try_fill_bytes(&mut bytes) {
            Ok(()) => Ok(Self(u128::from_be_bytes(bytes))),
            Err(error) => Err(StoreError::refused("the operating system has no random numbers", Some(error.into()))),
        }
    }

    /// The token as one of `owner`'s: whoever the caller is known to be, such as the user of the session. Never something
    /// that the client just says.
    ///
    /// Only the one that it was [issued to](Tokens::issue_to) finds it.
    #[must_use]
    pub fn of<Owner: IntoKey>(self, owner: Owner) -> TokenOf {
        TokenOf { token: self, owner: Some(written(&owner)) }
    }

    /// The token as one that was [issued to anyone](Tokens::issue_to_anyone), for forms that need no login. Whoever sees it may
    /// use it, and is told the outcome.
    #[must_use]
    pub fn of_anyone(self) -> TokenOf {
        TokenOf { token: self, owner: None }
    }
}

fn written<Owner: IntoKey + ?Sized>(owner: &Owner) -> KeyWriter {
    let mut writer = KeyWriter::new();
    writer.one(owner);
    writer
}

/// A [`Token`], and whose it is: what an operation is given instead of a key.
///
/// It is no key of its own, and so no caller who makes up keys can meet a token.
#[derive(Clone)]
pub struct TokenOf {
    token: Token,
    owner: Option<KeyWriter>,
}

impl TokenOf {
    /// The key of the token's record. No other value is written as `t"…"`.
    pub(crate) fn key(&self, scope: Scope) -> Result<Key, Error> {
        let token = self.token;
        let mut key = KeyWriter::new();
        match &self.owner {
            None => key.literal(format_args!("t\"{token}\"")),
            Some(owner) => key.literal(format_args!("(t\"{token}\",{})", owner.clone().finish()?)),
        }
        Key::written(scope, key)
    }
}

/// As text, in 22 letters and digits.
impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(digits::of(self.0).as_str())
    }
}

/// Hides the token, since what is printed for debugging ends up in logs.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl fmt::Debug for TokenOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenOf(…)")
    }
}

/// Takes any text from a client: what is no token is an unknown one.
impl FromStr for Token {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        digits::read(text).map(Self).ok_or_else(Error::not_issued)
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(digits::of(self.0).as_str())
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TokenVisitor)
    }
}

struct TokenVisitor;

impl Visitor<'_> for TokenVisitor {
    type Value = Token;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Token, E> {
        text.parse().map_err(|_: Error| E::custom(Reason::NotIssued))
    }
}

#[cfg(test)]
mod tests {
    use super::Token;
    use crate::Scope;

    /// They are in databases: neither changes any more.
    #[test]
    fn the_text_and_the_keys_of_a_token_are_pinned() {
        let token = Token(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        let key = |of: &super::TokenOf| of.key(Scope::from_static("tests")).expect("a key").text().to_owned();
        assert_eq!(token.to_string(), "0296tiiBb3U904RIpygpjj");
        assert_eq!(key(&token.of("alice")), r#"(t"0296tiiBb3U904RIpygpjj","alice")"#);
        assert_eq!(key(&token.of(("acme", 17))), r#"(t"0296tiiBb3U904RIpygpjj",("acme",17))"#);
        assert_eq!(key(&token.of_anyone()), r#"t"0296tiiBb3U904RIpygpjj""#);
        assert!(token.of(("acme", "")).key(Scope::from_static("tests")).is_err_and(|error| error.is_misuse()));
    }

    #[test]
    fn no_two_tokens_are_one() {
        let tokens: std::collections::HashSet<_> =
            (0..1000).map(|_| Token::random().expect("random numbers")).collect();
        assert_eq!(tokens.len(), 1000);
    }
}
