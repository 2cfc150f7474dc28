#[idempotent(store = service.idem, scope = "payments.charge", key = order.id()?, dropped = finish)]
async fn charge(service: Arc<Service>, order: Order) -> Result<Receipt, PayError> {
    service.gateway.charge(&order).await
}

// ---- becomes ----

async fn charge(service: Arc<Service>, order: Order) -> Result<Receipt, PayError> {
    ::idem::__private::body_to_the_end(async move {
            if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<
                Result<Receipt, PayError>,
            > {
                return idem_returned;
            }
            let scope = {
                static SITE: ::idem::__private::Site = ::idem::__private::Site::named(
                    "payments.charge",
                );
                SITE.scope_of(::idem::__private::instance(|| {}))
            };
            let store = ::idem::__private::store(&service.idem);
            let operation = ::idem::__private::operation(
                scope,
                &::idem::__private::key(&order.id()?),
            );
            let returns = ::idem::__private::returns(
                ::idem::__private::value::<Receipt>(),
                ::idem::__private::error::<PayError>(),
            );
            ::idem::__private::call(
                    store,
                    operation,
                    returns,
                    async move |_: ::idem::__private::Execution| {
                        if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<
                            Result<Receipt, PayError>,
                        > {
                            return idem_returned;
                        }
                        service.gateway.charge(&order).await
                    },
                )
                .await
        })
        .await
}
