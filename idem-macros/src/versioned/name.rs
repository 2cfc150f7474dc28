//! Names of tables and columns: how they come from names of fields, and which can stand in a statement.

use heck::ToSnakeCase;
use syn::LitStr;

use crate::case::Case;
use crate::closest::closest;
use crate::errors::Errors;

/// Reads the name of a case, as in `#[sqlx(rename_all = "…")]`.
pub(crate) fn case(errors: &mut Errors, literal: &LitStr) -> Option<Case> {
    let text = literal.value();
    let case = Case::called(&text);
    if case.is_none() {
        let names = Case::names();
        let instead = match closest(&text, names) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => format!("the cases are {}", names.join(", ")),
        };
        errors.on(literal, format_args!("unknown case \"{text}\"; {instead}"));
    }
    case
}

/// The name of a table of `rows`, as most people would call it: `orders` for `Order`.
pub(crate) fn table_of(row: &str) -> String {
    let name = row.to_snake_case();
    match name.as_bytes() {
        [.., b's' | b'x' | b'z'] | [.., b'c' | b's', b'h'] => format!("{name}es"),
        [.., before, b'y'] if !b"aeiou".contains(before) => format!("{}ies", &name[..name.len() - 1]),
        _ => format!("{name}s"),
    }
}

/// Reads the name of a table, which may have a schema before a dot.
pub(crate) fn table(errors: &mut Errors, literal: LitStr) -> Option<LitStr> {
    let name = literal.value();
    let parts: Vec<_> = name.split('.').collect();
    if name.is_empty() {
        errors.on(&literal, "a table has a name; write it as in `table = \"orders\"`");
    } else if let Some(culprit) = name.chars().find(|character| cannot_be_quoted(*character)) {
        errors.on(
            &literal,
            format_args!(
                "the name of a table cannot have {} in it; no quoting is safe on all databases",
                shown(culprit)
            ),
        );
    } else if parts.len() > 2 || parts.contains(&"") {
        errors.on(&literal, "the name of a table has at most one dot, after its schema, as in \"shop.orders\"");
    } else if let Some(part) = parts.iter().find(|part| !is_name(part)) {
        errors.on(
            &literal,
            format_args!(
                "`{part}` is not the name of a table; write `name` or `schema.name`, of letters, digits, `_`, `$`, `-` and \
                 blanks between them, and no more SQL"
            ),
        );
    } else {
        return Some(literal);
    }
    None
}

/// Reads the name of a column.
pub(crate) fn column(errors: &mut Errors, literal: LitStr) -> Option<LitStr> {
    let name = literal.value();
    if name.is_empty() {
        errors.on(&literal, "a column has a name; leave out `rename` to call it as the field");
    } else if let Some(culprit) = name.chars().find(|character| cannot_be_quoted(*character)) {
        errors.on(
            &literal,
            format_args!(
                "the name of a column cannot have {} in it; no quoting is safe on all databases",
                shown(culprit)
            ),
        );
    } else {
        return Some(literal);
    }
    None
}

/// Whether it is the name of a table, or of a schema, and no more.
fn is_name(part: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$' | '-' | ' ');
    part.chars().all(is_part) && part.trim() == part && !part.contains("--")
}

/// What ends or escapes a quoted identifier on one of the databases, and what none of them takes.
fn cannot_be_quoted(character: char) -> bool {
    matches!(character, '"' | '\'' | '`' | '\\') || character.is_control()
}

fn shown(character: char) -> String {
    match character {
        '\0' => "a NUL".to_owned(),
        character if character.is_control() => "a control character".to_owned(),
        '`' => "a backtick".to_owned(),
        character => format!("`{character}`"),
    }
}
