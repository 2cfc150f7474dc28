#[idempotent(
    store = self.idem,
    key = (order.merchant_id, (order.id, 1 + 1)),
    scope = "payments.charge",
    fingerprint = (order.amount, order.currency),
    lease = "30s",
    retain = self.retention,
    in_flight = wait("5s"),
    errors = keep_if(PayError::is_final),
    unknown_if = PayError::is_timeout,
    abandoned = refuse,
    dropped = release,
    max_attempts = 5,
    version = 2,
    outcome_limit = marker(64 << 10),
    context = execution,
    crate = my::idem,
)]
async fn charge(&self, order: &Order) -> Result<Receipt, PayError> {
    self.gateway.charge(order, execution.downstream_key("gateway")).await
}

// ---- becomes ----

impl Context {
    async fn charge(&self, order: &Order) -> Result<Receipt, PayError> {
        let scope = {
            static SITE: my::idem::__private::Site = my::idem::__private::Site::named(
                "payments.charge",
            );
            SITE.scope_of(my::idem::__private::instance(|| {}))
        };
        let store = my::idem::__private::store(&self.idem);
        let operation = my::idem::__private::operation(
                scope,
                &(
                    my::idem::__private::key(&order.merchant_id),
                    (
                        my::idem::__private::key(&order.id),
                        my::idem::__private::key(&(1 + 1)),
                    ),
                ),
            )
            .fingerprint(&(&order.amount, &order.currency))
            .lease(::core::time::Duration::from_millis(30000u64))
            .retain(self.retention)
            .in_flight(
                my::idem::__private::InFlight::Wait(
                    ::core::time::Duration::from_millis(5000u64),
                ),
            )
            .abandoned(my::idem::__private::Abandoned::Refuse)
            .dropped(my::idem::__private::Dropped::Release)
            .max_attempts(5u32)
            .version(2u32)
            .outcome_limit(my::idem::__private::OutcomeLimit::marker(64 << 10));
        let returns = my::idem::__private::returns(
            my::idem::__private::value::<Receipt>(),
            my::idem::__private::kept_error_if::<PayError>(PayError::is_final)
                .unknown_if(PayError::is_timeout),
        );
        my::idem::__private::call(
                store,
                operation,
                returns,
                async move |execution: my::idem::__private::Execution| {
                    if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<
                        Result<Receipt, PayError>,
                    > {
                        return idem_returned;
                    }
                    self.gateway.charge(order, execution.downstream_key("gateway")).await
                },
            )
            .await
    }
}
