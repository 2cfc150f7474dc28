//! Nothing here: the package holds the tests of compile errors, see `tests/ui.rs`.
