//! Which folders of an input are splits: by their names, and by the folders that they lie among.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{folder, folders};
use crate::filled::filled;
use crate::plan::Split;

/// Words that mean `val` beside a folder `train`.
const LIKE_VAL: [&str; 6] = ["eval", "evaluate", "evaluation", "dev", "devel", "development"];

/// The folders of images that are splits.
#[derive(Debug, Default)]
pub(in crate::formats) struct SplitFolders {
    /// By path, where the folders around one say something else than its name does.
    said: BTreeMap<String, Option<Split>>,
    /// The splits that some image lies in.
    there: BTreeSet<Split>,
}

/// The paths of the folders of a file, outermost first, each with its name.
pub(in crate::formats) fn paths(name: &str) -> impl Iterator<Item = (&str, &str)> {
    folders(name).map(move |part| {
        let end = part.as_ptr() as usize - name.as_ptr() as usize + part.len();
        (&name[..end], part)
    })
}

/// The folders of an input, with those in each.
type Tree<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") }
}

impl SplitFolders {
    /// Looks at the folders of images.
    pub(in crate::formats) fn new(images: &[&str]) -> Self {
        let mut tree = Tree::new();
        for image in images {
            let mut above = "";
            for (path, part) in paths(image) {
                tree.entry(above).or_default().insert(part);
                above = path;
            }
        }
        let mut splits = Self::default();
        // A folder comes before those in it.
        for (parent, children) in &tree {
            splits.look(parent, children, &tree);
        }
        splits.there = images.iter().filter_map(|image| splits.of(image)).collect();
        splits
    }

    /// The split that a folder is, by its path and name.
    pub(in crate::formats) fn is(&self, path: &str, name: &str) -> Option<Split> {
        self.said.get(path).cloned().unwrap_or_else(|| folder(name).split)
    }

    /// The split that the folders of a file say; the innermost where several do.
    pub(in crate::formats) fn of(&self, name: &str) -> Option<Split> {
        paths(name).filter_map(|(path, part)| self.is(path, part)).last()
    }

    /// Whether some image lies in a folder of a split.
    pub(in crate::formats) fn has(&self, split: &Split) -> bool {
        self.there.contains(split)
    }

    /// Looks at the folders of one folder.
    fn look(&mut self, parent: &str, children: &BTreeSet<&str>, tree: &Tree<'_>) {
        if self.are_classes(parent, children, tree) {
            let named = children.iter().filter(|name| folder(name).split.is_some());
            self.said.extend(named.map(|name| (join(parent, name), None)));
            return;
        }
        let mut known: BTreeMap<&str, Split> =
            filled(children.iter().filter_map(|name| Some((*name, folder(name).split?))));
        for (name, split) in framed(children.iter().filter(|name| !known.contains_key(**name))) {
            self.said.insert(join(parent, name), Some(split.clone()));
            known.insert(name, split);
        }
        if known.is_empty() {
            return;
        }
        let splits: BTreeSet<&Split> = filled(known.values());
        let classes = |name: &str| content(&join(parent, name), tree);
        let of_splits: BTreeSet<&str> = filled(known.keys().flat_map(|name| classes(name)));
        let mut new = Vec::new();
        for name in children.iter().filter(|name| !known.contains_key(**name) && !folder(name).is_structural()) {
            let own = classes(name);
            // It has the class folders of the splits, and no splits of its own as a copy of all has.
            let has_splits =
                tree.get(join(parent, name).as_str()).into_iter().flatten().any(|name| folder(name).split.is_some());
            let alike = !own.is_empty() && !has_splits && own.is_subset(&of_splits);
            let split = beside(name, &splits).or_else(|| alike.then(|| Split::named(name)));
            new.extend(split.map(|split| (join(parent, name), Some(split))));
        }
        self.said.extend(new);
    }

    /// Whether folders with names of splits are classes: they lie in a split, beside folders that are no splits
    /// (`train/train` beside `train/bus`).
    fn are_classes(&self, parent: &str, children: &BTreeSet<&str>, tree: &Tree<'_>) -> bool {
        if self.of(&format!("{parent}/")).is_none() {
            return false;
        }
        // The other splits beside the one that this is have the same classes.
        let above = parent.rsplit_once('/').map_or("", |(above, _)| above);
        let beside = tree.get(above).into_iter().flatten().map(|name| (join(above, name), *name));
        let peers: Vec<(String, Split)> =
            beside.filter_map(|(path, name)| Some((path.clone(), self.is(&path, name)?))).collect();
        let mut all: BTreeSet<&str> = children.clone();
        if peers.iter().any(|(path, _)| path == parent) {
            all.extend(peers.iter().filter_map(|(path, _)| tree.get(path.as_str())).flatten());
        }
        let outer: BTreeSet<&Split> = filled(peers.iter().map(|(_, split)| split));
        let inner: BTreeSet<Split> = filled(all.iter().filter_map(|name| folder(name).split));
        let others = all.iter().any(|name| !folder(name).is_structural());
        others && !inner.is_empty() && (outer.len() > 1 || inner.len() == 1)
    }
}

