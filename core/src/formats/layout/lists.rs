//! The split of every image: from lists of files and the paths of a `data.yaml`, else from folders.

use std::collections::BTreeSet;

use super::finder::ImageFinder;
use super::splits::SplitFolders;
use super::words::{base, folders, has_picture_ending, split_extension};
use crate::plan::Split;

/// Lines of a text that are looked at to tell whether it lists images.
const LOOKED_AT: usize = 20;

/// What files say about which images are in a split.
#[derive(Debug, Default)]
pub(in crate::formats) struct Lists {
    /// From paths of a `data.yaml`, the first to be believed.
    paths: Vec<(Split, BTreeSet<usize>)>,
    /// From lists of files, and from files about many images.
    files: Vec<(Split, BTreeSet<usize>)>,
    /// From lists of splits without a folder: images in that of training, where no other list has them.
    lent: Vec<(Split, BTreeSet<usize>)>,
    /// Names that lists have and the input has not.
    absent: usize,
    /// Lists of one class's images.
    by_class: usize,
}

/// The splits of images, and what a person should know about them.
#[derive(Debug, Default)]
pub(in crate::formats) struct Splits {
    /// By image.
    pub(in crate::formats) of: Vec<Option<Split>>,
    /// What is doubtful.
    pub(in crate::formats) warnings: Vec<String>,
}

impl Lists {
    /// Takes a text that lists images; tells whether it does.
    pub(in crate::formats) fn take(&mut self, name: &str, text: &str, finder: &ImageFinder<'_>) -> bool {
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let by_stem = folders(name).any(|folder| folder.eq_ignore_ascii_case("imagesets"));
        let is_path =
            |line: &str| has_picture_ending(line) || first_word(line).is_some_and(has_picture_ending) && !is_row(line);
        let mut looked_at = lines().take(LOOKED_AT).peekable();
        if looked_at.peek().is_none() || !(by_stem || looked_at.all(is_path)) {
            return false;
        }
        let stem = base(split_extension(name).0);
        // `cat_train.txt` says of each image whether it shows a cat.
        let flags = |line: &str| line.split_whitespace().nth(1).is_some_and(|word| matches!(word, "-1" | "0" | "1"));
        if by_stem && lines().take(LOOKED_AT).all(flags) && Split::of_word(stem).is_none() {
            self.by_class += 1;
            return true;
        }
        let find = |line: &str| {
            let found = |stated: &str| {
                if by_stem { finder.find_stem(stated, name) } else { finder.find(stated, name) }
            };
            found(line).or_else(|| found(first_word(line)?))
        };
        let split = Split::named(stem);
        let lent = |line: &str| finder.find_in_training(first_word(line).filter(|_| by_stem)?, &split, name);
        let (mut images, mut of_training) = (BTreeSet::new(), BTreeSet::new());
        for line in lines() {
            if let Some(image) = find(line) {
                images.insert(image);
            } else if let Some(image) = lent(line) {
                of_training.insert(image);
            } else {
                self.absent += 1;
            }
        }
        if !of_training.is_empty() {
            self.lent.push((split.clone(), of_training));
        }
        self.files.push((split, images));
        true
    }

    /// Takes the images that files about many images, named after splits, speak of. The name of one file alone tells
    /// nothing apart.
    pub(in crate::formats) fn add(&mut self, named: Vec<(Split, BTreeSet<usize>)>) {
        let distinct: BTreeSet<&Split> = named.iter().map(|(split, _)| split).collect();
        if distinct.len() > 1 {
            self.files.extend(named);
        }
    }

