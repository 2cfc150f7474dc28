//! Tuples as keys: the parts in parentheses, so that a tuple of one is not its part, and nesting shows.

use super::{IntoKey, KeyWriter};

macro_rules! tuples {
    ($(($($part:ident)+))*) => {$(
        impl<$($part: IntoKey),+> IntoKey for ($($part,)+) {
            fn write_key(&self, key: &mut KeyWriter) {
                #[expect(non_snake_case, reason = "the parts are named as their types")]
                let ($($part,)+) = self;
                key.group(&[$($part),+]);
            }
        }
    )*};
}

tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}
