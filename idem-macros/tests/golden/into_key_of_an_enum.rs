#[derive(IntoKey)]
enum Payer {
    Guest,
    User(u64),
    Company { country: Country, number: u32 },
}

// ---- becomes ----

#[automatically_derived]
impl ::idem::IntoKey for Payer {
    fn write_key(&self, key: &mut ::idem::KeyWriter) {
        match self {
            Self::Guest {} => key.string("Guest"),
            Self::User { 0: field_0 } => key.group(&[&"User", field_0]),
            Self::Company { country: field_0, number: field_1 } => {
                key.group(&[&"Company", field_0, field_1])
            }
        }
    }
}
