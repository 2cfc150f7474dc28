//! Conditions that stand in the statement.

use syn::LitStr;

use crate::errors::Errors;

/// Reports what cannot stand in a static statement. The condition itself is for the database to understand.
pub(crate) fn check(errors: &mut Errors, condition: &LitStr) -> bool {
    match problem(&condition.value()) {
        Some(message) => {
            errors.on(condition, message);
            false
        }
        None => true,
    }
}

const NO_EXPRESSION: &str = "`guard_sql` must be one boolean SQL expression";
const NO_PARAMETERS: &str = "`guard_sql` cannot take bind parameters; it is part of the static SQL";

fn problem(condition: &str) -> Option<&'static str> {
    let Some(code) = without_quoted(condition) else { return Some(NO_EXPRESSION) };
    let is_parameter = |(index, letter): (usize, char)| {
        letter == '?' || letter == '$' && code[index + 1..].starts_with(|next: char| next.is_ascii_digit())
    };
    if code.trim().is_empty() || code.contains(';') || code.contains("--") || code.contains("/*") || !is_balanced(&code)
    {
        return Some(NO_EXPRESSION);
    }
    code.char_indices().any(is_parameter).then_some(NO_PARAMETERS)
}

/// The condition with an `x` for each quoted text and name; `None` if a quote is open at its end.
fn without_quoted(condition: &str) -> Option<String> {
    let mut code = String::new();
    let mut letters = condition.chars();
    while let Some(letter) = letters.next() {
        if matches!(letter, '\'' | '"' | '`') {
            letters.find(|closing| *closing == letter)?;
            code.push('x');
        } else {
            code.push(letter);
        }
    }
    Some(code)
}

fn is_balanced(code: &str) -> bool {
    let depth = code.chars().try_fold(0_usize, |depth, letter| match letter {
        '(' => Some(depth + 1),
        ')' => depth.checked_sub(1),
        _ => Some(depth),
    });
    depth == Some(0)
}

#[cfg(test)]
mod tests {
    use super::{NO_EXPRESSION, NO_PARAMETERS, problem};

    #[test]
    fn a_condition_is_one_expression_without_parameters() {
        for right in ["total > 0", "note = 'what? yes; it''s (fine'", "(a OR b) AND \"odd;name\" = 1", "x::text = 'a'"]
        {
            assert_eq!(problem(right), None, "{right}");
        }
        for wrong in ["", " ", "a; DROP TABLE orders", "a) OR (b", "(a", "a -- b", "a /* b */", "a = 'open"] {
            assert_eq!(problem(wrong), Some(NO_EXPRESSION), "{wrong}");
        }
        for wrong in ["total > ?", "total > $1"] {
            assert_eq!(problem(wrong), Some(NO_PARAMETERS), "{wrong}");
        }
    }
}
