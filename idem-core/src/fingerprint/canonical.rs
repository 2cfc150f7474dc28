//! The canonical encoding under a fingerprint.
//!
//! Each value is a tag and its content; what has no fixed size is preceded by its length or closed by a tag, so the
//! encoding is injective. Integers of all widths share one form. The entries of a map, and the fields of a struct, are
//! sorted by their encoded keys.

use std::fmt;

use serde::ser::{Serialize, Serializer};

use super::compound::{Compound, Entries, Items};

/// One byte before each value says what it is.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Tag {
    Unit = b'u',
    None = b'n',
    Some = b's',
    Bool = b'b',
    Integer = b'i',
    /// Above `i128::MAX`.
    Unsigned = b'U',
    Float = b'f',
    Char = b'c',
    Text = b't',
    Bytes = b'x',
    Sequence = b'[',
    Map = b'{',
    Variant = b'v',
    End = b'.',
}

/// Collects the encoding.
#[derive(Debug)]
pub(super) struct Canonical {
    bytes: Vec<u8>,
    /// What becomes of a field that is `None`.
    none: NoneFields,
}

/// What becomes of the fields of a struct that are `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoneFields {
    /// They are written, as in version 1.
    Written,
    /// They are left out, as in version 2, and so far there was none.
    LeftOut,
    /// They are left out, and there was one.
    WereLeftOut,
}

impl Canonical {
    /// Most payloads are short, so that they need no second allocation.
    pub(super) fn new() -> Self {
        Self { bytes: Vec::with_capacity(256), none: NoneFields::LeftOut }
    }

    /// As version 1 encodes.
    pub(super) fn first_version() -> Self {
        Self { none: NoneFields::Written, ..Self::new() }
    }

    /// Whether a field was left out because it is `None`.
    pub(super) fn has_left_out(&self) -> bool {
        self.none == NoneFields::WereLeftOut
    }

    /// Takes back the field that begins at `start` and whose value begins at `value`, if it is `None` and that counts for
    /// nothing.
    pub(super) fn leave_out_none(&mut self, start: usize, value: usize) -> bool {
        let is_left_out = self.none != NoneFields::Written && self.bytes.get(value..) == Some(&[Tag::None as u8]);
        if is_left_out {
            self.bytes.truncate(start);
            self.none = NoneFields::WereLeftOut;
        }
        is_left_out
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn position(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn tag(&mut self, tag: Tag) {
        self.bytes.push(tag as u8);
    }

    pub(super) fn sized(&mut self, tag: Tag, content: &[u8]) {
        self.tag(tag);
        self.bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
        self.bytes.extend_from_slice(content);
    }

    /// Replaces everything from `start` on.
    pub(super) fn rewrite(&mut self, start: usize, content: &[u8]) {
        self.bytes.truncate(start);
        self.bytes.extend_from_slice(content);
    }

    fn fixed<const N: usize>(&mut self, tag: Tag, content: [u8; N]) {
        self.tag(tag);
        self.bytes.extend_from_slice(&content);
    }

    fn variant(&mut self, name: &str) {
        self.sized(Tag::Variant, name.as_bytes());
    }
}

/// Why a payload could not be encoded: only the payload's own `Serialize` can say so.
#[derive(Debug)]
pub(super) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl serde::ser::Error for Refused {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

macro_rules! integers {
    ($($method:ident: $integer:ty),*) => {$(
        fn $method(self, value: $integer) -> Result<(), Refused> {
            self.serialize_i128(value.into())
        }
    )*};
}

impl<'a> Serializer for &'a mut Canonical {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Compound<'a, Items>;
    type SerializeTuple = Compound<'a, Items>;
    type SerializeTupleStruct = Compound<'a, Items>;
    type SerializeTupleVariant = Compound<'a, Items>;
    type SerializeMap = Compound<'a, Entries>;
    type SerializeStruct = Compound<'a, Entries>;
    type SerializeStructVariant = Compound<'a, Entries>;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );

    fn serialize_i128(self, value: i128) -> Result<(), Refused> {
        self.fixed(Tag::Integer, value.to_be_bytes());
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Refused> {
        match i128::try_from(value) {
            Ok(small) => self.fixed(Tag::Integer, small.to_be_bytes()),
            Err(_) => self.fixed(Tag::Unsigned, value.to_be_bytes()),
        }
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Result<(), Refused> {
        self.fixed(Tag::Bool, [u8::from(value)]);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Refused> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Refused> {
        self.fixed(Tag::Float, value.to_bits().to_be_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Refused> {
        self.fixed(Tag::Char, u32::from(value).to_be_bytes());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Refused> {
        self.sized(Tag::Text, value.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Refused> {
        self.sized(Tag::Bytes, value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Refused> {
        self.tag(Tag::None);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refused> {
        self.tag(Tag::Some);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        self.tag(Tag::Unit);
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Refused> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Refused> {
        self.variant(variant);
        self.serialize_unit()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        self.variant(variant);
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Refused> {
        Ok(Compound::items(self))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Refused> {
        Ok(Compound::items(self))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Refused> {
        Ok(Compound::items(self))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Refused> {
        self.variant(variant);
        Ok(Compound::items(self))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Refused> {
        Ok(Compound::entries(self))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Refused> {
        Ok(Compound::entries(self))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Refused> {
        self.variant(variant);
        Ok(Compound::entries(self))
    }
}
