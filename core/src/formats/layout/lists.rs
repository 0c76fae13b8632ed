//! The split of every image: from lists of files and the paths of a `data.yaml`, else from folders.

use std::collections::BTreeSet;

use super::finder::ImageFinder;
use super::splits::SplitFolders;
use super::words::{base, folders, has_picture_ending, is_file, split_extension};
use crate::filled::filled;
use crate::formats::listed::about;
use crate::plan::Split;

/// Lines of a text that are looked at to tell whether it lists images.
const LOOKED_AT: usize = 20;
/// Words beside that of a split in the name of a list.
const OF_LISTS: [&str; 16] = [
    "list",
    "lists",
    "image",
    "images",
    "img",
    "imgs",
    "file",
    "files",
    "filelist",
    "path",
    "paths",
    "set",
    "split",
    "autosplit",
    "label",
    "labels",
];

/// A text that lists images.
#[derive(Debug)]
struct List {
    name: String,
    /// The split that its own name says, or that it is by its place in `ImageSets`.
    split: Option<Split>,
    images: BTreeSet<usize>,
    /// Images in the folder of training, for a list of a split without a folder.
    lent: BTreeSet<usize>,
    /// Names that it has and the input has not.
    absent: usize,
}

/// What files say about which images are in a split.
#[derive(Debug, Default)]
pub(in crate::formats) struct Lists {
    /// From paths of a `data.yaml`, the first to be believed.
    paths: Vec<(Split, BTreeSet<usize>)>,
    /// The folders of those files whose paths lead to images.
    homes: BTreeSet<String>,
    lists: Vec<List>,
    /// Lists that a `data.yaml` may mean: the split, and the names that the list could have.
    named: Vec<(Split, Vec<String>)>,
    /// From lists of files, and from files about many images.
    files: Vec<(Split, BTreeSet<usize>)>,
    /// From lists of splits without a folder: images in that of training, where no other list has them.
    lent: Vec<(Split, BTreeSet<usize>)>,
    /// Lists whose names are no splits.
    others: Vec<List>,
    /// Names that lists of splits have and the input has not.
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
    /// Takes a text that lists images, one a line; tells whether it does.
    pub(in crate::formats) fn take(&mut self, name: &str, text: &str, finder: &ImageFinder<'_>) -> bool {
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let stem = base(split_extension(name).0);
        let in_image_sets = folders(name).any(|folder| folder.eq_ignore_ascii_case("imagesets"));
        let are_stems = || lines().take(LOOKED_AT).all(|line| finder.find_stem(line, name).is_some());
        let by_stem = in_image_sets || split_of_list(stem).is_some() && are_stems();
        if lines().next().is_none() || !(by_stem || lines().take(LOOKED_AT).all(is_bare)) {
            return false;
        }
        // `cat_train.txt` says of each image whether it shows a cat.
        let flags = |line: &str| line.split_whitespace().nth(1).is_some_and(|word| matches!(word, "-1" | "0" | "1"));
        if in_image_sets && lines().take(LOOKED_AT).all(flags) && Split::of_word(stem).is_none() {
            self.by_class += 1;
            return true;
        }
        let find = |line: &str| {
            let found = |stated: &str| {
                if by_stem { finder.find_stem(stated, name) } else { finder.find(stated, name) }
            };
            found(line).or_else(|| found(first_word(line)?))
        };
        let split = if in_image_sets { Some(Split::named(stem)) } else { split_of_list(stem) };
        let lent = |line: &str| finder.find_in_training(first_word(line).filter(|_| by_stem)?, split.as_ref()?, name);
        let mut list = List {
            name: name.to_owned(),
            split: split.clone(),
            images: BTreeSet::new(),
            lent: BTreeSet::new(),
            absent: 0,
        };
        for line in lines() {
            if let Some(image) = find(line) {
                list.images.insert(image);
            } else if let Some(image) = lent(line) {
                list.lent.insert(image);
            } else {
                list.absent += 1;
            }
        }
        // Other words that end as a picture's name does may be of a note.
        let lists = split.is_some() || !list.images.is_empty();
        if lists {
            self.lists.push(list);
        }
        lists
    }

