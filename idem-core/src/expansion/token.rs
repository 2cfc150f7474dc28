//! What an expansion with `token` says: whose it is.

use crate::{Error, Operation, Scope, TokenOf};

/// A call with a token.
pub fn operation_with_token(scope: Result<Scope, Error>, token: &TokenOf) -> Operation {
    Operation::scoped_with_token(scope, token)
}

/// A token, and whose it is.
pub fn token<T: IsTokenOf + ?Sized>(token: &T) -> &TokenOf {
    token.as_token_of()
}

/// What can be given as the token of a call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whose token it is",
    label = "not a token of anybody",
    note = "say whose it is, and it can be used by nobody else: `token = form.token.of(user.id)`; one that was issued to \
            anyone is `form.token.of_anyone()`",
    note = "a text is parsed first, and the function returns what is wrong with it: \
            `token = form.token.parse::<idem::Token>()?.of(user.id)`"
)]
pub trait IsTokenOf {
    /// The token.
    fn as_token_of(&self) -> &TokenOf;
}

impl IsTokenOf for TokenOf {
    fn as_token_of(&self) -> &TokenOf {
        self
    }
}

impl<T: IsTokenOf + ?Sized> IsTokenOf for &T {
    fn as_token_of(&self) -> &TokenOf {
        (**self).as_token_of()
    }
}
