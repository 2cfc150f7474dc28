//! The rules across all fields.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::LitStr;

use super::conflict;
use crate::errors::Errors;
use crate::text::source;
use crate::versioned::column;
use crate::versioned::container::Container;
use crate::versioned::field::{Field, Role};

/// Roles that one field can have.
const SINGLE: [&str; 5] = ["tenant", "version", "created_at", "updated_at", "soft_delete"];

pub(super) fn check(errors: &mut Errors, name: &Ident, container: &Container, fields: &[Field]) {
    check_no_id(errors, name, fields);
    check_generated_id_without_unique(errors, fields);
    check_nothing_guards(errors, name, container, fields);
    check_last_write_wins_with_a_guard(errors, container, fields);
    for role in SINGLE {
        check_role_of_two_fields(errors, fields, role);
    }
    check_states_without_names(errors, fields);
    check_states_of_one_name(errors, fields);
    check_states_of_one_type(errors, fields);
    check_column_of_two_fields(errors, container, fields);
}

fn check_no_id(errors: &mut Errors, name: &Ident, fields: &[Field]) {
    if fields.iter().any(|field| field.claims("id")) {
        return;
    }
    match fields.iter().find(|field| field.text() == "id") {
        Some(field) => {
            let id = &field.name;
            errors.on(
                name,
                format_args!("no field is marked `#[versioned(id)]`; `{id}` looks like the primary key: mark it so"),
            );
        }
        None => errors.on(
            name,
            "no field is marked `#[versioned(id)]`; mark the primary key, all its fields if there are several",
        ),
    }
}

/// A row must be known before it has an id.
fn check_generated_id_without_unique(errors: &mut Errors, fields: &[Field]) {
    if fields.iter().any(|field| field.claims("unique")) {
        return;
    }
    let generated = fields.iter().filter_map(|field| field.role());
    if let Some((name, _)) = generated.into_iter().find(|(_, role)| matches!(role, Role::GeneratedId)) {
        errors.on(
            name,
            "a new row is not known by an id that the database makes; mark what else it is known by \
             `#[versioned(unique)]`",
        );
    }
}

fn check_nothing_guards(errors: &mut Errors, name: &Ident, container: &Container, fields: &[Field]) {
    let is_guarded = fields.iter().any(|field| field.claims("version") || field.claims("state"));
    if !is_guarded && container.last_write_wins.is_none() {
        errors.on(
            name,
            format_args!(
                "nothing in `{name}` guards an update, so one may undo another unseen; mark a field \
                 `#[versioned(version)]`, or write `#[versioned(last_write_wins)]` on the struct if that is meant"
            ),
        );
    }
}

fn check_last_write_wins_with_a_guard(errors: &mut Errors, container: &Container, fields: &[Field]) {
    let Some(option) = &container.last_write_wins else { return };
    for guard in ["version", "state"] {
        if fields.iter().any(|field| field.claims(guard)) {
            errors
                .on(option, format_args!("the {guard} guards updates, so not every write wins; leave out `{option}`"));
            return;
        }
    }
}

fn check_role_of_two_fields(errors: &mut Errors, fields: &[Field], role: &str) {
    let mut marked = fields.iter().filter_map(|field| field.role()).filter(|(name, _)| *name == role);
    if let Some((first, _)) = marked.next() {
        for (second, _) in marked {
            conflict(errors, first, second, &format!("only one field can be `#[versioned({role})]`"));
        }
    }
}

/// The options of the state fields, with their names.
fn states(fields: &[Field]) -> impl Iterator<Item = (&Field, &Ident, Option<&LitStr>)> {
    fields.iter().filter_map(|field| match field.role() {
        Some((option, Role::State(name))) => Some((field, option, name.as_ref())),
        _ => None,
    })
}

fn check_states_without_names(errors: &mut Errors, fields: &[Field]) {
    if states(fields).count() < 2 {
        return;
    }
    for (field, option, name) in states(fields) {
        if name.is_none() {
            let field = field.text();
            errors.on(option, format_args!("two state fields need names; write `#[versioned(state = \"{field}\")]`"));
        }
    }
}

fn check_states_of_one_name(errors: &mut Errors, fields: &[Field]) {
    let mut names = HashMap::new();
    for (_, _, name) in states(fields) {
        let Some(name) = name else { continue };
        if names.insert(name.value(), name).is_some() {
            errors.on(name, format_args!("two states are called \"{}\"; give each a name of its own", name.value()));
        }
    }
}

/// An event says by the type of its machine which state it changes.
fn check_states_of_one_type(errors: &mut Errors, fields: &[Field]) {
    let mut types = HashMap::new();
    for (field, _, _) in states(fields) {
        if types.insert(field.ty.to_token_stream().to_string(), field).is_some() {
            errors.on(
                &field.ty,
                format_args!(
                    "two state fields have the type `{}`, so an event would not tell which it changes; give each an enum \
                     of its own",
                    source(&field.ty)
                ),
            );
        }
    }
}

fn check_column_of_two_fields(errors: &mut Errors, container: &Container, fields: &[Field]) {
    let mut columns = HashMap::new();
    for field in fields.iter().filter(|field| field.is_column()) {
        let name = column::name(container, field);
        if let Some(first) = columns.insert(name.clone(), &field.name) {
            let message = format!("`{first}` and `{}` are both stored in the column `{name}`", field.name);
            match &field.sqlx.rename {
                Some(rename) => errors.on(rename, message),
                None => errors.on(&field.name, message),
            }
        }
    }
}
