//! What a user reads when a use of a macro is wrong: one rule, one file, and the whole message beside it.
//!
//! The messages are those of one compiler. `TRYBUILD=overwrite cargo test -p idem-ui` (or `cargo xtask bless`) writes
//! them anew; read each of them as the user would.

#[rustversion::attr(not(stable(1.95)), ignore = "the messages are those of Rust 1.95")]
#[test]
fn compile_errors() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("idempotent/*.rs");
    cases.compile_fail("state_machine/*.rs");
    cases.compile_fail("versioned/*.rs");
    cases.compile_fail("entity/*.rs");
}
