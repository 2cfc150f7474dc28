#[derive(Versioned)]
#[versioned(table = "lines", crate = shop::idem)]
#[sqlx(rename_all = "camelCase")]
struct OrderLine {
    #[versioned(id, unique)]
    order_id: i64,
    #[versioned(id)]
    line_number: i32,
    #[versioned(state = "payment")]
    payment: Payment,
    #[versioned(state = "delivery")]
    delivery: Delivery,
    #[versioned(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
    #[versioned(readonly, unique)]
    sku: String,
    #[sqlx(rename = "type")]
    r#type: String,
    #[sqlx(try_from = "i64")]
    price: Price,
    #[sqlx(json)]
    meta: Meta,
    #[sqlx(json(nullable))]
    note: Option<Note>,
    #[sqlx(json, try_from = "String")]
    tags: Tags,
    weight: f64,
    #[versioned(compare = same_size)]
    size: f32,
    #[versioned(ignore_change)]
    seen: i64,
    #[versioned(always_write)]
    touched: Opaque,
    #[sqlx(skip)]
    cached: Cache,
}

// ---- becomes ----

#[automatically_derived]
impl shop::idem::__private::entity::Versioned for OrderLine {
    type Address = (i64, i32);
    const TABLE: shop::idem::__private::entity::Table = shop::idem::__private::entity::Table {
        name: "lines",
        audit: ::core::option::Option::None,
        columns: &[
            shop::idem::__private::entity::Column {
                name: "orderId",
                role: shop::idem::__private::entity::Role::Id,
            },
            shop::idem::__private::entity::Column {
                name: "lineNumber",
                role: shop::idem::__private::entity::Role::Id,
            },
            shop::idem::__private::entity::Column {
                name: "payment",
                role: shop::idem::__private::entity::Role::State({
                    use shop::idem::__private::entity::NoState as _;
                    shop::idem::__private::entity::StateColumn::<Payment>::ALIASES
                }),
            },
            shop::idem::__private::entity::Column {
                name: "delivery",
                role: shop::idem::__private::entity::Role::State({
                    use shop::idem::__private::entity::NoState as _;
                    shop::idem::__private::entity::StateColumn::<Delivery>::ALIASES
                }),
            },
            shop::idem::__private::entity::Column {
                name: "deletedAt",
                role: shop::idem::__private::entity::Role::SoftDelete(
                    <Option<
                        DateTime<Utc>,
                    > as shop::idem::__private::entity::SoftDelete>::KIND,
                ),
            },
            shop::idem::__private::entity::Column {
                name: "sku",
                role: shop::idem::__private::entity::Role::Readonly,
            },
            shop::idem::__private::entity::Column {
                name: "type",
                role: shop::idem::__private::entity::Role::Data,
            },
            shop::idem::__private::entity::Column {
                name: "price",
                role: shop::idem::__private::entity::Role::Data,
            },
            shop::idem::__private::entity::Column {
                name: "meta",
                role: shop::idem::__private::entity::Role::Data,
            },
            shop::idem::__private::entity::Column {
                name: "note",
                role: shop::idem::__private::entity::Role::Data,
            },
            shop::idem::__private::entity::Column {
                name: "tags",
                role: shop::idem::__private::entity::Role::Data,
            },
            shop::idem::__private::entity::Column {
                name: "weight",
                role: shop::idem::__private::entity::Role::Data,
            },
            shop::idem::__private::entity::Column {
                name: "size",
                role: shop::idem::__private::entity::Role::Data,
            },
            shop::idem::__private::entity::Column {
                name: "seen",
                role: shop::idem::__private::entity::Role::Data,
            },
            shop::idem::__private::entity::Column {
                name: "touched",
                role: shop::idem::__private::entity::Role::Data,
            },
        ],
        natural: &["orderId", "sku"],
    };
    fn address(&self) -> Self::Address {
        (
            ::core::clone::Clone::clone(&self.order_id),
            ::core::clone::Clone::clone(&self.line_number),
        )
    }
    fn version(&self) -> ::core::option::Option<::core::primitive::i64> {
        ::core::option::Option::None
    }
    fn fixed_difference(
        &self,
        draft: &Self,
    ) -> ::core::option::Option<&'static ::core::primitive::str> {
        use shop::idem::__private::entity::compare::{Incomparable as _, SameValue as _};
        if !(&shop::idem::__private::entity::compare::comparable::<
            i64,
        >()(&self.order_id, &draft.order_id))
            .is_same()
        {
            return ::core::option::Option::Some("order_id");
        }
        if !(&shop::idem::__private::entity::compare::comparable::<
            i32,
        >()(&self.line_number, &draft.line_number))
            .is_same()
        {
            return ::core::option::Option::Some("line_number");
        }
        if !(&shop::idem::__private::entity::compare::Pair(
            &self.payment,
            &draft.payment,
        ))
            .is_same()
        {
            return ::core::option::Option::Some("payment");
        }
        if !(&shop::idem::__private::entity::compare::Pair(
            &self.delivery,
            &draft.delivery,
        ))
            .is_same()
        {
            return ::core::option::Option::Some("delivery");
        }
        if !(&shop::idem::__private::entity::compare::Pair(
            &self.deleted_at,
            &draft.deleted_at,
        ))
            .is_same()
        {
            return ::core::option::Option::Some("deleted_at");
        }
        if !(&shop::idem::__private::entity::compare::comparable::<
            String,
        >()(&self.sku, &draft.sku))
            .is_same()
        {
            return ::core::option::Option::Some("sku");
        }
        ::core::option::Option::None
    }
    fn is_unchanged(&self, draft: &Self) -> ::core::primitive::bool {
        use shop::idem::__private::entity::compare::{Incomparable as _, SameValue as _};
        false
            && (&shop::idem::__private::entity::compare::comparable::<
                String,
            >()(&self.r#type, &draft.r#type))
                .is_same()
            && (&shop::idem::__private::entity::compare::comparable::<
                Price,
            >()(&self.price, &draft.price))
                .is_same()
            && (&shop::idem::__private::entity::compare::comparable::<
                Meta,
            >()(&self.meta, &draft.meta))
                .is_same()
            && (&shop::idem::__private::entity::compare::comparable::<
                Option<Note>,
            >()(&self.note, &draft.note))
                .is_same()
            && (&shop::idem::__private::entity::compare::comparable::<
                Tags,
            >()(&self.tags, &draft.tags))
                .is_same()
            && (&shop::idem::__private::entity::compare::comparable::<
                f64,
            >()(&self.weight, &draft.weight))
                .is_same()
            && shop::idem::__private::entity::compare::by::<
                f32,
            >(same_size)(&self.size, &draft.size)
    }
}
#[automatically_derived]
impl<
    IdemDb: shop::idem::__private::entity::Database,
> shop::idem::__private::entity::Values<IdemDb> for OrderLine
where
    i64: shop::idem::__private::entity::Value<IdemDb>,
    i32: shop::idem::__private::entity::Value<IdemDb>,
    Payment: shop::idem::__private::entity::Value<IdemDb>,
    Delivery: shop::idem::__private::entity::Value<IdemDb>,
    Option<DateTime<Utc>>: shop::idem::__private::entity::Value<IdemDb>,
    String: shop::idem::__private::entity::Value<IdemDb>,
    shop::idem::__private::entity::Json: shop::idem::__private::entity::Value<IdemDb>,
    ::core::option::Option<
        shop::idem::__private::entity::Json,
    >: shop::idem::__private::entity::Value<IdemDb>,
    f64: shop::idem::__private::entity::Value<IdemDb>,
    f32: shop::idem::__private::entity::Value<IdemDb>,
    Opaque: shop::idem::__private::entity::Value<IdemDb>,
{
    fn bind_address(
        address: &Self::Address,
        arguments: &mut shop::idem::__private::entity::Arguments<IdemDb>,
    ) -> ::core::result::Result<(), shop::idem::__private::entity::BindError> {
        shop::idem::__private::entity::add::<IdemDb, i64>(arguments, &address.0)?;
        shop::idem::__private::entity::add::<IdemDb, i32>(arguments, &address.1)?;
        ::core::result::Result::Ok(())
    }
    fn bind(
        &self,
        column: ::core::primitive::usize,
        arguments: &mut shop::idem::__private::entity::Arguments<IdemDb>,
    ) -> ::core::result::Result<(), shop::idem::__private::entity::BindError> {
        match column {
            0usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    i64,
                >(arguments, &self.order_id)
            }
            1usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    i32,
                >(arguments, &self.line_number)
            }
            2usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    Payment,
                >(arguments, &self.payment)
            }
            3usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    Delivery,
                >(arguments, &self.delivery)
            }
            4usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    Option<DateTime<Utc>>,
                >(arguments, &self.deleted_at)
            }
            5usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    String,
                >(arguments, &self.sku)
            }
            6usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    String,
                >(arguments, &self.r#type)
            }
            7usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    i64,
                >(
                    arguments,
                    &shop::idem::__private::entity::converted::<
                        Price,
                        i64,
                    >()(&self.price)?,
                )
            }
            8usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    shop::idem::__private::entity::Json,
                >(arguments, &shop::idem::__private::entity::json::<Meta>()(&self.meta)?)
            }
            9usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    ::core::option::Option<shop::idem::__private::entity::Json>,
                >(
                    arguments,
                    &shop::idem::__private::entity::nullable_json::<
                        Option<Note>,
                    >()(&self.note)?,
                )
            }
            10usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    shop::idem::__private::entity::Json,
                >(
                    arguments,
                    &shop::idem::__private::entity::json::<
                        String,
                    >()(
                        &shop::idem::__private::entity::converted::<
                            Tags,
                            String,
                        >()(&self.tags)?,
                    )?,
                )
            }
            11usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    f64,
                >(arguments, &self.weight)
            }
            12usize => {
                shop::idem::__private::entity::add::<IdemDb, f32>(arguments, &self.size)
            }
            13usize => {
                shop::idem::__private::entity::add::<IdemDb, i64>(arguments, &self.seen)
            }
            14usize => {
                shop::idem::__private::entity::add::<
                    IdemDb,
                    Opaque,
                >(arguments, &self.touched)
            }
            _ => shop::idem::__private::entity::never_bound(column),
        }
    }
}
#[automatically_derived]
impl shop::idem::__private::entity::HasState<Payment> for OrderLine {
    const COLUMN: ::core::primitive::usize = 2usize;
    const NAME: &'static ::core::primitive::str = "payment";
    fn state(&self) -> Payment {
        use shop::idem::__private::entity::NoState as _;
        shop::idem::__private::entity::StateColumn(&self.payment).state()
    }
}
const _: () = {
    use shop::idem::__private::entity::NoState as _;
    shop::idem::__private::entity::no_version_for(
        shop::idem::__private::entity::StateColumn::<Payment>::NEEDS_VERSION,
        "OrderLine",
    )
};
const _: () = {
    use shop::idem::__private::entity::NoState as _;
    shop::idem::__private::entity::no_audit_for(
        shop::idem::__private::entity::StateColumn::<Payment>::NEEDS_AUDIT,
        "OrderLine",
    )
};
#[automatically_derived]
impl shop::idem::__private::entity::HasState<Delivery> for OrderLine {
    const COLUMN: ::core::primitive::usize = 3usize;
    const NAME: &'static ::core::primitive::str = "delivery";
    fn state(&self) -> Delivery {
        use shop::idem::__private::entity::NoState as _;
        shop::idem::__private::entity::StateColumn(&self.delivery).state()
    }
}
const _: () = {
    use shop::idem::__private::entity::NoState as _;
    shop::idem::__private::entity::no_version_for(
        shop::idem::__private::entity::StateColumn::<Delivery>::NEEDS_VERSION,
        "OrderLine",
    )
};
const _: () = {
    use shop::idem::__private::entity::NoState as _;
    shop::idem::__private::entity::no_audit_for(
        shop::idem::__private::entity::StateColumn::<Delivery>::NEEDS_AUDIT,
        "OrderLine",
    )
};
const _: () = {
    #[deprecated(
        note = "floats are compared bit by bit, and a sum that was computed anew often differs in its last bit\nhelp: write `#[versioned(compare = path)]` for a tolerance, or `#[versioned(compare = idem::same_bits)]` if that is meant"
    )]
    const WARNING: () = ();
    WARNING
};
