//! Chance that can be repeated, and figures that are seen.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// Past the capture of the test harness: the figure is what the suite is for.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody listens");
}

pub(crate) fn seed() -> u64 {
    let chosen = std::env::var("IDEM_CRASH_SEED").ok().map(|seed| seed.parse().expect("a seed is a number"));
    chosen.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
        u64::from(now.subsec_nanos())
    })
}

/// `SplitMix64`, by Sebastiano Vigna: small, and the same on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
