//! What is read by `try_from` is written as well.

use idem::Versioned;

#[derive(Clone, PartialEq)]
struct Email(String);

impl TryFrom<String> for Email {
    type Error = std::convert::Infallible;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(Self(text))
    }
}

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
    #[sqlx(try_from = "String")]
    email: Email,
}

fn main() {}
