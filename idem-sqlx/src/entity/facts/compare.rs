//! What a change is: another value, except where databases keep more or less of a value than Rust's `==` looks at.
//!
//! - Floats are compared by their bits: a NaN is the same NaN, and `-0.0` is not `0.0`.
//! - Timestamps are compared by whole microseconds, which is what databases keep (features `chrono` and `time`).
//!
//! Which rule a type has is found by the expansion's method call: methods of `Pair<f64>` and the like come before those of
//! [`SameValue`], through any alias of the type. So a type is compared as it is, and needs no trait of ours.

/// A field that `Versioned` can compare.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared, so a change of this field cannot be detected",
    label = "no `PartialEq`",
    note = "derive `PartialEq` for it, or write `#[versioned(compare = path)]` with a function `fn(&T, &T) -> bool`, or \
            `#[versioned(always_write)]`"
)]
pub trait Comparable {}

#[diagnostic::do_not_recommend]
impl<T: PartialEq> Comparable for T {}

/// A field of the row, and the same field of a draft.
#[derive(Debug)]
pub struct Pair<'a, T>(pub &'a T, pub &'a T);

/// What compares a field that must be comparable.
#[must_use]
pub fn comparable<T: Comparable>() -> for<'a> fn(&'a T, &'a T) -> Pair<'a, T> {
    |row, draft| Pair(row, draft)
}

/// What compares a field by a function of the user's.
pub fn by<T>(is_same: fn(&T, &T) -> bool) -> fn(&T, &T) -> bool {
    is_same
}

/// How values are compared of which no more is known.
pub trait SameValue {
    /// Whether both are the same value.
    fn is_same(&self) -> bool;
}

impl<T: PartialEq> SameValue for Pair<'_, T> {
    fn is_same(&self) -> bool {
        self.0 == self.1
    }
}

/// What values have that are not comparable, so that rustc reports that once, at the type.
pub trait Incomparable {
    /// Whether both are the same value, which nobody knows.
    fn is_same(&self) -> bool;
}

impl<T> Incomparable for &Pair<'_, T> {
    fn is_same(&self) -> bool {
        false
    }
}

/// What databases keep of a value, in a form that `==` compares.
trait Kept {
    type Kept: PartialEq;

    fn kept(&self) -> Self::Kept;
}

/// Implements [`Kept`] for a type, and the comparison by it for the type and for an `Option` of it.
macro_rules! compared_by {
    ($(impl[$($generic:tt)*] $type:ty => $kept:ty: |$value:ident| $by:expr;)*) => {$(
        impl<$($generic)*> Kept for $type {
            type Kept = $kept;

            fn kept(&self) -> $kept {
                let $value = self;
                $by
            }
        }

        impl<$($generic)*> Pair<'_, $type> {
            /// Whether a database would keep the same of both.
            #[must_use]
            pub fn is_same(&self) -> bool {
                self.0.kept() == self.1.kept()
            }
        }

        impl<$($generic)*> Pair<'_, Option<$type>> {
            /// Whether a database would keep the same of both.
            #[must_use]
            pub fn is_same(&self) -> bool {
                self.0.as_ref().map(Kept::kept) == self.1.as_ref().map(Kept::kept)
            }
        }
    )*};
}

compared_by! {
    impl[] f32 => u32: |float| float.to_bits();
    impl[] f64 => u64: |float| float.to_bits();
}

#[cfg(feature = "chrono")]
compared_by! {
    impl[Tz: chrono::TimeZone] chrono::DateTime<Tz> => i64: |time| time.timestamp_micros();
    impl[] chrono::NaiveDateTime => i64: |time| time.and_utc().timestamp_micros();
    impl[] chrono::NaiveTime => (u32, u32): |time| {
        use chrono::Timelike as _;
        (time.num_seconds_from_midnight(), time.nanosecond() / 1000)
    };
}