    /// Takes a path of a `data.yaml`: a folder, as Roboflow's `../train/images` too, or one list's name.
    pub(in crate::formats) fn add_path(&mut self, split: Split, path: &str, yaml: &str, images: &[&str]) {
        let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | "..")).collect();
        let home = &yaml[..yaml.len() - base(yaml).len()];
        for start in 0..parts.len() {
            let folder = format!("{}/", parts[start..].join("/"));
            let within = |home: &str| -> BTreeSet<usize> {
                let prefix = format!("{home}{folder}");
                (0..images.len()).filter(|at| images[*at].starts_with(&prefix)).collect()
            };
            let found = Some(within(home)).filter(|found| !found.is_empty()).unwrap_or_else(|| within(""));
            if !found.is_empty() {
                self.paths.push((split, found));
                return;
            }
        }
    }

    /// The split of every image.
    pub(in crate::formats) fn splits(mut self, images: &[&str], folders: &SplitFolders) -> Splits {
        self.settle();
        let mut splits = Splits { of: vec![None; images.len()], warnings: Vec::new() };
        let mut twice = BTreeSet::new();
        for claims in [informative(self.paths), informative(self.files)] {
            let mut of: Vec<Option<Split>> = vec![None; images.len()];
            for (split, claimed) in claims {
                for image in claimed {
                    match &of[image] {
                        None => of[image] = Some(split.clone()),
                        Some(known) if *known == split => {}
                        Some(_) => _ = twice.insert(image),
                    }
                }
            }
            for (known, new) in splits.of.iter_mut().zip(of) {
                *known = known.take().or(new);
            }
        }
        for (known, image) in splits.of.iter_mut().zip(images) {
            *known = known.take().or_else(|| folders.of(image));
        }
        let distinct: BTreeSet<&Split> = splits.of.iter().flatten().collect();
        // One name for everything, as `default`, tells nothing apart.
        if let [Split::Named(_)] = distinct.into_iter().collect::<Vec<_>>()[..] {
            splits.of.fill(None);
        }
        let mut say = |count: usize, what: &str| {
            if count > 0 {
                splits.warnings.push(format!("{count} {what}"));
            }
        };
        say(twice.len(), "image(s) are listed in several splits; the first that lists them is taken");
        say(self.absent, "name(s) in lists of images are not in the input");
        say(self.by_class, "list(s) of one class's images are left out");
        splits
    }
}

impl Lists {
    /// Gives images of training to the lists of other splits, and makes `trainval` a split where no list divides it.
    fn settle(&mut self) {
        let (both, mut files): (Vec<_>, Vec<_>) = std::mem::take(&mut self.files).into_iter().partition(is_trainval);
        let claimed: BTreeSet<usize> = files.iter().flat_map(|(_, images)| images).copied().collect();
        for (split, images) in std::mem::take(&mut self.lent) {
            if is_trainval(&(split.clone(), BTreeSet::new())) {
                continue;
            }
            let own: BTreeSet<usize> = images.difference(&claimed).copied().collect();
            self.absent += images.len() - own.len();
            files.push((split, own));
        }
        let divided =
            files.iter().any(|(split, images)| matches!(split, Split::Train | Split::Val) && !images.is_empty());
        if !divided {
            let claimed: BTreeSet<usize> = files.iter().flat_map(|(_, images)| images).copied().collect();
            files.extend(both.into_iter().map(|(_, images)| (Split::Train, &images - &claimed)));
        }
        self.files = files;
    }
}

/// Whether a claim is that of a list of all that is not for testing.
fn is_trainval((split, _): &(Split, BTreeSet<usize>)) -> bool {
    matches!(split, Split::Named(name) if name.eq_ignore_ascii_case("trainval"))
}

/// The claims that tell images apart: two splits of the same images say nothing.
fn informative(claims: Vec<(Split, BTreeSet<usize>)>) -> Vec<(Split, BTreeSet<usize>)> {
    let alike = |(split, images): &(Split, BTreeSet<usize>)| {
        claims.iter().any(|(other, others)| other != split && !images.is_empty() && images == others)
    };
    claims.iter().filter(|claim| !alike(claim)).cloned().collect()
}

/// Whether a line has columns of numbers after its first word, as a table of boxes has.
fn is_row(line: &str) -> bool {
    let numbers = line.split_whitespace().skip(1).filter(|word| word.parse::<f64>().is_ok());
    numbers.count() > 1
}

