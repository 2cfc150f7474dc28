#[idempotent(store = STORE, key = id)]
pub async fn greet(id: u64) -> Result<String, idem::Error> {
    Ok(format!("hello {id}"))
}

// ---- becomes ----

pub async fn greet(id: u64) -> Result<String, idem::Error> {
    let site = {
        static SITE: ::idem::__private::Site = ::idem::__private::Site::new(
            ::core::concat!(::core::module_path!(), "::greet"),
        );
        &SITE
    };
    let store = ::idem::__private::store(&STORE);
    let operation = ::idem::__private::operation(site, &::idem::__private::key(&id));
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
