//! Where the body is not `Send`, the future is not, and the body is what is reported.

use idem::idempotent;

static IDEM: std::sync::LazyLock<idem::MemoryStore> = std::sync::LazyLock::new(idem::MemoryStore::new);

#[idempotent(store = *IDEM, key = id)]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    let receipt = std::rc::Rc::new(id);
    std::future::ready(()).await;
    Ok(*receipt)
}

fn spawn(_: impl Send) {}

fn call() {
    spawn(charge(1));
}

fn main() {}
