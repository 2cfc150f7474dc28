#[idempotent(store = self.idem, scope = "payments.charge", lease = 30, retian = "24h")]
async fn charge(&self, order: &Order) -> Result<Receipt, PayError> {
    self.gateway.charge(order).await
}

// ---- becomes ----

impl Context {
    ::core::compile_error! {
        "`30` has no unit; write it as a string with one, as in `lease = \"30s\"`"
    }
    ::core::compile_error! {
        "unknown option `retian`; did you mean `retain = \"24h\"`?"
    }
    ::core::compile_error! {
        "missing `key`; say what makes two calls the same: `key = order.id`, or for a key that the server issued `token = form.token.of(user.id)`"
    }
    async fn charge(&self, order: &Order) -> Result<Receipt, PayError> {
        self.gateway.charge(order).await
    }
}
