//! A serializer around another that refuses what JSON would change on the way back.
//!
//! It hands everything on, and is as long as serde's trait is wide.

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// How deep lists and maps may be inside each other: `serde_json` reads no more.
const DEEPEST: u8 = 127;

/// Hands a value on to `S`, except for what would not come back.
pub(super) struct Exact<S> {
    inner: S,
    /// The value stands directly inside `Some`, where `null` would read as `None`.
    inside_some: bool,
    /// How many lists and maps it is in.
    depth: u8,
}

impl<S> Exact<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, inside_some: false, depth: 0 }
    }
}

impl<S: Serializer> Exact<S> {
    /// The depth inside the list or map that is to be written.
    fn deeper(&self) -> Result<u8, S::Error> {
        if self.depth == DEEPEST {
            return Err(S::Error::custom(format_args!("it nests deeper than {DEEPEST}, which JSON is read to")));
        }
        Ok(self.depth + 1)
    }

    fn finite(self, value: f64) -> Result<S, S::Error> {
        if value.is_finite() { Ok(self.inner) } else { Err(S::Error::custom("JSON has no float that is not finite")) }
    }

    fn null(self) -> Result<S, S::Error> {
        if self.inside_some {
            return Err(S::Error::custom("JSON cannot tell `Some` of nothing from `None`"));
        }
        Ok(self.inner)
    }
}

/// A part of a value, or a whole one, on its way through [`Exact`].
struct Checked<'a, T: ?Sized> {
    value: &'a T,
    inside_some: bool,
    depth: u8,
}

impl<'a, T: ?Sized> Checked<'a, T> {
    fn part(value: &'a T, depth: u8) -> Self {
        Self { value, inside_some: false, depth }
    }
}

impl<T: Serialize + ?Sized> Serialize for Checked<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Exact { inner: serializer, inside_some: self.inside_some, depth: self.depth })
    }
}

macro_rules! hand_on {
    ($($method:ident($($argument:ident: $type:ty),*) -> $result:ident;)*) => {$(
        fn $method(self, $($argument: $type),*) -> Result<Self::$result, S::Error> {
            self.inner.$method($($argument),*)
        }
    )*};
}

macro_rules! hand_on_compounds {
    ($($method:ident($($argument:ident: $type:ty),*) -> $result:ident;)*) => {$(
        fn $method(self, $($argument: $type),*) -> Result<Self::$result, S::Error> {
            let depth = self.deeper()?;
            self.inner.$method($($argument),*).map(|inner| Exact { inner, inside_some: false, depth })
        }
    )*};
}

impl<S: Serializer> Serializer for Exact<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Exact<S::SerializeSeq>;
    type SerializeTuple = Exact<S::SerializeTuple>;
    type SerializeTupleStruct = Exact<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Exact<S::SerializeTupleVariant>;
    type SerializeMap = Exact<S::SerializeMap>;
    type SerializeStruct = Exact<S::SerializeStruct>;
    type SerializeStructVariant = Exact<S::SerializeStructVariant>;

    hand_on! {
        serialize_bool(value: bool) -> Ok;
        serialize_i8(value: i8) -> Ok;
        serialize_i16(value: i16) -> Ok;
        serialize_i32(value: i32) -> Ok;
        serialize_i64(value: i64) -> Ok;
        serialize_i128(value: i128) -> Ok;
        serialize_u8(value: u8) -> Ok;
        serialize_u16(value: u16) -> Ok;
        serialize_u32(value: u32) -> Ok;
        serialize_u64(value: u64) -> Ok;
        serialize_u128(value: u128) -> Ok;
        serialize_char(value: char) -> Ok;
        serialize_str(value: &str) -> Ok;
        serialize_bytes(value: &[u8]) -> Ok;
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str) -> Ok;
    }

    hand_on_compounds! {
        serialize_seq(length: Option<usize>) -> SerializeSeq;
        serialize_tuple(length: usize) -> SerializeTuple;
        serialize_tuple_struct(name: &'static str, length: usize) -> SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, length: usize)
            -> SerializeTupleVariant;
        serialize_map(length: Option<usize>) -> SerializeMap;
        serialize_struct(name: &'static str, length: usize) -> SerializeStruct;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, length: usize)
            -> SerializeStructVariant;
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        self.finite(value.into())?.serialize_f32(value)
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        self.finite(value)?.serialize_f64(value)
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.null()?.serialize_none()
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.null()?.serialize_unit()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<S::Ok, S::Error> {
        self.null()?.serialize_unit_struct(name)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_some(&Checked { value, inside_some: true, depth: self.depth })
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        let Self { inner, inside_some, depth } = self;
        inner.serialize_newtype_struct(name, &Checked { value, inside_some, depth })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let depth = self.deeper()?;
        self.inner.serialize_newtype_variant(name, index, variant, &Checked::part(value, depth))
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }
}

macro_rules! parts {
    ($($which:ident { $($method:ident),+ })*) => {$(
        impl<C: $which> $which for Exact<C> {
            type Ok = C::Ok;
            type Error = C::Error;

            $(fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), C::Error> {
                self.inner.$method(&Checked::part(value, self.depth))
            })+

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        }
    )*};
}
parts! {
    SerializeSeq { serialize_element }
    SerializeTuple { serialize_element }
    SerializeTupleStruct { serialize_field }
    SerializeTupleVariant { serialize_field }
    SerializeMap { serialize_key, serialize_value }
}

macro_rules! fields {
    ($($which:ident)*) => {$(
        impl<C: $which> $which for Exact<C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), C::Error> {
                self.inner.serialize_field(key, &Checked::part(value, self.depth))
            }

            fn skip_field(&mut self, key: &'static str) -> Result<(), C::Error> {
                self.inner.skip_field(key)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.inner.end()
            }
        }
    )*};
}
fields!(SerializeStruct SerializeStructVariant);
