//! Golden vectors: what a release must never change, since it is in people's databases.
//!
//! A vector is a line of a file: what was encoded, a tab, what came out. `BLESS=1 cargo test --all-features` rewrites the
//! file, which is right only for a new vector: a line that changes breaks every record that is stored.

use std::path::Path;

/// Compares the vectors with the file `name` of this folder, or writes them into it.
///
/// Lines whose description begins with one of `absent` are of a feature that is off, and are passed over.
pub(crate) fn check(name: &str, vectors: &[(&str, String)], absent: &[&str]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let lines: Vec<_> = vectors.iter().map(|(description, text)| format!("{description}\t{text}")).collect();
    if std::env::var_os("BLESS").is_some() {
        assert!(absent.is_empty(), "bless with --all-features, or the lines of {absent:?} are lost");
        std::fs::write(&path, lines.join("\n") + "\n").expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(&path).expect("the golden file is there; write it with BLESS=1");
    let golden: Vec<_> =
        golden.lines().filter(|line| !absent.iter().any(|feature| line.starts_with(feature))).collect();
    for (line, golden) in lines.iter().zip(&golden) {
        assert_eq!(line, golden, "{name}");
    }
    assert_eq!(lines.len(), golden.len(), "{name} has as many lines as there are vectors");
}
