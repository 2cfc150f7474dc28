#[idempotent(store = STORE, key = id)]
pub async fn greet(id: u64) -> Result<String, idem::Error> {
    Ok(format!("hello {id}"))
}

// ---- becomes ----

pub async fn greet(id: u64) -> Result<String, idem::Error> {
    let scope = {
        static SITE: ::idem::__private::Site = ::idem::__private::Site::new(
            ::core::concat!(::core::module_path!(), "::greet"),
        );
        #[allow(non_upper_case_globals)]
        const greet: ::idem::__private::NotInItsModule = ::idem::__private::NotInItsModule;
        let found = {
            #[allow(unused_imports)]
            use ::idem::__private::FindsName as _;
            #[allow(unused_imports)]
            use self::*;
            greet.find_name()
        };
        ::idem::__private::derived(&SITE, found, ::idem::__private::instance(|| {}))
    };
    let store = ::idem::__private::store(&STORE);
    let operation = ::idem::__private::operation(scope, &::idem::__private::key(&id));
    let returns = ::idem::__private::returns(
        ::idem::__private::value::<String>(),
        ::idem::__private::error::<idem::Error>(),
    );
    ::idem::__private::call(
            store,
            operation,
            returns,
            async move |_: ::idem::__private::Execution| {
                if let ::core::option::Option::Some(idem_returned) = ::core::option::Option::None::<
                    Result<String, idem::Error>,
                > {
                    return idem_returned;
                }
                Ok(format!("hello {id}"))
            },
        )
        .await
}
