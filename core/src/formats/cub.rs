//! The lists of CUB-200 and its kin: `images.txt` numbers the images, and other lists say by these numbers of which class
//! and in which split each is.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{base, folder_path};
use super::reader::{Harvest, Reader, Survey, TextFile};
use super::{LabelFormat, Split};
use crate::error::{Error, ErrorKind};
use crate::filled::filled;

const IMAGES: &str = "images.txt";
const CLASS_OF: &str = "image_class_labels.txt";
const CLASSES: &str = "classes.txt";
const SPLITS: &str = "train_test_split.txt";
const BOXES: &str = "bounding_boxes.txt";

/// Reads the lists.
pub(super) struct CubReader;

/// The lines of a list as a number and what is said of it.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| line.trim().split_once(char::is_whitespace)).map(|(id, said)| (id, said.trim()))
}

impl Reader for CubReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Csv
    }

    fn precedes_lists(&self) -> bool {
        true
    }

    fn claims(&self, file: &TextFile, survey: &Survey<'_>) -> bool {
        let there = |name: &str| survey.is_beside(&file.name, name);
        [IMAGES, CLASS_OF, CLASSES, SPLITS, BOXES].contains(&base(&file.name)) && there(IMAGES) && there(CLASS_OF)
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut harvest = Harvest::default();
        let folders: BTreeSet<&str> = filled(files.iter().map(|file| folder_path(&file.name)));
        for folder in folders {
            let list = |name: &str| files.iter().find(|file| file.name == format!("{folder}{name}"));
            let Some(images) = list(IMAGES) else { continue };
            take(images, &list, survey, &mut harvest);
        }
        harvest
    }
}

/// Takes the lists beside one of images.
fn take<'a>(
    images: &TextFile,
    list: &dyn Fn(&str) -> Option<&'a TextFile>,
    survey: &Survey<'_>,
    harvest: &mut Harvest,
) {
    let said = |name: &str| list(name).map(|file| filled::<BTreeMap<_, _>, _>(pairs(&file.text))).unwrap_or_default();
    let (classes, class_of, splits) = (said(CLASSES), said(CLASS_OF), said(SPLITS));
    let mut absent = Vec::new();
    let mut of_split: BTreeMap<Split, BTreeSet<usize>> = BTreeMap::new();
    let mut found = BTreeSet::new();
    let mut classless = Vec::new();
    for (id, name) in pairs(&images.text) {
        let Some(image) = survey.find(name, &images.name) else {
            absent.push(name);
            continue;
        };
        found.insert(image);
        match class_of.get(id).map(|class| classes.get(class).unwrap_or(class)) {
            Some(class) => _ = harvest.image_classes.insert(image, (*class).to_owned()),
            None => classless.push(name),
        }
        match splits.get(id) {
            Some(&"1") => _ = of_split.entry(Split::Train).or_default().insert(image),
            Some(&"0") => _ = of_split.entry(Split::Test).or_default().insert(image),
            _ => {}
        }
    }
    harvest.absent(&images.name, &absent);
    harvest.splits.extend(of_split);
    if found.is_empty() {
        harvest.unread(&images.name, Error::new(ErrorKind::Label, "none of the images that it lists is in the input"));
    }
    harvest.warn_about(&classless, "image(s) have no class in image_class_labels.txt");
    if let Some(boxes) = list(BOXES) {
        let count = pairs(&boxes.text).count();
        harvest
            .warnings
            .push(format!("{}: {count} box(es) are left out: the set is read as one of classes", boxes.name));
    }
}
