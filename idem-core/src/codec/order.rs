//! JSON texts without the order that does not count.

/// Whether the order of lists counts. That of maps never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lists {
    InOrder,
    Sorted,
}

/// A JSON text with the entries of its maps, and the elements of its lists if wanted, in the order of their texts.
///
/// It works on the text, so that numbers of any size stay what they are.
pub(super) fn sorted(text: &str, lists: Lists) -> String {
    let mut sorter = Sorter { rest: text, lists, out: String::with_capacity(text.len()) };
    while !sorter.rest.is_empty() {
        sorter.part();
        sorter.copy(1);
    }
    sorter.out
}

struct Sorter<'t> {
    rest: &'t str,
    lists: Lists,
    out: String,
}

impl Sorter<'_> {
    /// Copies up to the comma or the bracket that ends an element, or an entry with its key.
    fn part(&mut self) {
        loop {
            match self.rest.bytes().next() {
                Some(b'{') => self.parts(true),
                Some(b'[') => self.parts(self.lists == Lists::Sorted),
                Some(b'"') => self.string(),
                None | Some(b',' | b'}' | b']') => return,
                Some(_) => {
                    let plain =
                        self.rest.bytes().position(|byte| matches!(byte, b'{' | b'[' | b'"' | b',' | b'}' | b']'));
                    self.copy(plain.unwrap_or(self.rest.len()));
                }
            }
        }
    }

    /// Copies a list or a map, with its parts in order if they are to be sorted.
    fn parts(&mut self, are_sorted: bool) {
        self.copy(1);
        let start = self.out.len();
        let mut parts = Vec::new();
        loop {
            let begin = self.out.len();
            self.part();
            if are_sorted {
                parts.push(begin..self.out.len());
            }
            if !self.rest.starts_with(',') {
                break;
            }
            self.copy(1);
        }
        let mut parts: Vec<_> = parts.into_iter().map(|part| &self.out[part]).collect();
        if !parts.is_sorted() {
            parts.sort_unstable();
            let joined = parts.join(",");
            self.out.truncate(start);
            self.out.push_str(&joined);
        }
        self.copy(1);
    }

    fn string(&mut self) {
        let bytes = self.rest.as_bytes();
        let mut end = 1;
        while let Some(byte) = bytes.get(end).filter(|byte| **byte != b'"') {
            end += if *byte == b'\\' { 2 } else { 1 };
        }
        self.copy(end + 1);
    }

    fn copy(&mut self, bytes: usize) {
        let (copied, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.out.push_str(copied);
        self.rest = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::{Lists, sorted};

    #[test]
    fn maps_are_sorted_and_lists_if_that_is_wanted() {
        let text = r#"{"b":[2,1,{"d":[],"c":{}}],"a\"]":"x,y"}"#;
        assert_eq!(sorted(text, Lists::InOrder), r#"{"a\"]":"x,y","b":[2,1,{"c":{},"d":[]}]}"#);
        assert_eq!(sorted(text, Lists::Sorted), r#"{"a\"]":"x,y","b":[1,2,{"c":{},"d":[]}]}"#);
    }

    #[test]
    fn what_has_no_parts_stays_as_it_is() {
        for text in [
            "",
            "1",
            "-0.0",
            "null",
            r#""a,[\\""#,
            "[]",
            "{}",
            "[[[]]]",
            "[\"\u{1f980}\",340282366920938463463374607431768211455]",
        ] {
            assert_eq!(sorted(text, Lists::InOrder), text);
        }
    }
}
