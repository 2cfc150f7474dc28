//! The expansion of each shape of function, as source that a person can review.
//!
//! Every file in `tests/golden` holds a use, a line of dashes, and what it becomes. `BLESS=1 cargo test -p idem-macros`
//! writes what it becomes.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Meta};

use crate::idempotent::idempotent;
use crate::into_key::into_key;
use crate::state_machine::state_machine;
use crate::versioned::versioned;

const SEPARATOR: &str = "\n// ---- becomes ----\n\n";

#[test]
fn every_shape_expands_as_its_golden_file_says() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut stale = Vec::new();
    for path in golden_files() {
        let file = fs::read_to_string(&path).expect("the file was listed");
        let (input, expected) = file.split_once(SEPARATOR).unwrap_or((file.trim_end(), ""));
        let actual = format!("{}\n", expansion(input, &path).trim_end());
        if actual != expected && bless {
            fs::write(&path, format!("{}\n{SEPARATOR}{actual}", input.trim_end())).expect("the file is writable");
        } else if actual != expected {
            stale.push(format!("{}:\n{actual}", path.display()));
        }
    }
    assert!(stale.is_empty(), "run again with BLESS=1 and review the changes:\n{}", stale.join("\n"));
}

fn golden_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder is in the repository")
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// The formatted expansion of what `input` uses: a derive, or the attribute on one function, in an `impl` or not.
fn expansion(input: &str, path: &Path) -> String {
    let tokens: TokenStream = input.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if input.contains("#[derive(Versioned") {
        return formatted(versioned(&tokens), path);
    }
    if input.contains("#[derive(IntoKey") {
        return formatted(into_key(&tokens), path);
    }
    if input.contains("#[derive(StateMachine") {
        return formatted(state_machine(&tokens), path);
    }
    let expanded = function.parse2(tokens).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let is_method = input.contains("self");
    let in_context = if is_method { quote!(impl Context { #expanded }) } else { expanded };
    formatted(in_context, path)
}

fn formatted(expanded: TokenStream, path: &Path) -> String {
    let file = syn::parse2(expanded).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    prettyplease::unparse(&file)
}

/// Expands the first attribute, on what stands below it.
fn function(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut attributes = input.call(Attribute::parse_outer)?;
    let item: TokenStream = input.parse()?;
    let position = attributes.iter().position(|attribute| attribute.path().is_ident("idempotent"));
    let attribute = attributes.remove(position.expect("a golden file uses the attribute"));
    let Meta::List(arguments) = attribute.meta else { panic!("the attribute has arguments") };
    Ok(idempotent(&arguments.tokens, &quote!(#(#attributes)* #item)))
}
