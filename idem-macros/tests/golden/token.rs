#[idempotent(store = self.idem, scope = "checkout.pay", token = form.token.of(user.id), fingerprint = form.cart)]
async fn pay(&self, user: &User, form: &Form) -> Result<Receipt, PayError> {
    self.gateway.charge(form).await
}

// ---- becomes ----

impl Context {
    async fn pay(&self, user: &User, form: &Form) -> Result<Receipt, PayError> {
        let scope = {
            static SITE: ::idem::__private::Site = ::idem::__private::Site::named(
                "checkout.pay",
            );
            SITE.scope_of(::idem::__private::instance(|| {}))
        };
        let store = ::idem::__private::store(&self.idem);
        let operation = ::idem::__private::operation_with_token(
                scope,
                ::idem::__private::token(&form.token.of(user.id)),
            )
            .fingerprint(&form.cart);
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
                    self.gateway.charge(form).await
                },
            )
            .await
    }
}
