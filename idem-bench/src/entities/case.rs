//! What is compared.

/// What is done with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// An event without audit, on a pool.
    Fire,
    /// The same, of a row that is in the target state: a retry.
    Lost,
    /// An event with audit, in a transaction.
    Audited,
    /// An update of one column, on a pool.
    Update,
    /// An update that changes nothing.
    Unchanged,
}

impl Case {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Fire, Self::Lost, Self::Audited, Self::Update, Self::Unchanged];

    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fire => "`fire`, no audit, on a pool",
            Self::Lost => "`fire`, a retry, on a pool",
            Self::Audited => "`fire`, audit, in a transaction",
            Self::Update => "`update_to`, on a pool",
            Self::Unchanged => "`update_to`, unchanged",
        }
    }
}
