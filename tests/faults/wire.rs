//! Which statement a client has executed, read from what it sent.
//!
//! A statement is sent as text once, and then by the name or number that it was prepared under.

use std::collections::HashMap;

use crate::database::Kind;

/// What one connection has prepared.
#[derive(Debug)]
pub(crate) struct Wire {
    kind: Kind,
    prepared: HashMap<Vec<u8>, String>,
    /// The text that the server is about to give a number.
    preparing: Option<String>,
}

impl Wire {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, prepared: HashMap::new(), preparing: None }
    }

    /// The text of what these bytes have the server execute, each statement with a semicolon; empty if they only prepare.
    pub(crate) fn request(&mut self, bytes: &[u8]) -> String {
        let executed = match self.kind {
            Kind::Postgres => self.postgres(bytes),
            Kind::MySql => self.mysql(bytes).into_iter().collect(),
        };
        executed.into_iter().map(|statement| statement + ";").collect()
    }

    /// Several messages may come at once: a type, a length that counts itself, and strings that end in zero. The first
    /// message of a connection has no type but begins with its length, so with zero.
    fn postgres(&mut self, mut bytes: &[u8]) -> Vec<String> {
        let mut executed = Vec::new();
        while let [kind, a, b, c, d, rest @ ..] = bytes {
            let length = u32::from_be_bytes([*a, *b, *c, *d]).saturating_sub(4) as usize;
            let (body, next) = rest.split_at(length.min(rest.len()));
            let mut strings = body.split(|byte| *byte == 0);
            let (first, second) = (strings.next().unwrap_or_default(), strings.next().unwrap_or_default());
            match kind {
                b'P' => drop(self.prepared.insert(first.to_vec(), text(second))),
                b'B' => executed.extend(self.prepared.get(second).cloned()),
                b'Q' => executed.push(text(first)),
                0 => break,
                _ => {}
            }
            bytes = next;
        }
        executed
    }

    /// A length of three bytes, a number that is zero at the begin of a command, and the command.
    fn mysql(&mut self, bytes: &[u8]) -> Option<String> {
        match bytes {
            [_, _, _, 0, 0x03, query @ ..] => Some(text(query)),
            [_, _, _, 0, 0x16, query @ ..] => {
                self.preparing = Some(text(query));
                None
            }
            [_, _, _, 0, 0x17, a, b, c, d, ..] => self.prepared.get(&[*a, *b, *c, *d][..]).cloned(),
            _ => None,
        }
    }

    /// Learns under which number a statement was prepared.
    pub(crate) fn reply(&mut self, bytes: &[u8]) {
        if let (Some(text), [_, _, _, _, 0, a, b, c, d, ..]) = (self.preparing.take(), bytes) {
            self.prepared.insert(vec![*a, *b, *c, *d], text);
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
