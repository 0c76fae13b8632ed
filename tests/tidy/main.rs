//! House rules that a compiler does not know: every source file says what it owns and fits in one mind.

use std::path::{Path, PathBuf};

/// Where a file stops being one idea.
const MOST_LINES: usize = 500;

/// Folders with files that are not ours, or not sources.
const SKIPPED: &[&str] = &["target", "node_modules", "fixtures", "corpus", "artifacts"];

#[test]
fn every_source_file_opens_with_what_it_owns() {
    let silent: Vec<_> = sources().into_iter().filter(|(_, text)| !opens_with_a_sentence(text)).collect();
    assert!(silent.is_empty(), "these do not open with `//!`: {:#?}", paths(&silent));
}

#[test]
fn no_source_file_is_too_long_to_hold_in_mind() {
    let long: Vec<_> = sources().into_iter().filter(|(_, text)| text.lines().count() > MOST_LINES).collect();
    assert!(long.is_empty(), "these have more than {MOST_LINES} lines: {:#?}", paths(&long));
}

fn opens_with_a_sentence(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.starts_with("//! "))
}

fn paths(files: &[(PathBuf, String)]) -> Vec<String> {
    files.iter().map(|(path, _)| path.display().to_string()).collect()
}

/// Every Rust file of the project with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let tests = std::env::var("CARGO_MANIFEST_DIR").expect("cargo names the package's folder");
    let root = Path::new(&tests).parent().expect("the package lies in the project");
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder can be read") {
            let path = entry.expect("an entry can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && !SKIPPED.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") {
                let text = std::fs::read_to_string(&path).expect("a source is text");
                files.push((path, text));
            }
        }
    }
    assert!(files.len() > 50, "only {} sources found: the search is broken", files.len());
    files
}
