#[derive(IntoKey)]
#[into_key(crate = my_crate::idem)]
struct OrderId(u64);

// ---- becomes ----

#[automatically_derived]
impl my_crate::idem::IntoKey for OrderId {
    fn write_key(&self, key: &mut my_crate::idem::KeyWriter) {
        <u64 as my_crate::idem::IntoKey>::write_key(&self.0, key);
    }
}
