#[derive(Versioned, sqlx::FromRow, Debug, Clone, PartialEq)]
#[versioned(table = "shop.orders", audit = "order_transitions")]
pub struct Order {
    #[versioned(id)]
    pub id: Uuid,
    #[versioned(tenant)]
    pub tenant_id: Uuid,
    #[versioned(state)]
    pub status: OrderStatus,
    #[versioned(version)]
    pub version: i64,
    pub address: Option<String>,
    #[versioned(generated)]
    pub total: i64,
    #[versioned(created_at)]
    pub created_at: DateTime<Utc>,
    #[versioned(updated_at)]
    pub updated_at: DateTime<Utc>,
}

// ---- becomes ----

#[automatically_derived]
impl ::idem::__private::entity::Versioned for Order {
    type Address = ::idem::__private::entity::InTenant<Uuid, Uuid>;
    const TABLE: ::idem::__private::entity::Table = ::idem::__private::entity::Table {
        name: "shop.orders",
        audit: ::core::option::Option::Some("order_transitions"),
        columns: &[
            ::idem::__private::entity::Column {
                name: "id",
                role: ::idem::__private::entity::Role::Id,
            },
            ::idem::__private::entity::Column {
                name: "tenant_id",
                role: ::idem::__private::entity::Role::Tenant,
            },
            ::idem::__private::entity::Column {
                name: "status",
                role: ::idem::__private::entity::Role::State({
                    use ::idem::__private::entity::NoState as _;
                    ::idem::__private::entity::StateColumn::<OrderStatus>::ALIASES
                }),
            },
            ::idem::__private::entity::Column {
                name: "version",
                role: ::idem::__private::entity::Role::Version,
            },
            ::idem::__private::entity::Column {
                name: "address",
                role: ::idem::__private::entity::Role::Data,
            },
            ::idem::__private::entity::Column {
                name: "total",
                role: ::idem::__private::entity::Role::Generated,
            },
            ::idem::__private::entity::Column {
                name: "created_at",
                role: ::idem::__private::entity::Role::CreatedAt,
            },
            ::idem::__private::entity::Column {
                name: "updated_at",
                role: ::idem::__private::entity::Role::UpdatedAt,
            },
        ],
        natural: &["id"],
    };
    fn address(&self) -> Self::Address {
        ::idem::__private::entity::InTenant(
            ::core::clone::Clone::clone(&self.tenant_id),
            ::core::clone::Clone::clone(&self.id),
        )
    }
    fn version(&self) -> ::core::option::Option<::core::primitive::i64> {
        ::core::option::Option::Some(
            ::idem::__private::entity::version_column::<i64>()(&self.version),
        )
    }
    fn fixed_difference(
        &self,
        draft: &Self,
    ) -> ::core::option::Option<&'static ::core::primitive::str> {
        use ::idem::__private::entity::compare::{Incomparable as _, SameValue as _};
        if !(&::idem::__private::entity::compare::comparable::<
            Uuid,
        >()(&self.id, &draft.id))
            .is_same()
        {
            return ::core::option::Option::Some("id");
        }
        if !(&::idem::__private::entity::compare::comparable::<
            Uuid,
        >()(&self.tenant_id, &draft.tenant_id))
            .is_same()
        {
            return ::core::option::Option::Some("tenant_id");
        }
        if !(&::idem::__private::entity::compare::Pair(&self.status, &draft.status))
            .is_same()
        {
            return ::core::option::Option::Some("status");
        }
        if !(&::idem::__private::entity::compare::Pair(&self.version, &draft.version))
            .is_same()
        {
            return ::core::option::Option::Some("version");
        }
        if !(&::idem::__private::entity::compare::comparable::<
            i64,
        >()(&self.total, &draft.total))
            .is_same()
        {
            return ::core::option::Option::Some("total");
        }
        if !(&::idem::__private::entity::compare::Pair(
            &self.created_at,
            &draft.created_at,
        ))
            .is_same()
        {
            return ::core::option::Option::Some("created_at");
        }
        if !(&::idem::__private::entity::compare::Pair(
            &self.updated_at,
            &draft.updated_at,
        ))
            .is_same()
        {
            return ::core::option::Option::Some("updated_at");
        }
        ::core::option::Option::None
    }
    fn is_unchanged(&self, draft: &Self) -> ::core::primitive::bool {
        use ::idem::__private::entity::compare::{Incomparable as _, SameValue as _};
        true
            && (&::idem::__private::entity::compare::comparable::<
                Option<String>,
            >()(&self.address, &draft.address))
                .is_same()
    }
}
#[automatically_derived]
impl ::idem::__private::entity::HasVersion for Order {}
#[automatically_derived]
impl<
    IdemDb: ::idem::__private::entity::Database,
> ::idem::__private::entity::Values<IdemDb> for Order
where
    Uuid: ::idem::__private::entity::Value<IdemDb>,
    OrderStatus: ::idem::__private::entity::Value<IdemDb>,
    i64: ::idem::__private::entity::Value<IdemDb>,
    Option<String>: ::idem::__private::entity::Value<IdemDb>,
    DateTime<Utc>: ::idem::__private::entity::Value<IdemDb>,
{
    fn bind_address(
        address: &Self::Address,
        arguments: &mut ::idem::__private::entity::Arguments<IdemDb>,
    ) -> ::core::result::Result<(), ::idem::__private::entity::BindError> {
        ::idem::__private::entity::add::<IdemDb, Uuid>(arguments, &address.0)?;
        ::idem::__private::entity::add::<IdemDb, Uuid>(arguments, &address.1)?;
        ::core::result::Result::Ok(())
    }
    fn bind(
        &self,
        column: ::core::primitive::usize,
        arguments: &mut ::idem::__private::entity::Arguments<IdemDb>,
    ) -> ::core::result::Result<(), ::idem::__private::entity::BindError> {
        match column {
            0usize => ::idem::__private::entity::add::<IdemDb, Uuid>(arguments, &self.id),
            1usize => {
                ::idem::__private::entity::add::<
                    IdemDb,
                    Uuid,
                >(arguments, &self.tenant_id)
            }
            2usize => {
                ::idem::__private::entity::add::<
                    IdemDb,
                    OrderStatus,
                >(arguments, &self.status)
            }
            3usize => {
                ::idem::__private::entity::add::<IdemDb, i64>(arguments, &self.version)
            }
            4usize => {
                ::idem::__private::entity::add::<
                    IdemDb,
                    Option<String>,
                >(arguments, &self.address)
            }
            6usize => {
                ::idem::__private::entity::add::<
                    IdemDb,
                    DateTime<Utc>,
                >(arguments, &self.created_at)
            }
            7usize => {
                ::idem::__private::entity::add::<
                    IdemDb,
                    DateTime<Utc>,
                >(arguments, &self.updated_at)
            }
            _ => ::idem::__private::entity::never_bound(column),
        }
    }
}
#[automatically_derived]
impl ::idem::__private::entity::HasState<OrderStatus> for Order {
    const COLUMN: ::core::primitive::usize = 2usize;
    const NAME: &'static ::core::primitive::str = "";
    fn state(&self) -> OrderStatus {
        use ::idem::__private::entity::NoState as _;
        ::idem::__private::entity::StateColumn(&self.status).state()
    }
}
#[allow(clippy::no_effect, clippy::unnecessary_operation)]
const _: fn() = || {
    ::idem::__private::entity::created_at_column::<DateTime<Utc>>();
    ::idem::__private::entity::updated_at_column::<DateTime<Utc>>();
};
