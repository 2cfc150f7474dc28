/// Charges an order.
#[must_use]
#[idempotent(store = store, scope = shared("payments.move"), key = id)]
#[tracing::instrument(skip_all)]
pub(crate) async fn r#move<'a, T: Item<'a>, const N: usize>(
    store: &Arc<dyn Store>,
    #[cfg(all())] id: [u8; N],
    (mut left, _): (T, u8),
    by: impl Fn(&T),
) -> Result<Receipt, PayError>
where
    T: Send,
{
    #![allow(clippy::todo)]
    left.take(by);
    todo!()
}

// ---- becomes ----

/// Charges an order.
#[must_use]
#[tracing::instrument(skip_all)]
pub(crate) async fn r#move<'a, T: Item<'a>, const N: usize>(
    store: &Arc<dyn Store>,
    #[cfg(all())]
    id: [u8; N],
    (mut left, _): (T, u8),
    by: impl Fn(&T),
) -> Result<Receipt, PayError>
where
    T: Send,
{
    #![allow(clippy::todo)]
    let scope = {
        static SITE: ::idem::__private::Site = ::idem::__private::Site::shared(
            "payments.move",
        );
        SITE.scope_of(::idem::__private::instance(|| {}))
    };
    let store = ::idem::__private::store(&store);
    let operation = ::idem::__private::operation(scope, &::idem::__private::key(&id));
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
                left.take(by);
                todo!()
            },
        )
        .await
}
