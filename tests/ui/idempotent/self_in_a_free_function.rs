//! An option names what the function takes.

use idem::idempotent;

#[idempotent(store = self.idem, key = (id, self.name()))]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
