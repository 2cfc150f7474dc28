//! Without arguments, both required options are reported.

use idem::idempotent;

#[idempotent]
async fn charge(id: u64) -> Result<u64, idem::Error> {
    Ok(id)
}

fn main() {}
