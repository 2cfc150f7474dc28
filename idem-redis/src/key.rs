//! What a record is called in Redis.

use std::fmt::Write as _;

use idem_core::{Key, Scope, StoreError};

/// What every name begins with, unless another prefix is set.
pub(crate) const DEFAULT_PREFIX: &str = "idem:";
const LONGEST_PREFIX: usize = 64;

/// The prefix of the names of a store's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefix(String);

impl Default for Prefix {
    fn default() -> Self {
        Self(DEFAULT_PREFIX.to_owned())
    }
}

impl Prefix {
    /// A prefix of one's own. A brace in it would be the hash tag of all records, and put them into one slot.
    pub(crate) fn new(prefix: &str) -> Result<Self, StoreError> {
        let allowed = |character: char| character.is_ascii_graphic() && !"{}".contains(character);
        if prefix.is_empty() || prefix.len() > LONGEST_PREFIX || !prefix.chars().all(allowed) {
            let what = format!(
                "the prefix `{}` of the store is not 1 to {LONGEST_PREFIX} printable ASCII characters without blanks and \
                 braces; write one like `idem:`",
                prefix.escape_debug()
            );
            return Err(StoreError::refused(what, None));
        }
        Ok(Self(prefix.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of a record, such as `idem:{payments.charge|"order-17"}`.
    ///
    /// Injective: the first `|` ends the scope, since one in a scope is escaped. The hash tag is the whole record, and so
    /// what is to be kept beside a record can have its slot. A `}` would end it early, and is escaped too: clients choose
    /// keys, and could put them all into one slot.
    pub(crate) fn name(&self, key: &Key) -> String {
        let (scope, text) = (key.scope().as_str(), key.text());
        let mut name = String::with_capacity(self.0.len() + scope.len() + text.len() + 3);
        name.push_str(&self.0);
        name.push('{');
        escape(scope, &mut name, "%}|");
        name.push('|');
        escape(text, &mut name, "%}");
        name.push('}');
        name
    }

    /// The key of a record of this name; `None` if it is not the name of one.
    pub(crate) fn key(&self, name: &str) -> Option<Key> {
        let record = name.strip_prefix(&self.0)?.strip_prefix('{')?.strip_suffix('}')?;
        let (scope, text) = record.split_once('|')?;
        Some(Key::from_stored(Scope::new(unescaped(scope)?).ok()?, unescaped(text)?))
    }

    /// The pattern that matches the names of all records of the store.
    pub(crate) fn pattern(&self) -> String {
        let mut pattern = String::with_capacity(self.0.len() + 2);
        for character in self.0.chars() {
            if "*?[]^\\-".contains(character) {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern.push_str("{*");
        pattern
    }
}

/// Writes `text`, and those characters in it as URLs do.
fn escape(text: &str, name: &mut String, those: &str) {
    // Nearly always there is none.
    if !text.contains(|character| those.contains(character)) {
        name.push_str(text);
        return;
    }
    for character in text.chars() {
        if those.contains(character) {
            // Writing to a `String` cannot fail.
            let _ = write!(name, "%{:02X}", u32::from(character));
        } else {
            name.push(character);
        }
    }
}

/// What [`escape`] made the text of.
fn unescaped(name: &str) -> Option<String> {
    let mut parts = name.split('%');
    let mut text = parts.next()?.to_owned();
    for part in parts {
        let code = u8::from_str_radix(part.get(..2)?, 16).ok().filter(u8::is_ascii)?;
        text.push(char::from(code));
        text.push_str(part.get(2..)?);
    }
    Some(text)
}

impl std::fmt::Display for Prefix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use idem_core::{Key, Scope};

    use super::Prefix;

    fn name(scope: &'static str, text: &str) -> String {
        Prefix::default().name(&Key::from_stored(Scope::from_static(scope), text))
    }

    #[test]
    fn a_name_reads_like_the_record() {
        assert_eq!(name("payments.charge", "\"order-17\""), "idem:{payments.charge|\"order-17\"}");
    }

    #[test]
    fn the_hash_tag_is_the_whole_record() {
        assert_eq!(name("a}b", "(\"}\",\"100%\")"), "idem:{a%7Db|(\"%7D\",\"100%25\")}");
        assert_eq!(name("{", "{"), "idem:{{|{}");
    }

    #[test]
    fn no_two_records_share_a_name() {
        let parts = ["a", "a|", "|", "%", "%7C", "a%7C", "}", "%7D", "{", "a}{b", "||", "%25"];
        let mut names: Vec<_> = parts.iter().flat_map(|scope| parts.iter().map(|text| name(scope, text))).collect();
        for name in &names {
            let key = Prefix::default().key(name).expect("it is the name of a record");
            assert_eq!(Prefix::default().name(&key), *name);
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), parts.len() * parts.len());
    }

    #[test]
    fn a_prefix_that_would_be_a_hash_tag_or_is_no_text_is_refused() {
        for prefix in ["", "{shop}:", "shop}", "two words:", "line\n", "é:", &"a".repeat(65)] {
            assert!(Prefix::new(prefix).is_err(), "{prefix}");
        }
        assert_eq!(Prefix::new("shop*[1]:").expect("printable").pattern(), "shop\\*\\[1\\]:{*");
    }
}
