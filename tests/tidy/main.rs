//! House rules that a compiler does not know: files that say what they own, imports without circles, one name for one
//! thing, plain words.

mod circles;
mod names;
mod sources;
mod words;

use std::path::PathBuf;

use sources::sources;

/// Where a file stops being one idea.
const MOST_LINES: usize = 500;

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