    /// Takes the images that files about many images, named after splits, speak of. The name of one file alone tells
    /// nothing apart.
    pub(in crate::formats) fn add(&mut self, named: Vec<(Split, BTreeSet<usize>)>) {
        let distinct: BTreeSet<&Split> = filled(named.iter().map(|(split, _)| split));
        if distinct.len() > 1 {
            self.files.extend(named);
        }
    }

    /// Takes a path of a `data.yaml`: a folder, as Roboflow's `../train/images` too, or a list of images.
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
                self.homes.insert(home.to_owned());
                return;
            }
        }
        if split_extension(path).1 == "txt" {
            let ends = (0..parts.len()).map(|start| parts[start..].join("/"));
            self.named.push((split, ends.flat_map(|end| [format!("{home}{end}"), end]).collect()));
        }
    }

    /// The split of every image.
    pub(in crate::formats) fn splits(mut self, images: &[&str], folders: &SplitFolders) -> Splits {
        self.paths = informative(self.paths);
        let by_folder: Vec<Option<Split>> = images.iter().map(|image| self.by_folder(image, folders)).collect();
        self.sort_lists(images.len(), &by_folder);
        self.settle();
        let mut splits = Splits { of: vec![None; images.len()], warnings: Vec::new() };
        let mut twice = BTreeSet::new();
        for claims in [self.paths, informative(self.files)] {
            let of = claimed(claims, images.len(), &mut twice);
            for (known, new) in splits.of.iter_mut().zip(of) {
                *known = known.take().or(new);
            }
        }
        for (known, folder) in splits.of.iter_mut().zip(by_folder) {
            *known = known.take().or(folder);
        }
        splits.take_others(self.others);
        let distinct: BTreeSet<&Split> = filled(splits.of.iter().flatten());
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

    /// The split that the folders of an image say. A `data.yaml` that names the images of a split has named them all: what a
    /// trainer leaves in `runs/train` is none of them.
    fn by_folder(&self, image: &str, folders: &SplitFolders) -> Option<Split> {
        let within = self.homes.iter().any(|home| image.starts_with(home.as_str()));
        folders.of(image).filter(|split| !(within && self.paths.iter().any(|(named, _)| named == split)))
    }

    /// Sorts lists by what says their splits: a `data.yaml`, their names, or nothing.
    fn sort_lists(&mut self, images: usize, by_folder: &[Option<Split>]) {
        let told: BTreeSet<&Split> = filled(by_folder.iter().flatten());
        for list in std::mem::take(&mut self.lists) {
            let meant = |(_, names): &&(Split, Vec<String>)| names.contains(&list.name);
            let named: Vec<Split> = self.named.iter().filter(meant).map(|(split, _)| split.clone()).collect();
            // A list of all images tells nothing apart, where folders do.
            let idle = named.is_empty() && list.images.len() == images && told.len() > 1;
            match &list.split {
                _ if idle => self.absent += list.absent,
                None if named.is_empty() => self.others.push(list),
                split => {
                    self.absent += list.absent;
                    let of = if named.is_empty() { split.iter().cloned().collect() } else { named };
                    for split in of {
                        if !list.lent.is_empty() {
                            self.lent.push((split.clone(), list.lent.clone()));
                        }
                        self.files.push((split, list.images.clone()));
                    }
                }
            }
        }
    }
}

/// The splits that claims give to images; the first counts.
fn claimed(claims: Vec<(Split, BTreeSet<usize>)>, images: usize, twice: &mut BTreeSet<usize>) -> Vec<Option<Split>> {
    let mut of: Vec<Option<Split>> = vec![None; images];
    for (split, claimed) in claims {
        for image in claimed {
            match &of[image] {
                None => of[image] = Some(split.clone()),
                Some(known) if *known == split => {}
                Some(_) => _ = twice.insert(image),
            }
        }
    }
    of
}

