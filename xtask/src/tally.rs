//! What test programs say of their tests, and the summary of all of them.

use std::fmt::Write as _;
use std::time::Duration;

/// What one program said.
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) tally: Tally,
    pub(crate) took: Duration,
    /// How it ended if its tests do not tell why: by a signal, or because it ran for too long.
    pub(crate) broken: Option<String>,
}

/// How its tests ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    failures: Vec<String>,
}

impl Tally {
    /// Reads the output of a test program, or of several in a row.
    pub(crate) fn of(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            if let Some(test) = line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED")) {
                tally.failures.push(test.to_owned());
            }
            let Some(counts) = line.strip_prefix("test result: ").and_then(|line| line.split_once(". ")) else {
                continue;
            };
            for count in counts.1.split("; ") {
                match count.split_once(' ') {
                    Some((number, "passed")) => tally.passed += number.parse().unwrap_or(0),
                    Some((number, "failed")) => tally.failed += number.parse().unwrap_or(0),
                    Some((number, "ignored")) => tally.ignored += number.parse().unwrap_or(0),
                    _ => {}
                }
            }
        }
        tally
    }

    pub(crate) fn has_failures(&self) -> bool {
        self.failed > 0
    }
}

impl Report {
    pub(crate) fn is_good(&self) -> bool {
        self.broken.is_none() && self.tally.failed == 0
    }

    /// A test that takes its program along does not say so.
    fn failed(&self) -> u64 {
        self.tally.failed.max(u64::from(!self.is_good()))
    }

    pub(crate) fn line(&self) -> String {
        let Tally { passed, ignored, .. } = self.tally;
        let seconds = self.took.as_secs_f64();
        let failed = self.failed();
        format!("{seconds:>8.1} {passed:>7} {failed:>7} {ignored:>8}  {}", self.name)
    }

    fn failures(&self) -> String {
        let mut lines = String::new();
        for test in self.tally.failures.iter().chain(&self.broken) {
            // Writing to a string does not fail.
            let _ = writeln!(lines, "failed: {}: {test}", self.name);
        }
        lines
    }
}

/// All programs, the slowest first; then what failed; then the line that says it all.
pub(crate) fn summary(reports: &mut [Report], took: Duration) -> String {
    reports.sort_by_key(|report| std::cmp::Reverse(report.took));
    let mut summary = " seconds  passed  failed  ignored  program\n".to_owned();
    for report in &*reports {
        summary.push_str(&report.line());
        summary.push('\n');
    }
    let sum = |count: fn(&Report) -> u64| reports.iter().map(count).sum::<u64>();
    let one_by_one: Duration = reports.iter().map(|report| report.took).sum();
    let (took, one_by_one) = (took.as_secs(), one_by_one.as_secs());
    let _ = writeln!(summary, "\n{} programs in {took} s, which are {one_by_one} s of programs\n", reports.len());
    summary.extend(reports.iter().map(Report::failures));
    let (passed, failed, skipped) =
        (sum(|report| report.tally.passed), sum(Report::failed), sum(|report| report.tally.ignored));
    let _ = writeln!(summary, "{passed} passed, {failed} failed, {skipped} skipped");
    summary
}

/// The lines of a program's output that tell more than that its tests passed: figures, above all.
pub(crate) fn figures(output: &str) -> impl Iterator<Item = &str> {
    let of_the_harness = |line: &&str| {
        line.is_empty() || ["running ", "test result: "].iter().any(|start| line.starts_with(start)) || is_test(line)
    };
    output.lines().filter(move |line| !of_the_harness(line))
}

fn is_test(line: &str) -> bool {
    line.starts_with("test ") && [" ... ok", " ... ignored", " ... FAILED"].iter().any(|end| line.contains(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\nrunning 3 tests\nsqlite: operations=3\ntest a::b ... ok\ntest c ... FAILED\n\
                          test d ... ignored, needs a server\n\nfailures:\n\n---- c stdout ----\nboom\n\nfailures:\n    c\n\n\
                          test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";

    fn report(output: &str, broken: Option<&str>) -> Report {
        let broken = broken.map(str::to_owned);
        Report { name: "idem::x".to_owned(), tally: Tally::of(output), took: Duration::from_secs(2), broken }
    }

    #[test]
    fn tests_are_counted_and_those_that_failed_are_named() {
        let expected = Tally { passed: 1, failed: 1, ignored: 1, failures: vec!["c".to_owned()] };
        assert_eq!(Tally::of(OUTPUT), expected);
    }

    #[test]
    fn several_programs_in_a_row_are_added_up() {
        let twice = Tally::of(&OUTPUT.repeat(2));
        assert_eq!((twice.passed, twice.failed, twice.ignored, twice.failures.len()), (2, 2, 2, 2));
    }

    #[test]
    fn the_last_line_of_the_summary_counts_all_tests() {
        let mut reports = [report(OUTPUT, None), report("test result: ok. 4 passed; 0 failed; 0 ignored", None)];
        let summary = summary(&mut reports, Duration::from_secs(3));
        assert_eq!(summary.lines().last(), Some("5 passed, 1 failed, 1 skipped"));
        assert!(summary.contains("failed: idem::x: c\n"), "{summary}");
    }

    #[test]
    fn a_program_that_died_has_failed_whatever_its_tests_say() {
        let mut reports = [report("test a ... ok\n", Some("signal: 6 (SIGABRT)"))];
        assert!(!reports[0].is_good());
        let summary = summary(&mut reports, Duration::from_secs(3));
        assert!(summary.contains("failed: idem::x: signal: 6 (SIGABRT)\n"), "{summary}");
        assert_eq!(summary.lines().last(), Some("0 passed, 1 failed, 0 skipped"));
    }

    #[test]
    fn figures_are_what_the_harness_does_not_say() {
        let figures: Vec<_> = figures("running 1 test\nsqlite: operations=3\ntest a ... ok\n\n").collect();
        assert_eq!(figures, ["sqlite: operations=3"]);
    }
}
