#[idempotent(store = self.idem, scope = Self::SCOPE, key = order.id, errors = keep)]
async fn charge(&self, order: &Order) -> anyhow::Result<Receipt> {
    Ok(self.gateway.charge(order).await?)
}

// ---- becomes ----

impl Context {
    async fn charge(&self, order: &Order) -> anyhow::Result<Receipt> {
        let scope = ::idem::__private::scope(&Self::SCOPE);
        let scope = {
            static SITE: ::idem::__private::NamedSite = ::idem::__private::NamedSite::new();
            SITE.scope_of(scope, ::idem::__private::instance(|| {}))
        };
        let store = ::idem::__private::store(&self.idem);
        let operation = ::idem::__private::operation(
            scope,
            &::idem::__private::key(&order.id),
        );
        let returns = ::idem::__private::alias::<
            anyhow::Result<Receipt>,
        >(
            ::idem::__private::value::<
                <anyhow::Result<Receipt> as ::idem::__private::IsResult>::Value,
            >(),
            ::idem::__private::kept_error::<
                <anyhow::Result<Receipt> as ::idem::__private::IsResult>::Error,
            >(),
        );
        ::idem::__private::call(
                store,
                operation,
                returns,
                async move |_: ::idem::__private::Execution| {
                    if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<
                        anyhow::Result<Receipt>,
                    > {
                        return idem_returned;
                    }
                    Ok(self.gateway.charge(order).await?)
                },
            )
            .await
    }
}
