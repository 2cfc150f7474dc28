#[derive(IntoKey)]
struct LineId<'a, T> {
    order: OrderId<'a>,
    line: T,
}

// ---- becomes ----

#[automatically_derived]
impl<'a, T: ::idem::IntoKey> ::idem::IntoKey for LineId<'a, T> {
    fn write_key(&self, key: &mut ::idem::KeyWriter) {
        key.group(&[&self.order, &self.line]);
    }
}
