//! How each database writes a state, and which of its types hold one.
#![allow(missing_docs, reason = "for the expansion of the derive")]

/// Declares what databases have in common: their types by short names, how a value is read, and how a state is.
macro_rules! column_in {
    ($database:ident) => {
        use idem_core::machine::{Code, CodeType, StateMachine};
        use sqlx::{Decode, Encode, Type, TypeInfo as _, ValueRef as _, $database};

        use crate::entity::state::{Decoded, Encoded, Stored};

        pub type TypeInfo = <$database as sqlx::Database>::TypeInfo;
        pub type ValueRef<'r> = <$database as sqlx::Database>::ValueRef<'r>;
        pub type Buffer = <$database as sqlx::Database>::ArgumentBuffer;

        impl Decode<'_, $database> for Stored {
            fn decode(value: ValueRef<'_>) -> Decoded<Self> {
                if is_number(&value.type_info()) {
                    Ok(Self::Number(<i64 as Decode<$database>>::decode(value)?))
                } else {
                    Ok(Self::text(<&str as Decode<$database>>::decode(value)?))
                }
            }
        }

        pub fn decode<M: StateMachine>(value: ValueRef<'_>) -> Decoded<M> {
            Ok(<Stored as Decode<$database>>::decode(value)?.state::<M>()?)
        }

        pub fn encode<M: StateMachine>(state: M, buffer: &mut Buffer) -> Encoded {
            match (state.code(), M::STORE) {
                (Code::Text(code), _) => Encode::<$database>::encode(code, buffer),
                (Code::Number(code), CodeType::Int16) => Encode::<$database>::encode(i16::try_from(code)?, buffer),
                (Code::Number(code), CodeType::Int32) => Encode::<$database>::encode(i32::try_from(code)?, buffer),
                (Code::Number(code), CodeType::Text) => Encode::<$database>::encode(code.to_string(), buffer),
            }
        }
    };
}

/// Declares that what a column is read as is the type of the column.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
macro_rules! read_as_it_is {
    () => {
        #[must_use]
        pub fn compatible<M: StateMachine>(found: &TypeInfo) -> bool {
            match M::STORE {
                CodeType::Text => is_text(found),
                CodeType::Int16 | CodeType::Int32 => is_number(found),
            }
        }
    };
}

#[cfg(feature = "postgres")]
pub mod postgres {
    use sqlx::postgres::PgTypeKind;
    use sqlx::postgres::types::Oid;

    column_in!(Postgres);

    /// The type `unknown`, of which a literal in quotes is too: the server gives it the type of what it is compared with or
    /// assigned to, so the same bind works on any text type, on an enum and on a domain.
    const UNKNOWN: Oid = Oid(705);

    #[must_use]
    pub fn type_info<M: StateMachine>() -> TypeInfo {
        match M::STORE {
            CodeType::Text => TypeInfo::with_oid(UNKNOWN),
            CodeType::Int16 => <i16 as Type<Postgres>>::type_info(),
            CodeType::Int32 => <i32 as Type<Postgres>>::type_info(),
        }
    }

    fn is_text(found: &TypeInfo) -> bool {
        match found.kind() {
            PgTypeKind::Enum(_) => true,
            PgTypeKind::Domain(inner) => is_text(inner),
            _ => <str as Type<Postgres>>::compatible(found),
        }
    }

    fn is_number(found: &TypeInfo) -> bool {
        match found.kind() {
            PgTypeKind::Domain(inner) => is_number(inner),
            _ => matches!(found.name(), "INT2" | "INT4" | "INT8"),
        }
    }

    /// Our statements read states as text, numbers too.
    #[must_use]
    pub fn compatible<M: StateMachine>(found: &TypeInfo) -> bool {
        match M::STORE {
            CodeType::Text => is_text(found),
            CodeType::Int16 | CodeType::Int32 => is_number(found) || found.name() == "TEXT",
        }
    }
}

#[cfg(feature = "mysql")]
pub mod mysql {
    column_in!(MySql);
    read_as_it_is!();

    #[must_use]
    pub fn type_info<M: StateMachine>() -> TypeInfo {
        match M::STORE {
            CodeType::Text => <str as Type<MySql>>::type_info(),
            CodeType::Int16 => <i16 as Type<MySql>>::type_info(),
            CodeType::Int32 => <i32 as Type<MySql>>::type_info(),
        }
    }

    fn is_text(found: &TypeInfo) -> bool {
        let is_binary =
            matches!(found.name(), "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB");
        is_binary || found.name() == "ENUM" || <str as Type<MySql>>::compatible(found)
    }

    fn is_number(found: &TypeInfo) -> bool {
        let name = found.name();
        let name = name.strip_suffix(" UNSIGNED").unwrap_or(name);
        // A `TINYINT(1)` is called a `BOOLEAN`.
        matches!(name, "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" | "BOOLEAN")
    }
}

#[cfg(feature = "sqlite")]
pub mod sqlite {
    column_in!(Sqlite);
    read_as_it_is!();

    #[must_use]
    pub fn type_info<M: StateMachine>() -> TypeInfo {
        match M::STORE {
            CodeType::Text => <str as Type<Sqlite>>::type_info(),
            CodeType::Int16 => <i16 as Type<Sqlite>>::type_info(),
            CodeType::Int32 => <i32 as Type<Sqlite>>::type_info(),
        }
    }

    fn is_text(found: &TypeInfo) -> bool {
        <str as Type<Sqlite>>::compatible(found)
    }

    fn is_number(found: &TypeInfo) -> bool {
        matches!(found.name(), "INTEGER" | "BOOLEAN")
    }
}
