//! House rules that a compiler does not know: files that say what they own, imports without circles, one name for one
//! thing, plain words.

mod circles;
mod names;
mod sources;
mod words;

use std::path::PathBuf;

use sources::sources;

/// Where a file stops being one idea.
const MAX_LINES: usize = 500;

#[test]
fn every_source_file_opens_with_what_it_owns() {
    let silent: Vec<_> = sources().into_iter().filter(|(_, text)| !opens_with_a_sentence(text)).collect();
    assert!(silent.is_empty(), "these do not open with `//!`: {:#?}", paths(&silent));
}

#[test]
fn no_source_file_is_too_long_to_hold_in_mind() {
    let long: Vec<_> = sources().into_iter().filter(|(_, text)| text.lines().count() > MAX_LINES).collect();
    assert!(long.is_empty(), "these have more than {MAX_LINES} lines: {:#?}", paths(&long));
}

#[test]
fn documents_name_files_that_exist() {
    let texts = sources::texts();
    let roots: std::collections::BTreeSet<String> =
        texts.iter().filter_map(|(path, _)| Some(path.iter().next()?.to_string_lossy().into_owned())).collect();
    let mut missing = Vec::new();
    for (path, text) in texts.iter().filter(|(path, _)| path.extension().is_some_and(|ending| ending == "md")) {
        // The log of changes and the log of measurements name what was there then.
        if path.ends_with("CHANGELOG.md") || path.ends_with("docs/performance-log.md") {
            continue;
        }
        for quoted in text.split('`').skip(1).step_by(2) {
            let named = quoted.trim_end_matches('/');
            let is_path = named.contains('/')
                && named.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/._-".contains(c));
            let root = named.split('/').next().unwrap_or_default();
            if is_path && roots.contains(root) && !sources::root().join(named).exists() {
                missing.push(format!("{}: {named}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

fn opens_with_a_sentence(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.starts_with("//! "))
}

fn paths(files: &[(PathBuf, String)]) -> Vec<String> {
    files.iter().map(|(path, _)| path.display().to_string()).collect()
}