#[cfg(feature = "time")]
compared_by! {
    impl[] time::OffsetDateTime => i128: |time| time.unix_timestamp_nanos().div_euclid(1000);
    impl[] time::PrimitiveDateTime => i128: |time| time.assume_utc().unix_timestamp_nanos().div_euclid(1000);
    impl[] time::Time => (u8, u8, u8, u32): |time| time.as_hms_micro();
}

/// A float, which has bits to compare.
pub trait Float: sealed::Sealed {}

impl<T: sealed::Sealed> Float for T {}

mod sealed {
    /// Whether two values are the same to the bit.
    pub trait Sealed {
        #[doc(hidden)]
        fn same_bits(&self, other: &Self) -> bool;
    }

    impl Sealed for f32 {
        fn same_bits(&self, other: &Self) -> bool {
            super::Pair(self, other).is_same()
        }
    }

    impl Sealed for f64 {
        fn same_bits(&self, other: &Self) -> bool {
            super::Pair(self, other).is_same()
        }
    }

    impl<T: Sealed> Sealed for Option<T> {
        fn same_bits(&self, other: &Self) -> bool {
            match (self, other) {
                (Some(value), Some(other)) => value.same_bits(other),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            }
        }
    }
}

/// Compares floats bit by bit: a NaN is the same NaN, and `-0.0` is not `0.0`.
///
/// That is how [`Versioned`](crate::entity::Versioned) compares floats anyway, with a warning, because a sum that was computed
/// anew often differs in its last bit. `#[versioned(compare = idem::same_bits)]` says that this is meant.
///
/// ```
/// # use idem_sqlx::entity::same_bits;
/// assert!(same_bits(&f64::NAN, &f64::NAN));
/// assert!(!same_bits(&Some(0.1 + 0.2), &Some(0.3)));
/// ```
pub fn same_bits<T: Float>(value: &T, other: &T) -> bool {
    value.same_bits(other)
}

#[cfg(test)]
mod tests {
    use super::{Incomparable as _, Pair, SameValue as _};

    /// As an expansion asks.
    macro_rules! is_same {
        ($left:expr, $right:expr) => {
            (&Pair(&$left, &$right)).is_same()
        };
    }

    #[test]
    fn floats_are_compared_by_their_bits_through_options_and_aliases() {
        type Price = f64;
        let nan: Price = f64::NAN;
        assert!(is_same!(nan, nan));
        assert!(is_same!(Some(f32::NAN), Some(f32::NAN)));
        assert!(!is_same!(0.0_f64, -0.0_f64));
        assert!(!is_same!(Some(1.0_f64), None));
    }

    #[test]
    fn other_values_are_compared_by_value() {
        assert!(is_same!("a".to_owned(), "a".to_owned()));
        assert!(!is_same!(vec![1], vec![2]));
    }

    #[test]
    fn what_cannot_be_compared_is_never_the_same() {
        struct Opaque;
        assert!(!is_same!(Opaque, Opaque));
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn timestamps_of_chrono_are_compared_by_whole_microseconds() {
        let at = chrono::DateTime::from_timestamp_nanos;
        for before_or_after_1970 in [1_000_000, -1_000_000] {
            let time = at(before_or_after_1970);
            assert!(is_same!(time, at(before_or_after_1970 + 999)));
            assert!(!is_same!(time, at(before_or_after_1970 + 1000)));
            assert!(is_same!(Some(time), Some(at(before_or_after_1970 + 999))));
            assert!(is_same!(time.naive_utc(), at(before_or_after_1970 + 999).naive_utc()));
        }
        assert!(!is_same!(Some(at(0)), None));
    }

    #[cfg(feature = "time")]
    #[test]
    fn timestamps_of_time_are_compared_by_whole_microseconds() {
        let at = |nanoseconds| time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).expect("in range");
        for before_or_after_1970 in [1_000_000, -1_000_000] {
            let time = at(before_or_after_1970);
            assert!(is_same!(time, at(before_or_after_1970 + 999)));
            assert!(!is_same!(time, at(before_or_after_1970 + 1000)));
            assert!(is_same!(Some(time.time()), Some(at(before_or_after_1970 + 999).time())));
        }
    }
}
