#[idempotent(store = self.idem, scope = "payments.charge", key = order.id)]
async fn charge(&self, order: &Order) -> Result<Receipt, PayError> {
    self.gateway.charge(order).await
}

// ---- becomes ----

impl Context {
    async fn charge(&self, order: &Order) -> Result<Receipt, PayError> {
        let scope = {
            static SITE: ::idem::__private::Site = ::idem::__private::Site::named(
                "payments.charge",
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
                async move |_: ::idem::__private::Execution| {
                    if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<
                        Result<Receipt, PayError>,
                    > {
                        return idem_returned;
                    }
                    self.gateway.charge(order).await
                },
            )
            .await
    }
}
