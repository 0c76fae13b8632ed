//! Paths of files that come one batch after the other: what is there already, what needs a name of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::walk::Found;

/// Whether a file or folder of this name is passed over: hidden ones, and what systems leave behind.
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || matches!(name, "__MACOSX" | "Thumbs.db" | "desktop.ini" | "$RECYCLE.BIN")
}

/// The first part of a path: the folder that was brought, or the file's own name.
fn root(path: &str) -> &str {
    path.split_once('/').map_or(path, |(root, _)| root)
}

/// What was brought, by the names of its folders, zips and files; at most a few single files are named.
pub(super) fn roots(files: &[Found]) -> Vec<String> {
    let roots: BTreeSet<&str> = files.iter().map(|found| root(&found.path)).collect();
    roots.into_iter().map(str::to_owned).collect()
}

/// What tells two files of one path apart, as far as a page may know.
type Face = (u64, u64);

fn face(found: &Found) -> Face {
    (found.file.size() as u64, found.file.last_modified() as u64)
}

/// Adds a batch. Files that are there already are left out; where a path is taken by another file, the batch's folder
/// (or, for single files, all of them) gets a new name, so that labels stay beside their images.
pub(super) fn merge(files: &mut Vec<Found>, batch: Vec<Found>) {
    let faces: BTreeMap<String, Face> = files.iter().map(|found| (found.path.clone(), face(found))).collect();
    let added = batch.iter().map(|found| (found.path.clone(), face(found))).collect();
    let names = names(&faces, added);
    files.extend(batch.into_iter().zip(names).filter_map(|(found, name)| Some(Found { path: name?, ..found })));
}

/// The path of each file of a batch; `None` for what is there already.
fn names(there: &BTreeMap<String, Face>, batch: Vec<(String, Face)>) -> Vec<Option<String>> {
    let clashing: BTreeSet<String> = batch
        .iter()
        .filter(|(path, face)| there.get(path).is_some_and(|other| other != face))
        .map(|(path, _)| if path.contains('/') { root(path).to_owned() } else { String::new() })
        .collect();
    let taken: BTreeSet<&str> = there.keys().map(|path| root(path)).collect();
    let free = |stem: &str| {
        (2_u32..)
            .map(|number| format!("{stem} ({number})"))
            .find(|name| !taken.contains(name.as_str()))
            .unwrap_or_default()
    };
    batch
        .into_iter()
        .map(|(path, face)| match path.split_once('/') {
            _ if there.get(&path) == Some(&face) => None,
            Some((folder, rest)) if clashing.contains(folder) => Some(format!("{}/{rest}", free(folder))),
            None if clashing.contains("") => Some(format!("{}/{path}", free("files"))),
            _ => Some(path),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(paths: &[(&str, Face)]) -> BTreeMap<String, Face> {
        paths.iter().map(|(path, face)| ((*path).to_owned(), *face)).collect()
    }

    fn batch(paths: &[(&str, Face)]) -> Vec<(String, Face)> {
        paths.iter().map(|(path, face)| ((*path).to_owned(), *face)).collect()
    }

    #[test]
    fn a_folder_that_comes_twice_adds_nothing_but_what_is_new() {
        let named = names(&there(&[("set/a.jpg", (1, 1))]), batch(&[("set/a.jpg", (1, 1)), ("set/b.jpg", (2, 1))]));
        assert_eq!(named, [None, Some("set/b.jpg".into())]);
    }

    #[test]
    fn another_folder_of_the_same_name_gets_a_name_of_its_own_with_all_its_files() {
        let named = names(&there(&[("set/a.jpg", (1, 1))]), batch(&[("set/a.jpg", (9, 1)), ("set/a.txt", (2, 1))]));
        assert_eq!(named, [Some("set (2)/a.jpg".into()), Some("set (2)/a.txt".into())]);
    }

    #[test]
    fn single_files_that_clash_move_together() {
        let named = names(&there(&[("a.jpg", (1, 1))]), batch(&[("a.jpg", (9, 1)), ("a.xml", (2, 1))]));
        assert_eq!(named, [Some("files (2)/a.jpg".into()), Some("files (2)/a.xml".into())]);
    }
}
