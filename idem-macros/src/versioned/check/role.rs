//! The rules across the options of one field.

use crate::errors::Errors;
use crate::versioned::field::{Field, Mark, Marked, Role};

pub(super) fn check(errors: &mut Errors, field: &Field) {
    check_two_roles(errors, field);
    check_two_comparisons(errors, field);
    check_change_of_what_is_not_written(errors, field);
    check_compare_of_what_sql_compares(errors, field);
    check_unique_of_what_changes(errors, field);
    check_skip_with_other_options(errors, field);
}

fn check_two_roles(errors: &mut Errors, field: &Field) {
    let mut roles = field.marks.iter().filter(|marked| matches!(marked.mark, Mark::Role(_)));
    let (Some(first), Some(second)) = (roles.next(), roles.next()) else { return };
    let is = |role: &str| first.name == role || second.name == role;
    if is("generated") && is("version") {
        errors
            .on(&second.name, "a generated version is not supported: the `UPDATE` must set it; leave out `generated`");
    } else {
        errors.on(
            &second.name,
            format_args!("a column is for one thing, and this one is `{}` already; keep one of them", first.name),
        );
    }
}

fn is_comparison(mark: &Mark) -> bool {
    matches!(mark, Mark::Compare(_) | Mark::IgnoreChange | Mark::AlwaysWrite)
}

fn check_two_comparisons(errors: &mut Errors, field: &Field) {
    let mut comparisons = field.marks.iter().filter(|marked| is_comparison(&marked.mark));
    if let (Some(first), Some(second)) = (comparisons.next(), comparisons.next()) {
        errors.on(
            &second.name,
            format_args!("`{}` and `{}` both say what a change is; keep one of them", first.name, second.name),
        );
    }
}

/// These two speak of what an update writes.
fn check_change_of_what_is_not_written(errors: &mut Errors, field: &Field) {
    let change = field.find(|mark| matches!(mark, Mark::IgnoreChange | Mark::AlwaysWrite));
    if let (Some(change), Some((role, _))) = (change, field.role()) {
        errors.on(
            &change.name,
            format_args!(
                "an update never writes what is `{role}`, so `{}` says nothing here; leave it out",
                change.name
            ),
        );
    }
}

/// A function of ours would not be asked where it matters.
fn check_compare_of_what_sql_compares(errors: &mut Errors, field: &Field) {
    let Some(compare) = field.find(|mark| matches!(mark, Mark::Compare(_))) else { return };
    let Some((name, role)) = field.role() else { return };
    if matches!(role, Role::Id | Role::GeneratedId | Role::Tenant | Role::State(_) | Role::Version) {
        errors.on(
            &compare.name,
            format_args!("what is `{name}` is compared by the database, so `compare` says nothing here; leave it out"),
        );
    }
}

fn check_unique_of_what_changes(errors: &mut Errors, field: &Field) {
    let Some(unique) = field.find(|mark| matches!(mark, Mark::Unique)) else { return };
    let Some((name, role)) = field.role() else { return };
    if matches!(
        role,
        Role::GeneratedId | Role::Version | Role::Generated | Role::CreatedAt | Role::UpdatedAt | Role::SoftDelete
    ) {
        errors.on(
            &unique.name,
            format_args!("a row is not known by what is `{name}`; mark what it is known by before it is inserted"),
        );
    }
}

fn check_skip_with_other_options(errors: &mut Errors, field: &Field) {
    let is_skip = |marked: &&Marked| matches!(marked.mark, Mark::Skip);
    if !field.marks.iter().any(|marked| is_skip(&marked)) {
        return;
    }
    if let Some(other) = field.marks.iter().find(|marked| !is_skip(marked)) {
        errors.on(&other.name, format_args!("a skipped field is no column, so it cannot be `{}`", other.name));
    }
}
