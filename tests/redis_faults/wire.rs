//! What a client has sent.

use crate::database::Kind;

/// Arguments stand in a request as they are, so the whole of it is its text.
#[derive(Debug)]
pub(crate) struct Wire;

#[expect(clippy::unused_self, reason = "clients of SQL send a statement once, and then its name")]
impl Wire {
    pub(crate) fn new(_: Kind) -> Self {
        Self
    }

    pub(crate) fn request(&mut self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    pub(crate) fn reply(&mut self, _: &[u8]) {}
}
