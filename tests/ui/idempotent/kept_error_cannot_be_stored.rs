//! An error that is kept is stored.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[derive(Debug)]
struct PayError;

impl From<idem::Error> for PayError {
    fn from(_: idem::Error) -> Self {
        Self
    }
}

#[idempotent(store = *IDEM, key = id, errors = keep)]
async fn charge(id: u64) -> Result<u64, PayError> {
    Ok(id)
}

fn main() {}
