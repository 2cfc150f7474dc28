//! A body that goes on without its caller owns what it works with.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

use std::borrow::Cow;
use std::sync::Arc;

struct Service;

impl Service {
    #[idempotent(store = *IDEM, scope = "tests.charge", key = id, dropped = finish)]
    async fn charge(&self, id: u64) -> Result<u64, idem::Error> {
        Ok(id)
    }

    #[idempotent(store = *IDEM, scope = "tests.refund", key = id, dropped = finish)]
    async fn refund(self: Arc<Self>, id: u64, names: Vec<&str>, note: Cow<'_, str>) -> Result<u64, idem::Error> {
        Ok(id)
    }

    #[idempotent(store = *IDEM, scope = "tests.legal", key = id, dropped = finish)]
    async fn legal(self: Arc<Self>, id: u64, name: &'static str, note: Cow<'static, str>) -> Result<u64, idem::Error> {
        Ok(id)
    }
}

#[idempotent(store = *IDEM, key = id, dropped = finish)]
async fn not_send(id: u64, count: std::rc::Rc<u64>) -> Result<u64, idem::Error> {
    Ok(id + *count)
}

fn main() {}