impl Splits {
    /// Takes lists whose names are no splits, as `fold1.txt`, for what nothing else divides: beside other splits the
    /// images that are in none, and by themselves where no two have an image and all together have most.
    fn take_others(&mut self, lists: Vec<List>) {
        let all = self.of.len();
        let lists: Vec<List> = lists.into_iter().filter(|list| list.images.len() < all).collect();
        let free = |image: &usize| self.of[*image].is_none();
        let wanted: Vec<BTreeSet<usize>> =
            lists.iter().map(|list| filled(list.images.iter().copied().filter(free))).collect();
        let total: usize = wanted.iter().map(BTreeSet::len).sum();
        let distinct = filled::<BTreeSet<usize>, _>(wanted.iter().flatten()).len() == total;
        let alone = self.of.iter().all(Option::is_none);
        let are_parts = lists.iter().all(|list| is_part(base(split_extension(&list.name).0)));
        let divide = distinct && are_parts && (!alone || lists.len() > 1 && total * 2 >= all);
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        for (list, images) in lists.iter().zip(wanted) {
            if !divide || images.is_empty() {
                left.push(list.name.as_str());
                continue;
            }
            taken.push(list.name.as_str());
            let split = Split::named(base(split_extension(&list.name).0));
            images.into_iter().for_each(|image| self.of[image] = Some(split.clone()));
        }
        let what = "list(s) of images are not named after a split; each becomes a split of its own name, since nothing else \
                    says the split of these images";
        self.warnings.extend(about(&taken, what));
        self.warnings.extend(about(&left, "list(s) of images are not named after a split and are left out"));
    }
}

