//! The rules about types that can be told by their names. Whatever has another name is told by the traits in
//! `idem-sqlx/src/entity/facts/field.rs`.

use syn::Type;

use super::{in_option, last_segment};
use crate::errors::Errors;
use crate::text::source;
use crate::versioned::field::{Field, Mark, Role};

const UNSIGNED: [&str; 6] = ["u8", "u16", "u32", "u64", "u128", "usize"];
const TIMESTAMPS: [&str; 7] =
    ["DateTime", "NaiveDateTime", "OffsetDateTime", "PrimitiveDateTime", "UtcDateTime", "SystemTime", "Timestamp"];

pub(super) fn check(errors: &mut Errors, field: &Field) {
    match field.role() {
        Some((_, Role::Version)) => {
            check_nullable_version(errors, field);
            check_unsigned_version(errors, field);
            check_timestamp_as_version(errors, field);
        }
        Some((_, Role::State(_))) => check_nullable_state(errors, &field.ty),
        Some((_, Role::Id | Role::GeneratedId)) => check_nullable_key(errors, &field.ty, "an id"),
        Some((_, Role::Tenant)) => check_nullable_key(errors, &field.ty, "a tenant"),
        _ if field.find(|mark| matches!(mark, Mark::Unique)).is_some() => {
            check_nullable_key(errors, &field.ty, "what a row is known by");
        }
        _ => {}
    }
}

fn check_nullable_version(errors: &mut Errors, Field { ty, .. }: &Field) {
    if let Some(counted) = in_option(ty) {
        errors.on(
            ty,
            format_args!(
                "`{}` cannot be a version column: NULL equals nothing, so it would never match; write `{}`",
                source(ty),
                source(counted)
            ),
        );
    }
}

fn check_unsigned_version(errors: &mut Errors, Field { ty, .. }: &Field) {
    if last_segment(ty).is_some_and(|segment| UNSIGNED.iter().any(|name| segment.ident == name)) {
        errors.on(
            ty,
            format_args!(
                "`{}` cannot be a version column: PostgreSQL and SQLite have no unsigned integers; write `i64`",
                source(ty)
            ),
        );
    }
}

fn check_timestamp_as_version(errors: &mut Errors, Field { ty, .. }: &Field) {
    if last_segment(ty).is_some_and(|segment| TIMESTAMPS.iter().any(|name| segment.ident == name)) {
        errors.on(
            ty,
            format_args!(
                "`{}` cannot be a version column: two writes can carry the same timestamp; count in an `i64`, and mark \
                 the time of the last write `#[versioned(updated_at)]`",
                source(ty)
            ),
        );
    }
}

fn check_nullable_state(errors: &mut Errors, ty: &Type) {
    if in_option(ty).is_some() {
        errors.on(ty, "a state column cannot be nullable; add a state for \"none yet\" and make it the initial one");
    }
}

fn check_nullable_key(errors: &mut Errors, ty: &Type, what: &str) {
    if in_option(ty).is_some() {
        errors.on(ty, format_args!("{what} cannot be nullable: NULL equals nothing, so its row would never be found"));
    }
}
