#[derive(Versioned)]
#[versioned(tabel = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(tenant)]
    shop: i64,
    #[versioned(state)]
    status: OrderStatus,
    #[versioned(verison)]
    version: Option<i64>,
}

// ---- becomes ----

::core::compile_error! {
    "unknown option `tabel`; did you mean `table = \"orders\"`?"
}
::core::compile_error! {
    "unknown option `verison`; did you mean `version`?"
}
#[automatically_derived]
impl ::idem::__private::entity::Versioned for Order {
    type Address = ::idem::__private::entity::InTenant<i64, i64>;
    const TABLE: ::idem::__private::entity::Table = ::idem::__private::entity::Table {
        name: "",
        audit: ::core::option::Option::None,
        columns: &[],
        natural: &[],
    };
    fn address(&self) -> Self::Address {
        loop {}
    }
    fn version(&self) -> ::core::option::Option<::core::primitive::i64> {
        loop {}
    }
    fn fixed_difference(
        &self,
        _: &Self,
    ) -> ::core::option::Option<&'static ::core::primitive::str> {
        loop {}
    }
    fn is_unchanged(&self, _: &Self) -> ::core::primitive::bool {
        loop {}
    }
}
#[automatically_derived]
impl<
    IdemDb: ::idem::__private::entity::Database,
> ::idem::__private::entity::Values<IdemDb> for Order {
    fn bind_address(
        _: &Self::Address,
        _: &mut ::idem::__private::entity::Arguments<IdemDb>,
    ) -> ::core::result::Result<(), ::idem::__private::entity::BindError> {
        loop {}
    }
    fn bind(
        &self,
        _: ::core::primitive::usize,
        _: &mut ::idem::__private::entity::Arguments<IdemDb>,
    ) -> ::core::result::Result<(), ::idem::__private::entity::BindError> {
        loop {}
    }
}
#[automatically_derived]
impl ::idem::__private::entity::HasVersion for Order {}
#[automatically_derived]
impl ::idem::__private::entity::HasState<OrderStatus> for Order {
    const COLUMN: ::core::primitive::usize = 0;
    const NAME: &'static ::core::primitive::str = "";
    fn state(&self) -> OrderStatus {
        loop {}
    }
}