impl Lists {
    /// Gives images of training to the lists of other splits, and makes `trainval` a split where no list divides it.
    fn settle(&mut self) {
        let (both, mut files): (Vec<_>, Vec<_>) = std::mem::take(&mut self.files).into_iter().partition(is_trainval);
        let claimed: BTreeSet<usize> = filled(files.iter().flat_map(|(_, images)| images).copied());
        for (split, images) in std::mem::take(&mut self.lent) {
            if is_trainval(&(split.clone(), BTreeSet::new())) {
                continue;
            }
            let own: BTreeSet<usize> = filled(images.difference(&claimed).copied());
            self.absent += images.len() - own.len();
            files.push((split, own));
        }
        let divided =
            files.iter().any(|(split, images)| matches!(split, Split::Train | Split::Val) && !images.is_empty());
        if !divided {
            let claimed: BTreeSet<usize> = filled(files.iter().flat_map(|(_, images)| images).copied());
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

/// Whether a line is the name of a picture, with those of other files behind it or none: `a.jpg masks/a.png`.
fn is_bare(line: &str) -> bool {
    let Some(first) = first_word(line) else { return false };
    let is_hash = first.len() >= 32 && first.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pair = || has_picture_ending(first) && line.split_whitespace().skip(1).all(is_file);
    !is_hash && (has_picture_ending(line) || pair())
}

/// The split that the name of a list says: `val2017`, `test_list`, `trainval`.
fn split_of_list(stem: &str) -> Option<Split> {
    let lower = stem.to_lowercase();
    let mut found = None;
    for word in lower.split(['_', '-', '.', ' ']).filter(|word| !word.is_empty()) {
        let both = word.trim_end_matches(|c: char| c.is_ascii_digit()) == "trainval";
        let split = Split::of_word(word).or_else(|| both.then(|| Split::Named("trainval".to_owned())));
        match split {
            Some(split) if found.as_ref().is_none_or(|known| *known == split) => found = Some(split),
            Some(_) => return None,
            None if OF_LISTS.contains(&word) || word.bytes().all(|byte| byte.is_ascii_digit()) => {}
            None => return None,
        }
    }
    found
}

/// Whether the name of a list says that it is one of several parts: `fold1`, `query`.
fn is_part(stem: &str) -> bool {
    let lower = stem.to_lowercase();
    lower.ends_with(|c: char| c.is_ascii_digit())
        || ["fold", "part", "set", "query", "gallery"].iter().any(|word| lower.contains(word))
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
        let (of, _) =
            splits(&[("train_list.txt", "a.jpg\n"), ("autosplit_test.txt", "b.jpg\n"), ("val-1.txt", "c d.jpg\n")]);
        assert_eq!(of, ["train", "test", "val"]);
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
        let mut lists = Lists::default();
        let images = ["set/images/train/a.jpg", "set/runs/train/b.jpg", "set/test/c.jpg", "train/d.jpg"];
        lists.add_path(Split::Train, "images/train", "set/data.yaml", &images);
        let found = of(lists, &images);
        assert_eq!(found, [Some(Split::Train), None, Some(Split::Test), Some(Split::Train)], "no split by chance");
        let mut alike = Lists::default();
        let images = ["images/train/a.jpg", "images/val/b.jpg"];
        alike.add_path(Split::Train, "images", "data.yaml", &images);
        alike.add_path(Split::Val, "images", "data.yaml", &images);
        assert_eq!(of(alike, &images), [Some(Split::Train), Some(Split::Val)], "then the folders do");
        let mut same = Lists::default();
        same.add_path(Split::Train, "images", "data.yaml", &["images/a.jpg"]);
        same.add_path(Split::Val, "images", "data.yaml", &["images/a.jpg"]);
        assert_eq!(of(same, &["images/a.jpg"]), [None], "one folder for both tells nothing apart");
    }

    #[test]
    fn lists_of_other_names_divide_what_nothing_else_divides() {
        let (of, warnings) = splits(&[("fold1.txt", "a.jpg\n"), ("fold2.txt", "b.jpg\n")]);
        assert_eq!(of, ["fold1", "fold2", "-"]);
        assert!(
            warnings[0].starts_with("2 list(s) of images are not named after a split; each becomes"),
            "{warnings:?}"
        );
        let (of, warnings) = splits(&[("hard.txt", "a.jpg\n"), ("blurry.txt", "a.jpg\nb.jpg\n")]);
        assert_eq!(of, ["-", "-", "-"], "they have an image in common");
        assert_eq!(
            warnings,
            ["2 list(s) of images are not named after a split and are left out: hard.txt, blurry.txt"]
        );
        let (of, _) = splits(&[("train.txt", "a.jpg\nb.jpg\n"), ("query.txt", "b.jpg\nc d.jpg\n")]);
        assert_eq!(of, ["train", "train", "query"]);
        assert_eq!(splits(&[("all.txt", "a.jpg\nb.jpg\nc d.jpg\n")]), (vec!["-".to_owned(); 3], vec![]));
    }

    #[test]
    fn folders_stay_beside_lists_that_tell_nothing_apart() {
        let images = ["train/a.jpg", "train/b.jpg", "val/c.jpg"];
        let finder = ImageFinder::new(&images);
        let all = "./train/a.jpg\n./train/b.jpg\n./val/c.jpg\n";
        for (name, text, said) in [
            ("filelist.txt", all, 0),
            ("train.txt", all, 0),
            ("ImageSets/Main/default.txt", all, 0),
            ("hard.txt", "train/a.jpg\n", 1),
        ] {
            let mut lists = Lists::default();
            assert!(lists.take(name, text, &finder), "{name}");
            let splits = lists.splits(&images, finder.splits());
            assert_eq!(splits.of, [Some(Split::Train), Some(Split::Train), Some(Split::Val)], "{name}");
            assert_eq!(splits.warnings.len(), said, "{name}: {:?}", splits.warnings);
        }
    }

    #[test]
    fn a_yaml_says_the_splits_of_lists_of_any_name() {
        let finder = ImageFinder::new(&IMAGES);
        let mut lists = Lists::default();
        assert!(lists.take("set/part_a.txt", "a.jpg\nb.jpg\n", &finder), "a list");
        assert!(lists.take("set/part_b.txt", "c d.jpg\n", &finder), "a list");
        lists.add_path(Split::Train, "./part_a.txt", "set/data.yaml", &IMAGES);
        lists.add_path(Split::Val, "/content/set/part_b.txt", "set/data.yaml", &IMAGES);
        let found = lists.splits(&IMAGES, finder.splits());
        assert_eq!(
            (found.of, found.warnings),
            (vec![Some(Split::Train), Some(Split::Train), Some(Split::Val)], vec![])
        );
    }

    #[test]
    fn other_texts_are_no_lists() {
        let finder = ImageFinder::new(&IMAGES);
        for text in [
            "",
            "0 0.5 0.5 0.1 0.1\n",
            "cat\ndog\n",
            "a.jpg\nand then some words\n",
            "a.jpg\t0\t10\t63\t58\n",
            "a.jpg is blurry\n",
            "a.jpg 5\n",
            "d41d8cd98f00b204e9800998ecf8427e  a.jpg\n",
            "see also z.jpg\n",
        ] {
            assert!(!Lists::default().take("a.txt", text, &finder), "{text}");
        }
    }
}
