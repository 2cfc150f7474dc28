#[idempotent(store = IDEM, scope = "ledger.apply", key = event.id, tx = self.tx)]
fn apply<'life0, 'async_trait>(
    &'life0 mut self,
    event: Event,
) -> ::core::pin::Pin<
    Box<dyn ::core::future::Future<Output = Result<Balance, LedgerError>> + ::core::marker::Send + 'async_trait>,
>
where
    'life0: 'async_trait,
    Self: 'async_trait,
{
    Box::pin(async move {
        let mut __self = self;
        __self.insert(event).await
    })
}

// ---- becomes ----

impl Context {
    fn apply<'life0, 'async_trait>(
        &'life0 mut self,
        event: Event,
    ) -> ::core::pin::Pin<
        Box<
            dyn ::core::future::Future<
                Output = Result<Balance, LedgerError>,
            > + ::core::marker::Send + 'async_trait,
        >,
    >
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        ::std::boxed::Box::pin(async move {
            let scope = {
                static SITE: ::idem::__private::Site = ::idem::__private::Site::named(
                    "ledger.apply",
                );
                SITE.scope_of(::idem::__private::instance(|| {}))
            };
            let transaction = ::idem::__private::transaction(&mut *self.tx);
            let joining = ::idem::__private::joining(transaction, &IDEM);
            let operation = ::idem::__private::operation(
                scope,
                &::idem::__private::key(&event.id),
            );
            let returns = ::idem::__private::returns(
                ::idem::__private::value::<Balance>(),
                ::idem::__private::error::<LedgerError>(),
            );
            let begun = ::idem::__private::begin(
                    joining.join(&mut *self.tx),
                    operation,
                    returns,
                )
                .await;
            let call = match begun {
                ::core::ops::ControlFlow::Continue(call) => call,
                ::core::ops::ControlFlow::Break(answer) => return answer,
            };
            let body = async {
                let lent = &mut *self;
                let future: ::core::pin::Pin<
                    Box<
                        dyn ::core::future::Future<
                            Output = Result<Balance, LedgerError>,
                        > + ::core::marker::Send + '_,
                    >,
                > = {
                    Box::pin(async move {
                        let mut __self = lent;
                        __self.insert(event).await
                    })
                };
                future.await
            };
            let returned = call.run(::core::pin::pin!(body)).await;
            call.settle(joining.join(&mut *self.tx), returned).await
        })
    }
}
