#[idempotent(store = store, key = event.id, outcome_limit = LIMIT)]
async fn apply(store: &PgStore, work: &mut PgTransaction<'_>, event: Event) -> Result<Balance, LedgerError> {
    store.insert(&mut **work, event).await
}

// ---- becomes ----

async fn apply(
    store: &PgStore,
    work: &mut PgTransaction<'_>,
    event: Event,
) -> Result<Balance, LedgerError> {
    const _: () = {
        #[deprecated(
            note = "the body may write in `work`, and the outcome is stored apart from it: if that transaction is rolled back, the outcome is replayed all the same\nhelp: write `tx = work` for one commit of both, or `tx = none` if what the body writes there is committed before it returns"
        )]
        const WARNING: () = ();
        WARNING
    };
    let scope = {
        static SITE: ::idem::__private::Site = ::idem::__private::Site::new(
            ::core::concat!(::core::module_path!(), "::apply"),
        );
        #[allow(non_upper_case_globals)]
        const apply: ::idem::__private::NotInItsModule = ::idem::__private::NotInItsModule;
        let found = {
            #[allow(unused_imports)]
            use ::idem::__private::FindsName as _;
            #[allow(unused_imports)]
            use self::*;
            apply.find_name()
        };
        ::idem::__private::derived(&SITE, found, ::idem::__private::instance(|| {}))
    };
    let store = ::idem::__private::store(&store);
    let operation = ::idem::__private::operation(
            scope,
            &::idem::__private::key(&event.id),
        )
        .outcome_limit(LIMIT);
    let returns = ::idem::__private::returns(
        ::idem::__private::value::<Balance>(),
        ::idem::__private::error::<LedgerError>(),
    );
    ::idem::__private::call(
            store,
            operation,
            returns,
            async move |_: ::idem::__private::Execution| {
                if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<
                    Result<Balance, LedgerError>,
                > {
                    return idem_returned;
                }
                store.insert(&mut **work, event).await
            },
        )
        .await
}
