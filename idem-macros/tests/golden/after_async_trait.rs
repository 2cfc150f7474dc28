#[idempotent(store = self.idem, scope = "ledger.apply", key = order.id, context = execution)]
fn charge<'life0, 'life1, 'async_trait>(
    &'life0 self,
    order: &'life1 Order,
) -> ::core::pin::Pin<
    Box<dyn ::core::future::Future<Output = Result<Receipt, PayError>> + ::core::marker::Send + 'async_trait>,
>
where
    'life0: 'async_trait,
    'life1: 'async_trait,
    Self: 'async_trait,
{
    Box::pin(async move { __self.gateway.charge(order).await })
}

// ---- becomes ----

impl Context {
    fn charge<'life0, 'life1, 'async_trait>(
        &'life0 self,
        order: &'life1 Order,
    ) -> ::core::pin::Pin<
        Box<
            dyn ::core::future::Future<
                Output = Result<Receipt, PayError>,
            > + ::core::marker::Send + 'async_trait,
        >,
    >
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        ::std::boxed::Box::pin(async move {
            let scope = {
                static SITE: ::idem::__private::Site = ::idem::__private::Site::named(
                    "ledger.apply",
                );
                SITE.scope_of(::idem::__private::instance(|| {}))
            };
            let store = ::idem::__private::store(&self.idem);
            let operation = ::idem::__private::operation(
                scope,
                &::idem::__private::key(&order.id),
            );
            let returns = ::idem::__private::returns(
                ::idem::__private::value::<Receipt>(),
                ::idem::__private::error::<PayError>(),
            );
            ::idem::__private::call(
                    store,
                    operation,
                    returns,
                    async move |execution: ::idem::__private::Execution| {
                        let future: ::core::pin::Pin<
                            Box<
                                dyn ::core::future::Future<
                                    Output = Result<Receipt, PayError>,
                                > + ::core::marker::Send + 'async_trait,
                            >,
                        > = {
                            Box::pin(async move { __self.gateway.charge(order).await })
                        };
                        future.await
                    },
                )
                .await
        })
    }
}
