//! Medians, and the table that is printed.

use std::time::Duration;

/// The times of one thing, in nanoseconds.
#[derive(Debug, Default, Clone)]
pub struct Times(Vec<f64>);

impl Times {
    /// No times.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds the time of `calls` calls.
    pub fn add(&mut self, time: Duration, calls: usize) {
        self.0.push(time.as_secs_f64() * 1e9 / calls as f64);
    }

    /// The part `share` of all times lies below: 0.5 is the median.
    ///
    /// # Panics
    ///
    /// If there is no time.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into the times")]
        let index = ((sorted.len() - 1) as f64 * share).round() as usize;
        sorted[index]
    }

    /// The times in so many parts, as they came; no more parts than times.
    #[must_use]
    pub fn parts(&self, count: usize) -> Vec<Self> {
        let begin = |part| self.0.len() * part / count;
        (0..count).map(|part| Self(self.0[begin(part)..begin(part + 1)].to_vec())).collect()
    }

    /// The middle time.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}

/// Nanoseconds as a person reads them.
#[must_use]
pub fn readable(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e4 => format!("{nanoseconds:.0} ns"),
        ..1e7 => format!("{:.1} us", nanoseconds / 1e3),
        ..1e10 => format!("{:.1} ms", nanoseconds / 1e6),
        _ => format!("{:.1} s", nanoseconds / 1e9),
    }
}

/// Prints a row of a Markdown table.
pub fn row<const N: usize>(cells: [&str; N]) {
    println!("| {} |", cells.join(" | "));
}

/// Prints the head of a Markdown table.
pub fn head<const N: usize>(cells: [&str; N]) {
    row(cells);
    row(["---"; N]);
}
