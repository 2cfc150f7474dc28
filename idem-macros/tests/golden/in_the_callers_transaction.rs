#[idempotent(store = self.idem, scope = "ledger.apply", key = event.id, tx = tx, context = execution)]
async fn apply(&self, tx: &mut PgTransaction<'_>, event: Event, names: &[Name]) -> Result<Balance, LedgerError> {
    self.insert(&mut **tx, event, names, execution.fence()).await?;
    self.balance(tx).await
}

// ---- becomes ----

impl Context {
    async fn apply(
        &self,
        tx: &mut PgTransaction<'_>,
        event: Event,
        names: &[Name],
    ) -> Result<Balance, LedgerError> {
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
        let begun = ::idem::__private::begin(joining.join(&mut *tx), operation, returns)
            .await;
        let call = match begun {
            ::core::ops::ControlFlow::Continue(call) => call,
            ::core::ops::ControlFlow::Break(answer) => return answer,
        };
        let body = async {
            let execution = call.execution();
            if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<
                Result<Balance, LedgerError>,
            > {
                ::idem::__private::captured((event,));
                return idem_returned;
            }
            self.insert(&mut **tx, event, names, execution.fence()).await?;
            self.balance(tx).await
        };
        let returned = call.run(::core::pin::pin!(body)).await;
        call.settle(joining.join(&mut *tx), returned).await
    }
}
