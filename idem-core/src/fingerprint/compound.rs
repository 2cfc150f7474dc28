//! Sequences, and maps whose entries are sorted.

use std::ops::Range;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::canonical::{Canonical, Refused, Tag};

/// A value of several parts that is being written.
pub(super) struct Compound<'a, Parts> {
    canonical: &'a mut Canonical,
    parts: Parts,
}

/// The parts follow each other.
pub(super) struct Items;

/// The parts are sorted at the end.
pub(super) struct Entries {
    start: usize,
    /// Where each entry begins, and where its key ends.
    entries: Vec<Range<usize>>,
}

impl<'a> Compound<'a, Items> {
    pub(super) fn items(canonical: &'a mut Canonical) -> Self {
        canonical.tag(Tag::Sequence);
        Self { canonical, parts: Items }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        value.serialize(&mut *self.canonical)
    }

    fn close(self) {
        self.canonical.tag(Tag::End);
    }
}

impl<'a> Compound<'a, Entries> {
    pub(super) fn entries(canonical: &'a mut Canonical) -> Self {
        canonical.tag(Tag::Map);
        let start = canonical.position();
        Self { canonical, parts: Entries { start, entries: Vec::new() } }
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        let begin = self.canonical.position();
        key.serialize(&mut *self.canonical)?;
        self.parts.entries.push(begin..self.canonical.position());
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        value.serialize(&mut *self.canonical)
    }

    /// A struct may gain a field that is `None` in every payload of before. In a map it is an entry that somebody made.
    fn leave_out_none(&mut self) {
        if let Some(field) = self.parts.entries.last()
            && self.canonical.leave_out_none(field.start, field.end)
        {
            self.parts.entries.pop();
        }
    }

    /// Sorts by the encoded key; two equal keys, which a serializer may write, are sorted by their values.
    fn close(self) {
        let Entries { start, entries } = self.parts;
        let bytes = self.canonical.bytes();
        let ends = entries.iter().skip(1).map(|next| next.start).chain([bytes.len()]);
        let mut parts: Vec<_> =
            entries.iter().zip(ends).map(|(key, end)| (&bytes[key.clone()], &bytes[key.start..end])).collect();
        if !parts.is_sorted() {
            parts.sort_unstable();
            let sorted = parts.iter().flat_map(|(_, entry)| entry.iter().copied()).collect::<Vec<u8>>();
            self.canonical.rewrite(start, &sorted);
        }
        self.canonical.tag(Tag::End);
    }
}

macro_rules! items {
    ($($which:ident :: $method:ident),*) => {$(
        impl $which for Compound<'_, Items> {
            type Ok = ();
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
                self.item(value)
            }

            fn end(self) -> Result<(), Refused> {
                self.close();
                Ok(())
            }
        }
    )*};
}
items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($which:ident),*) => {$(
        impl $which for Compound<'_, Entries> {
            type Ok = ();
            type Error = Refused;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Refused> {
                self.key(key)?;
                self.value(value)?;
                self.leave_out_none();
                Ok(())
            }

            fn end(self) -> Result<(), Refused> {
                self.close();
                Ok(())
            }
        }
    )*};
}
fields!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Compound<'_, Entries> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.value(value)
    }

    fn end(self) -> Result<(), Refused> {
        self.close();
        Ok(())
    }
}
