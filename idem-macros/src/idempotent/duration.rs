//! Durations that are written as literals, such as `"30s"` and `"1h 30m"`.

use std::time::Duration;

/// The shortest and the longest duration that an option takes, as a user would write them.
pub(crate) struct Limits {
    shortest: (&'static str, Duration),
    longest: (&'static str, Duration),
}

/// A lease is long enough for a round trip, and short enough that a crash does not block a key for good.
pub(crate) const LEASE: Limits =
    Limits { shortest: ("10ms", Duration::from_millis(10)), longest: ("1d", Duration::from_hours(24)) };

/// Ten years: longer than any retry, and within the range of every database's timestamps.
pub(crate) const RETENTION: Limits =
    Limits { shortest: ("1ms", Duration::from_millis(1)), longest: ("3650d", Duration::from_hours(3650 * 24)) };

/// A caller waits for a day at most.
pub(crate) const WAIT: Limits =
    Limits { shortest: ("1ms", Duration::from_millis(1)), longest: ("1d", Duration::from_hours(24)) };

/// Milliseconds in each unit.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Units that people write, what they mean by them, and how many milliseconds that is.
const OTHER_UNITS: [(&[&str], &str, u64); 8] = [
    (&["msec", "msecs", "milli", "millis", "millisecond", "milliseconds"], "ms", 1),
    (&["sec", "secs", "second", "seconds", "S"], "s", 1),
    (&["min", "mins", "minute", "minutes", "M"], "m", 1),
    (&["hr", "hrs", "hour", "hours", "H"], "h", 1),
    (&["day", "days", "D"], "d", 1),
    (&["w", "week", "weeks"], "d", 7),
    (&["mo", "month", "months"], "d", 30),
    (&["y", "yr", "year", "years"], "d", 365),
];

impl Limits {
    /// Reads `text`; the error says what is wrong and what to write.
    pub(crate) fn parse(&self, text: &str) -> Result<Duration, String> {
        let duration = parse(text)?;
        if duration.is_zero() {
            return Err(format!("`{text}` is no time at all; write at least `{}`", self.shortest.0));
        }
        if duration < self.shortest.1 {
            return Err(format!("`{text}` is too short; write at least `{}`", self.shortest.0));
        }
        if duration > self.longest.1 {
            return Err(format!("`{text}` is too long; write at most `{}`", self.longest.0));
        }
        Ok(duration)
    }
}

fn parse(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("the duration is empty; write a number and a unit, as in `30s`".to_owned());
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = split(rest, |character| character.is_ascii_digit());
        let (unit, after) = split(after.trim_start(), char::is_alphabetic);
        total = total.saturating_add(part(text, number, unit, after)?);
        rest = after.trim_start();
    }
    Ok(total)
}

/// One number with its unit; `after` is what follows, to tell why one of them is missing.
fn part(text: &str, number: &str, unit: &str, after: &str) -> Result<Duration, String> {
    if number.is_empty() {
        return Err(format!("`{text}` is no duration; write a number and a unit, as in `30s`"));
    }
    if unit.is_empty() {
        return Err(match after.chars().next() {
            None => {
                format!("`{text}` has no unit; write `ms`, `s`, `m`, `h` or `d` behind the number, as in `{number}s`")
            }
            Some('.' | ',') => format!("`{text}` has a fraction; write whole numbers, as in `1s 500ms`"),
            Some(other) => format!("`{other}` does not belong in a duration; write numbers and units, as in `1h 30m`"),
        });
    }
    let Some((_, milliseconds)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(unknown_unit(number, unit));
    };
    let number = number.parse::<u64>().unwrap_or(u64::MAX);
    Ok(Duration::from_millis(number.saturating_mul(*milliseconds)))
}

fn unknown_unit(number: &str, unit: &str) -> String {
    let meant = OTHER_UNITS.iter().find(|(names, ..)| names.contains(&unit) || names.contains(&&*unit.to_lowercase()));
    match meant {
        Some((_, short, times)) => match number.parse::<u64>().ok().and_then(|number| number.checked_mul(*times)) {
            Some(number) => format!("`{unit}` is no unit; write `{number}{short}`"),
            None => format!("`{unit}` is no unit; write `{short}`"),
        },
        None => format!("`{unit}` is no unit; write `ms`, `s`, `m`, `h` or `d`, as in `30s`"),
    }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|character| !belongs(character)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        assert_eq!(RETENTION.parse("1h 30m"), Ok(Duration::from_mins(90)));
        assert_eq!(RETENTION.parse(" 1d2h3m4s5ms "), Ok(Duration::from_millis(93_784_005)));
        assert_eq!(LEASE.parse("30 s"), Ok(Duration::from_secs(30)));
    }

    #[test]
    fn limits_are_inclusive() {
        assert!(LEASE.parse("10ms").is_ok());
        assert!(LEASE.parse("9ms").is_err());
        assert!(LEASE.parse("1d").is_ok());
        assert!(LEASE.parse("1d 1ms").is_err());
        assert!(RETENTION.parse("3650d").is_ok());
    }

    #[test]
    fn numbers_that_overflow_are_too_long() {
        let error = RETENTION.parse("99999999999999999999d 99999999999999999999d").expect_err("too long");
        assert!(error.contains("too long"), "{error}");
    }

    #[test]
    fn a_familiar_unit_is_translated() {
        assert_eq!(RETENTION.parse("2 weeks"), Err("`weeks` is no unit; write `14d`".to_owned()));
        assert_eq!(LEASE.parse("5 Min"), Err("`Min` is no unit; write `5m`".to_owned()));
    }
}
