//! Cases are those of sqlx.

use idem::Versioned;

#[derive(Versioned, Clone)]
#[versioned(table = "orders")]
#[sqlx(rename_all = "snakecase")]
struct Order {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

#[derive(Versioned, Clone)]
#[versioned(table = "lines")]
#[sqlx(rename_all = "Train-Case")]
struct Line {
    #[versioned(id)]
    id: i64,
    #[versioned(version)]
    version: i64,
}

fn main() {}
