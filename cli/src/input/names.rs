//! Names of input files: which are passed over, and what tells two inputs apart.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use super::Group;

/// Whether a file or folder of this name is passed over: hidden ones, and what systems leave behind.
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || matches!(name, "__MACOSX" | "Thumbs.db" | "desktop.ini" | "$RECYCLE.BIN")
}

/// What to put before the names of each group: nothing, unless two groups hold the same name; then the end of each
/// group's path, as much of it as makes it its own.
pub(super) fn prefixes(groups: &[Group]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let unique = groups.iter().flat_map(|group| &group.entries).all(|(name, _)| seen.insert(name.as_str()));
    if unique {
        return vec![String::new(); groups.len()];
    }
    let paths: Vec<Vec<String>> = groups.iter().map(|group| components(&group.root)).collect();
    let longest = paths.iter().map(Vec::len).max().unwrap_or_default();
    let mut tails = Vec::new();
    for length in 1..=longest.max(1) {
        tails = paths.iter().map(|path| path[path.len().saturating_sub(length)..].join("/")).collect();
        let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
        for tail in &tails {
            *counts.entry(tail).or_default() += 1;
        }
        if counts.values().all(|count| *count == 1) {
            break;
        }
    }
    tails.iter().map(|tail| if tail.is_empty() { String::new() } else { format!("{tail}/") }).collect()
}

/// The parts of a path as names may hold them.
fn components(path: &Path) -> Vec<String> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(
                name.to_string_lossy().chars().map(|c| if c.is_control() || c == '\\' { '_' } else { c }).collect(),
            ),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::*;

    fn group(root: &str, names: &[&str]) -> Group {
        let place = |name: &&str| ((*name).to_owned(), Place::Disk(root.into(), 0));
        Group { root: root.into(), entries: names.iter().map(place).collect(), problems: Vec::new() }
    }

    #[test]
    fn inputs_that_share_no_name_keep_their_names() {
        assert_eq!(prefixes(&[group("/x/images.zip", &["a.jpg"]), group("/x/labels.zip", &["a.txt"])]), ["", ""]);
    }

    #[test]
    fn inputs_that_share_a_name_are_told_apart_by_as_much_of_their_paths_as_it_takes() {
        assert_eq!(prefixes(&[group("/x/cats", &["a.jpg"]), group("/x/dogs", &["a.jpg"])]), ["cats/", "dogs/"]);
        assert_eq!(
            prefixes(&[group("/x/v1/train", &["a.jpg"]), group("/x/v2/train", &["a.jpg"])]),
            ["v1/train/", "v2/train/"]
        );
    }

    #[test]
    fn hidden_and_system_files_are_passed_over() {
        for name in [".DS_Store", ".git", "__MACOSX", "Thumbs.db"] {
            assert!(is_hidden(name), "{name}");
        }
        assert!(!is_hidden("a.jpg"), "an image is no system file");
    }
}
