//! Merges batches of added files: finds duplicates, and renames what would collide.

use std::collections::{BTreeMap, BTreeSet};

use web_sys::File;

use super::walk::FoundFile;

/// The first part of a path: the folder that was added, or the file's own name.
fn root(path: &str) -> &str {
    path.split_once('/').map_or(path, |(root, _)| root)
}

/// The names of the folders, zips and single files that were added.
pub(super) fn roots(files: &[FoundFile]) -> Vec<String> {
    let roots: BTreeSet<&str> = files.iter().map(|found| root(&found.path)).collect();
    roots.into_iter().map(str::to_owned).collect()
}

/// Whether two files with the same path are the same, as far as the page can tell. The size comes from disk, so it is
/// read only if paths collide.
fn is_same(one: &File, other: &File) -> bool {
    one.size() == other.size() && one.last_modified() == other.last_modified()
}

/// Adds a batch. Files that are already there are skipped. If a path is taken by another file, the batch's folder (for
/// single files: all of them) is renamed, so that labels stay beside their images.
pub(super) fn merge(files: &mut Vec<FoundFile>, batch: Vec<FoundFile>) {
    let there: BTreeMap<&str, usize> = files.iter().enumerate().map(|(at, found)| (found.path.as_str(), at)).collect();
    let paths: Vec<&str> = batch.iter().map(|found| found.path.as_str()).collect();
    let names = names(&there, &paths, |old, new| is_same(&files[old].file, &batch[new].file));
    files.extend(batch.into_iter().zip(names).filter_map(|(found, name)| Some(FoundFile { path: name?, ..found })));
}

/// The path of each file of a batch; `None` for a duplicate. `is_same` compares an existing file with one of the batch,
/// by their positions.
fn names(there: &BTreeMap<&str, usize>, batch: &[&str], is_same: impl Fn(usize, usize) -> bool) -> Vec<Option<String>> {
    let meets: Vec<Option<bool>> =
        batch.iter().enumerate().map(|(at, path)| there.get(path).map(|old| is_same(*old, at))).collect();
    let clashing: BTreeSet<&str> = batch
        .iter()
        .zip(&meets)
        .filter(|(_, meets)| **meets == Some(false))
        .map(|(path, _)| if path.contains('/') { root(path) } else { "" })
        .collect();
    let taken: BTreeSet<&str> = there.keys().map(|path| root(path)).collect();
    let free = |stem: &str| {
        let names = (2_u32..).map(|number| format!("{stem} ({number})"));
        names.into_iter().find(|name| !taken.contains(name.as_str())).unwrap_or_default()
    };
    let renamed: BTreeMap<&str, String> =
        clashing.iter().map(|folder| (*folder, free(if folder.is_empty() { "files" } else { folder }))).collect();
    let name = |path: &str| match path.split_once('/') {
        Some((folder, rest)) => renamed.get(folder).map(|folder| format!("{folder}/{rest}")),
        None => renamed.get("").map(|folder| format!("{folder}/{path}")),
    };
    batch
        .iter()
        .zip(meets)
        .map(|(path, meets)| (meets != Some(true)).then(|| name(path).unwrap_or_else(|| (*path).to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths of a batch, beside one existing file that may be the same as the first of the batch.
    fn beside(path: &str, same: bool, batch: &[&str]) -> Vec<Option<String>> {
        names(&BTreeMap::from([(path, 0)]), batch, |_, _| same)
    }

    #[test]
    fn a_folder_added_twice_adds_only_new_files() {
        assert_eq!(beside("set/a.jpg", true, &["set/a.jpg", "set/b.jpg"]), [None, Some("set/b.jpg".into())]);
    }

    #[test]
    fn another_folder_of_the_same_name_is_renamed_with_all_its_files() {
        let named = beside("set/a.jpg", false, &["set/a.jpg", "set/a.txt"]);
        assert_eq!(named, [Some("set (2)/a.jpg".into()), Some("set (2)/a.txt".into())]);
    }

    #[test]
    fn single_files_that_collide_move_together() {
        let named = beside("a.jpg", false, &["a.jpg", "a.xml", "other/a.jpg"]);
        let expected = ["files (2)/a.jpg", "files (2)/a.xml", "other/a.jpg"];
        assert_eq!(named, expected.map(|name| Some(name.to_owned())));
    }
}
