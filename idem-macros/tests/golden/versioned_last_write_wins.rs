#[derive(Versioned)]
#[versioned(table = "settings", last_write_wins)]
struct Setting {
    #[versioned(id)]
    name: String,
    #[versioned(ignore_change)]
    value: String,
}

// ---- becomes ----

#[automatically_derived]
impl ::idem::__private::entity::Versioned for Setting {
    type Address = String;
    const TABLE: ::idem::__private::entity::Table = ::idem::__private::entity::Table {
        name: "settings",
        audit: ::core::option::Option::None,
        columns: &[
            ::idem::__private::entity::Column {
                name: "name",
                role: ::idem::__private::entity::Role::Id,
            },
            ::idem::__private::entity::Column {
                name: "value",
                role: ::idem::__private::entity::Role::Data,
            },
        ],
        natural: &["name"],
    };
    fn address(&self) -> Self::Address {
        ::core::clone::Clone::clone(&self.name)
    }
    fn version(&self) -> ::core::option::Option<::core::primitive::i64> {
        ::core::option::Option::None
    }
    fn fixed_difference(
        &self,
        draft: &Self,
    ) -> ::core::option::Option<&'static ::core::primitive::str> {
        use ::idem::__private::entity::compare::{Incomparable as _, SameValue as _};
        if !(&::idem::__private::entity::compare::comparable::<
            String,
        >()(&self.name, &draft.name))
            .is_same()
        {
            return ::core::option::Option::Some("name");
        }
        ::core::option::Option::None
    }
    fn is_unchanged(&self, draft: &Self) -> ::core::primitive::bool {
        let _: &Self = draft;
        true
    }
}
#[automatically_derived]
impl<
    IdemDb: ::idem::__private::entity::Database,
> ::idem::__private::entity::Values<IdemDb> for Setting
where
    String: ::idem::__private::entity::Value<IdemDb>,
{
    fn bind_address(
        address: &Self::Address,
        arguments: &mut ::idem::__private::entity::Arguments<IdemDb>,
    ) -> ::core::result::Result<(), ::idem::__private::entity::BindError> {
        ::idem::__private::entity::add::<IdemDb, String>(arguments, address)?;
        ::core::result::Result::Ok(())
    }
    fn bind(
        &self,
        column: ::core::primitive::usize,
        arguments: &mut ::idem::__private::entity::Arguments<IdemDb>,
    ) -> ::core::result::Result<(), ::idem::__private::entity::BindError> {
        match column {
            0usize => {
                ::idem::__private::entity::add::<IdemDb, String>(arguments, &self.name)
            }
            1usize => {
                ::idem::__private::entity::add::<IdemDb, String>(arguments, &self.value)
            }
            _ => ::idem::__private::entity::never_bound(column),
        }
    }
}
