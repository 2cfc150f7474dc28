//! The rules across `#[versioned(…)]` and `#[sqlx(…)]` on one field.

use crate::errors::Errors;
use crate::versioned::container::Container;
use crate::versioned::field::{Field, Mark, Role};

pub(super) fn check(errors: &mut Errors, container: &Container, field: &Field) {
    check_sqlx_skip(errors, field);
    check_flatten(errors, field);
    check_skip_of_what_is_read(errors, container, field);
    check_json(errors, field);
    check_nullable_json_that_is_converted(errors, field);
}

/// What sqlx does not read has no value to write or compare.
fn check_sqlx_skip(errors: &mut Errors, field: &Field) {
    let Some(skip) = field.sqlx.skip.as_ref().filter(|_| field.find(|mark| matches!(mark, Mark::Skip)).is_none())
    else {
        return;
    };
    match field.role() {
        Some((_, Role::Version)) => {
            errors.on(skip, "the version column cannot be skipped: it is read on load and compared on save");
        }
        Some((role, _)) => errors.on(skip, format_args!("a skipped field is no column, so it cannot be `{role}`")),
        None => {
            if let Some(option) = field.marks.first() {
                errors.on(skip, format_args!("a skipped field is no column, so it cannot be `{}`", option.name));
            }
        }
    }
}

fn check_flatten(errors: &mut Errors, field: &Field) {
    if let Some(flatten) = field.sqlx.flatten.as_ref().filter(|_| field.is_column()) {
        errors.on(
            flatten,
            "`Versioned` cannot see the columns of a flattened field; list them as fields of the struct, or write \
             `#[sqlx(skip)]`",
        );
    }
}

/// Statements read columns alone, and `FromRow` would miss what is skipped here and not there.
fn check_skip_of_what_is_read(errors: &mut Errors, container: &Container, field: &Field) {
    let is_not_missed = container.default || field.sqlx.default.is_some() || field.sqlx.skip.is_some();
    if let Some(skip) = field.find(|mark| matches!(mark, Mark::Skip)).filter(|_| !is_not_missed) {
        errors.on(
            &skip.name,
            "no statement reads a skipped field, and `FromRow` would miss it; write `#[sqlx(skip)]` instead, or also \
             `#[sqlx(default)]`",
        );
    }
}

fn check_json(errors: &mut Errors, field: &Field) {
    let (Some(json), Some((name, role))) = (&field.sqlx.json, field.role()) else { return };
    if !matches!(role, Role::Readonly | Role::Generated) {
        errors.on(
            &json.name,
            format_args!("a column that is `{name}` cannot be JSON, because databases compare its value"),
        );
    }
}

/// sqlx panics at it.
fn check_nullable_json_that_is_converted(errors: &mut Errors, field: &Field) {
    let nullable = field.sqlx.json.as_ref().and_then(|json| json.nullable.as_ref());
    if let (Some(nullable), Some(_)) = (nullable, &field.sqlx.try_from) {
        errors.on(nullable, "`json(nullable)` and `try_from` do not go together; leave out one of them");
    }
}