fn first_word(line: &str) -> Option<&str> {
    line.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGES: [&str; 3] = ["a.jpg", "b.jpg", "c d.jpg"];

    fn splits(lists: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let finder = ImageFinder::new(&IMAGES);
        let mut found = Lists::default();
        for (name, text) in lists {
            assert!(found.take(name, text, &finder), "{name} is a list");
        }
        let splits = found.splits(&IMAGES, finder.splits());
        (splits.of.iter().map(|split| split.as_ref().map_or("-", Split::name).to_owned()).collect(), splits.warnings)
    }

    #[test]
    fn lists_of_every_kind_name_splits() {
        let (of, warnings) = splits(&[("train.txt", "./a.jpg\n"), ("valid.txt", "/data/x/b.jpg\nc d.jpg\n")]);
        assert_eq!(of, ["train", "val", "val"]);
        assert!(warnings.is_empty(), "nothing is doubtful");
        let (of, _) =
            splits(&[("ImageSets/Main/train.txt", "a\nb\n"), ("ImageSets/Main/cat_train.txt", "a 1\nb -1\n")]);
        assert_eq!(of, ["train", "train", "-"]);
        let (of, _) = splits(&[("ImageSets/Main/default.txt", "a\nb\nc d\n")]);
        assert_eq!(of, ["-", "-", "-"]);
        let (of, _) = splits(&[("fold1.txt", "a.jpg 0\n"), ("fold2.txt", "b.jpg 1\n")]);
        assert_eq!(of, ["fold1", "fold2", "-"]);
    }

    #[test]
    fn what_is_doubtful_is_said_with_a_count() {
        let (of, warnings) = splits(&[("train.txt", "a.jpg\nz.jpg\n"), ("test.txt", "a.jpg\nb.jpg\n")]);
        assert_eq!(of, ["train", "test", "-"]);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
    }

    fn of(lists: Lists, images: &[&str]) -> Vec<Option<Split>> {
        lists.splits(images, &SplitFolders::new(images)).of
    }

    #[test]
    fn trainval_is_train_where_nothing_divides_it() {
        let (both, test) = (("ImageSets/Main/trainval.txt", "a\nb\n"), ("ImageSets/Main/test.txt", "c d\n"));
        assert_eq!(splits(&[both, test]).0, ["train", "train", "test"]);
        assert_eq!(splits(&[both, ("ImageSets/Main/train.txt", "a\n"), test]).0, ["train", "-", "test"]);
    }

    #[test]
    fn lists_divide_the_folder_of_training() {
        let images = ["testing/0.png", "testing/1.png", "training/0.png", "training/1.png", "training/2.png"];
        let finder = ImageFinder::new(&images);
        let mut lists = Lists::default();
        for (name, text) in [("test", "0\n1\n"), ("train", "0\n1\n"), ("trainval", "0\n1\n2\n"), ("val", "2\n")] {
            assert!(lists.take(&format!("ImageSets/{name}.txt"), text, &finder), "{name}");
        }
        let splits = lists.splits(&images, finder.splits());
        let named: Vec<&str> = splits.of.iter().flatten().map(Split::name).collect();
        assert_eq!((named, splits.warnings), (vec!["test", "test", "train", "train", "val"], vec![]));
    }

    #[test]
    fn paths_lead_to_folders_from_anywhere() {
        let images = ["set/train/images/a.jpg", "set/valid/images/b.jpg"];
        let mut lists = Lists::default();
        lists.add_path(Split::Train, "../train/images", "set/data.yaml", &images);
        lists.add_path(Split::Val, "/content/x/valid/images", "set/data.yaml", &images);
        assert_eq!(of(lists, &images), [Some(Split::Train), Some(Split::Val)]);
        let mut same = Lists::default();
        same.add_path(Split::Train, "images", "data.yaml", &["images/a.jpg"]);
        same.add_path(Split::Val, "images", "data.yaml", &["images/a.jpg"]);
        assert_eq!(of(same, &["images/a.jpg"]), [None], "one folder for both tells nothing apart");
    }

    #[test]
    fn other_texts_are_no_lists() {
        let finder = ImageFinder::new(&IMAGES);
        for text in ["", "0 0.5 0.5 0.1 0.1\n", "cat\ndog\n", "a.jpg\nand then some words\n", "a.jpg\t0\t10\t63\t58\n"]
        {
            assert!(!Lists::default().take("a.txt", text, &finder), "{text}");
        }
    }
}
