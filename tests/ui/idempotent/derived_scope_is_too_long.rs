//! A derived scope fits into an index, too.


mod aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa {
    #[idem::idempotent(store = store, key = id)]
    pub async fn bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb(store: &idem::MemoryStore, id: u64) -> Result<u64, idem::Error> {
        Ok(id)
    }
}

fn main() {}
