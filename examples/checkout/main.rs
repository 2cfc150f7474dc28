//! A checkout that charges once, however often the buyer clicks.
//!
//! ```text
//! cargo run --example checkout
//! cargo run --example checkout -- sqlite:shop.db
//! cargo run --example checkout --features postgres -- postgres://postgres@localhost/postgres
//! cargo run --example checkout --features mysql -- mysql://root@localhost/test
//! cargo run --example checkout --features redis -- redis://localhost
//! ```
//!
//! The shop hands out a token with the form, to the buyer who is logged in. The first charge fails, since the bank does not
//! answer, and the buyer clicks ten times at once. Then others try tokens of their own making, and the buyer's. At the end
//! the bank must have charged once.
//!
//! `shop.rs` is the file to read: the form, and the annotated function behind its button.
#![expect(clippy::print_stdout, reason = "an example talks to the person who runs it")]
#![expect(unreachable_pub, reason = "an example reads better with plain `pub`")]

mod shop;
mod bank;
mod story;

use std::process::ExitCode;
use std::sync::Arc;

use idem::{AsStore, MemoryStore, SqliteStore, Store};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = run(std::env::args().nth(1).as_deref()).await;
    // What is still on its way to the store is stored before the process ends.
    let left = idem::drained(std::time::Duration::from_secs(10)).await;
    if !left.is_nothing() {
        eprintln!("checkout: {left}");
    }
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("checkout: {failure}");
            ExitCode::from(2)
        }
    }
}

async fn run(url: Option<&str>) -> Result<bool, Failure> {
    story::tell(shop::Shop::new(open(url).await?)).await
}

/// The store is the only thing that differs.
async fn open(url: Option<&str>) -> Result<Arc<dyn Store>, Failure> {
    Ok(match url {
        None => MemoryStore::new().as_store(),
        Some(url) if url.starts_with("sqlite:") => {
            SqliteStore::open(url.trim_start_matches("sqlite:")).await?.as_store()
        }
        #[cfg(feature = "postgres")]
        Some(url) if url.starts_with("postgres") => {
            let store = idem::PgStore::new(sqlx::PgPool::connect(url).await?);
            store.migrate().await?;
            store.as_store()
        }
        #[cfg(feature = "mysql")]
        Some(url) if url.starts_with("mysql") => {
            let store = idem::MySqlStore::new(sqlx::MySqlPool::connect(url).await?);
            store.migrate().await?;
            store.as_store()
        }
        #[cfg(feature = "redis")]
        Some(url) if url.starts_with("redis") => idem::RedisStore::connect(url).await?.as_store(),
        Some(url) => {
            return Err(format!(
                "`{url}` is of no store that this was built with; give sqlite:PATH, or a URL and `--features postgres`, \
                 `--features mysql` or `--features redis`"
            )
            .into());
        }
    })
}
