//! The function takes the error.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct PayError;

impl From<idem::Error> for PayError {
    fn from(_: idem::Error) -> Self {
        Self
    }
}

fn is_final(code: u16) -> bool {
    code == 402
}

#[idempotent(store = *IDEM, key = id, errors = keep_if(is_final))]
async fn charge(id: u64) -> Result<u64, PayError> {
    Ok(id)
}

fn main() {}
