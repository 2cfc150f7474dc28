//! Whether the user may call what the scripts call, found out before anything is written.
//!
//! The server checks each command of a script when the script gets there. One that is refused there has left behind what the
//! commands before it wrote, and nobody could say any more that a call which was refused took no effect.

use std::sync::atomic::{AtomicBool, Ordering};

use idem_core::StoreError;
use redis::from_redis_value;

use crate::records::Call;
use crate::script;

/// Whether the server has been asked, and nothing was missing.
#[derive(Debug, Default)]
pub(crate) struct Rights(AtomicBool);

impl Rights {
    pub(crate) async fn check(&self, call: Call<'_>, prefix: &str) -> Result<(), StoreError> {
        if self.0.load(Ordering::Relaxed) {
            return Ok(());
        }
        let none: [&str; 0] = [];
        match call.run(&script::RIGHTS, format!("{prefix}{{}}"), &none, None).await {
            Ok((answer, _)) => {
                let missing: Vec<String> = from_redis_value(answer).unwrap_or_default();
                if !missing.is_empty() {
                    let missing = missing.join("`, `");
                    return Err(StoreError::refused(
                        format!("this user of Redis may not call `{missing}`, which the store needs"),
                        None,
                    ));
                }
            }
            // A user who may use the names of records alone, and not this one, cannot be asked for.
            Err(error) if error.is_refused() => {}
            Err(error) => return Err(error),
        }
        self.0.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Something was refused, so the rights may have changed.
    pub(crate) fn forget(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