/// The folders in a folder that say nothing of the layout, through those that do.
fn content<'a>(path: &str, tree: &Tree<'a>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    for name in tree.get(path).into_iter().flatten() {
        if folder(name).is_structural() {
            found.extend(content(&join(path, name), tree));
        } else {
            found.insert(*name);
        }
    }
    found
}

/// Names that are alike but for the word of a split: `pets_train` beside `pets_test`.
fn framed<'a>(names: impl Iterator<Item = &'a &'a str>) -> Vec<(&'a str, Split)> {
    let mut frames: BTreeMap<(String, String), Vec<(&str, Split)>> = BTreeMap::new();
    for name in names.filter(|name| !folder(name).is_structural()) {
        let mut start = 0;
        for word in name.split(['_', '-', ' ', '.']) {
            if let Some(split) = Split::of_word(word) {
                let frame = (name[..start].to_lowercase(), name[start + word.len()..].to_lowercase());
                frames.entry(frame).or_default().push((name, split));
            }
            start += word.len() + 1;
        }
    }
    let several = |named: &Vec<(&str, Split)>| named.iter().any(|(_, split)| *split != named[0].1);
    frames.into_values().filter(several).flatten().collect()
}

/// The split that a name means beside some splits alone.
fn beside(name: &str, splits: &BTreeSet<&Split>) -> Option<Split> {
    let lower = name.to_ascii_lowercase();
    let has = |split: Split| splits.contains(&split);
    if lower == "trainval" && has(Split::Test) && !has(Split::Train) && !has(Split::Val) {
        return Some(Split::Train);
    }
    if !has(Split::Train) {
        return None;
    }
    if LIKE_VAL.contains(&lower.as_str()) {
        return Some(if has(Split::Val) { Split::named(name) } else { Split::Val });
    }
    // `test1` of a competition.
    let bare = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    Split::of_word(bare).filter(|split| bare != lower && *split != Split::Train)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The splits of images, in words.
    fn of(images: &[&str]) -> Vec<String> {
        let folders = SplitFolders::new(images);
        images.iter().map(|image| folders.of(image).map_or_else(|| "-".to_owned(), |split| split.to_string())).collect()
    }

    #[test]
    fn folders_beside_splits_are_splits() {
        for (images, splits) in [
            (&["train/cat/1.jpg", "eval/cat/1.jpg"][..], &["train", "val"][..]),
            (&["train/1.jpg", "dev/1.jpg", "val/1.jpg"], &["train", "dev", "val"]),
            (&["train/cat/1.jpg", "held back/cat/1.jpg"], &["train", "held back"]),
            (&["train/1.jpg", "test1/1.jpg"], &["train", "test"]),
            (&["images/trainval/1.jpg", "images/test/1.jpg"], &["train", "test"]),
            (&["My_train/images/1.jpg", "My_val/images/1.jpg"], &["train", "val"]),
            (&["training_set/cat/1.jpg", "test_set/cat/1.jpg"], &["train", "test"]),
            (&["train/cat/1.jpg", "val/cat/1.jpg", "x/train/cat/1.jpg"], &["train", "val", "train"]),
            (&["dev/1.jpg", "ops/1.jpg"], &["-", "-"]),
            (&["train/1.jpg", "cat/1.jpg"], &["train", "-"]),
            (&["fire_train/1.jpg", "toy/1.jpg"], &["-", "-"]),
        ] {
            assert_eq!(of(images), splits, "{images:?}");
        }
    }

    #[test]
    fn classes_that_are_called_as_splits_are_none() {
        let images = ["train/train/1.jpg", "train/bus/1.jpg", "val/train/1.jpg", "val/bus/1.jpg", "test/train/1.jpg"];
        assert_eq!(of(&images), ["train", "train", "val", "val", "test"]);
        assert_eq!(of(&["train/train/1.jpg", "train/bus/1.jpg"]), ["train", "train"]);
        assert_eq!(of(&["test/x/train/1.jpg", "test/x/val/1.jpg"]), ["train", "val"], "splits of a folder called test");
        assert_eq!(of(&["test/train/1.jpg", "test/val/1.jpg", "test/more/1.jpg"]), ["train", "val", "test"]);
        let doubled = ["training_set/training_set/cat/1.jpg", "test_set/test_set/cat/1.jpg"];
        assert_eq!(of(&doubled), ["train", "test"]);
    }
}
