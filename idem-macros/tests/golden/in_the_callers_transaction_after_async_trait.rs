#[idempotent(store = self.idem, scope = "ledger.apply", key = event.id, tx = tx)]
fn apply<'life0, 'life1, 'life2, 'async_trait>(
    &'life0 self,
    tx: &'life1 mut PgTransaction<'life2>,
    event: Event,
) -> ::core::pin::Pin<
    Box<dyn ::core::future::Future<Output = Result<Balance, LedgerError>> + ::core::marker::Send + 'async_trait>,
>
where
    'life0: 'async_trait,
    'life1: 'async_trait,
    'life2: 'async_trait,
    Self: 'async_trait,
{
    Box::pin(async move {
        let __self = self;
        let event = event;
        __self.insert(tx, event).await
    })
}

// ---- becomes ----

impl Context {
    fn apply<'life0, 'life1, 'life2, 'async_trait>(
        &'life0 self,
        tx: &'life1 mut PgTransaction<'life2>,
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
        'life1: 'async_trait,
        'life2: 'async_trait,
        Self: 'async_trait,
    {
        ::std::boxed::Box::pin(async move {
            let scope = {
                static SITE: ::idem::__private::Site = ::idem::__private::Site::named(
                    "ledger.apply",
                );
                SITE.scope_of(::idem::__private::instance(|| {}))
            };
            let transaction = ::idem::__private::transaction(&mut *tx);
            let joining = ::idem::__private::joining(transaction, &self.idem);
            let operation = ::idem::__private::operation(
                scope,
                &::idem::__private::key(&event.id),
            );
            let returns = ::idem::__private::returns(
                ::idem::__private::value::<Balance>(),
                ::idem::__private::error::<LedgerError>(),
            );
            let begun = ::idem::__private::begin(
                    joining.join(&mut *tx),
                    operation,
                    returns,
                )
                .await;
            let call = match begun {
                ::core::ops::ControlFlow::Continue(call) => call,
                ::core::ops::ControlFlow::Break(answer) => return answer,
            };
            let body = async {
                let tx = &mut *tx;
                let future: ::core::pin::Pin<
                    Box<
                        dyn ::core::future::Future<
                            Output = Result<Balance, LedgerError>,
                        > + ::core::marker::Send + '_,
                    >,
                > = {
                    Box::pin(async move {
                        let __self = self;
                        let event = event;
                        let _ = &event;
                        __self.insert(tx, event).await
                    })
                };
                future.await
            };
            let returned = call.run(::core::pin::pin!(body)).await;
            call.settle(joining.join(&mut *tx), returned).await
        })
    }
}
