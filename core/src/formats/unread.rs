//! The images that a file about many images would label, where it cannot be read: they are left out, since they would
//! seem to show nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::layout::{SplitFolders, base, composed, folder, folder_path, folders, names, split_extension, split_in};
use super::listed::about;
use super::reader::{Head, Survey, TextFile, Unread};
use super::{Dataset, Files, Split};
use crate::error::{Error, ErrorKind};
use crate::filled::filled;

/// Words in the names of files that hold labels.
const LABEL_WORDS: [&str; 12] = [
    "annot",
    "label",
    "instances",
    "coco",
    "keypoint",
    "caption",
    "bbox",
    "object",
    "metadata",
    "via_",
    "project-",
    "detect",
];
/// Endings that files about many images have, whatever they are called.
const SHARED: [&str; 8] = ["json", "geojson", "jsonl", "ndjson", "xml", "csv", "tsv", "list"];

/// Whether the name of a file says that it holds labels: a word for them, a split, or a folder of labels.
pub(super) fn is_named_as_labels(name: &str) -> bool {
    let stem = split_extension(base(name)).0.to_lowercase();
    LABEL_WORDS.iter().any(|word| stem.contains(word))
        || split_in(base(name)).is_some()
        || folders(name).any(|name| folder(name).role == Some(super::layout::Role::Labels))
}

/// A text that cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// Its name in the input.
    pub(super) file: String,
    /// Why.
    pub(super) error: Error,
    /// Whether it lies beside no image and something says that it is about images.
    pub(super) about_images: bool,
}

/// Words that labels have in their texts, whatever tool wrote them.
const WORDS: [&str; 12] = [
    "\"images\"",
    "\"annotations\"",
    "\"shapes\"",
    "imagePath",
    "file_name",
    "filename",
    "bbox",
    "class_names",
    "<annotation",
    "<object",
    "<image",
    "label",
];
/// Bytes of a text that are looked through for words and names.
const LOOKED_THROUGH: usize = 1 << 20;
/// Images whose names are looked for in a text.
const LOOKED_FOR: usize = 50;

/// Whether something says that a text that cannot be read is about images: its name, words of labels, or the name of an
/// image.
pub(super) fn is_about_images(files: &dyn Files, name: &str, survey: &Survey<'_>) -> bool {
    if is_named_as_labels(name) {
        return true;
    }
    // What is too large to be read is more than a note.
    let Ok(bytes) = files.head(name, LOOKED_THROUGH) else { return true };
    // In UTF-16 every other byte of what is written in English is zero.
    let bytes: Vec<u8> = bytes.into_iter().filter(|byte| *byte != 0).collect();
    let text = String::from_utf8_lossy(&bytes);
    WORDS.iter().any(|word| text.contains(word)) || names_images(&text, true, survey)
}

/// Whether a text names some of the images as labels do; a note that mentions one does not count. A text of data names
/// them by their stems too.
pub(super) fn names_images(text: &str, is_of_data: bool, survey: &Survey<'_>) -> bool {
    let end = (0..=LOOKED_THROUGH.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let text = composed(&text[..end]);
    let step = survey.images.len().div_ceil(LOOKED_FOR).max(1);
    let looked_for = || survey.images.iter().step_by(step).map(|image| composed(base(image)));
    looked_for().any(|image| names(&text, &image)) || is_of_data && names_stems(&text, looked_for())
}

/// Whether a text has the stems of a good part of the images as its cells or keys. Short words and numbers are stems of
/// pictures by chance.
fn names_stems<'a>(text: &str, images: impl Iterator<Item = Cow<'a, str>>) -> bool {
    let cells: BTreeSet<&str> = filled(text.split(['"', '\'', ',', ';', '\t', '\n', '\r']).map(str::trim));
    let (mut found, mut all) = (0, 0);
    for image in images {
        let stem = split_extension(&image).0;
        let by_chance = stem.chars().count() < 3 || stem.len() < 5 && stem.bytes().all(|byte| byte.is_ascii_digit());
        all += 1;
        found += usize::from(!by_chance && cells.contains(stem));
    }
    found > 0 && found * 4 >= all
}

/// Whether a file that belongs to no image would be about many: not where files of its kind beside it are about one each.
pub(super) fn is_shared(name: &str, survey: &Survey<'_>) -> bool {
    let of_kind = |name: &str| (name.len() - base(name).len(), split_extension(name).1);
    let folder = folder_path(name);
    let within = || survey.placed.range(folder..).take_while(|(other, _)| other.starts_with(folder));
    let beside = || within().any(|(other, images)| of_kind(other) == of_kind(name) && !images.is_empty());
    let named = is_named_as_labels(name);
    if !SHARED.contains(&split_extension(name).1.as_str()) {
        return named && split_extension(name).1 == "txt";
    }
    named && split_in(base(name)).is_some() || !beside()
}

/// A text that holds nothing where labels are expected.
pub(super) fn empty(file: &TextFile, survey: &Survey<'_>) -> Option<Unread> {
    let text = file.text.trim();
    let holds_nothing = match &file.head {
        Head::Json { keys, .. } | Head::JsonLines { keys } => {
            keys.is_empty() && text.chars().all(|c| c.is_whitespace() || "{}[],".contains(c))
        }
        Head::Xml { .. } => false,
        Head::Plain => text.is_empty() && SHARED.contains(&file.extension().as_str()),
    };
    if !holds_nothing || !is_named_as_labels(&file.name) || !is_shared(&file.name, survey) {
        return None;
    }
    let what = if text.is_empty() { "it is empty".to_owned() } else { format!("it holds nothing but {text:.20}") };
    let why = format!("{what} and labels nothing: export the labels again, or remove it");
    let error = Error::new(ErrorKind::Label, why);
    Some(Unread { file: file.name.clone(), error, images: None, empty: true })
}

/// The images of an input with their splits.
#[derive(Debug)]
pub(super) struct Images<'a> {
    splits: &'a [Option<Split>],
    /// The folders of each that are not the layout's own.
    homes: Vec<Vec<String>>,
    /// The folders that are splits.
    folders: &'a SplitFolders,
}

/// Where a file about many images lies, and its split: files of one reach would label the same images.
pub(super) type Reach = (Vec<String>, Option<Split>);

impl<'a> Images<'a> {
    pub(super) fn new(names: &[&str], splits: &'a [Option<Split>], folders: &'a SplitFolders) -> Self {
        Self { splits, homes: names.iter().map(|image| own_folders(image)).collect(), folders }
    }

    /// Where a file lies, and its split.
    pub(super) fn reach(&self, file: &str) -> Reach {
        (own_folders(file), split_in(base(file)).or_else(|| self.folders.of(file)))
    }

    /// The images among those without labels that a file about many would label: those of its split and folder.
    pub(super) fn covered(&self, (home, split): &Reach, bare: &BTreeSet<usize>) -> BTreeSet<usize> {
        let within = |at: &usize| self.homes[*at].starts_with(home);
        let is_alone = !(0..self.homes.len()).any(|at| within(&at));
        let of_split = |at: &usize| split.is_none() || self.splits[*at].is_none() || self.splits[*at] == *split;
        filled(bare.iter().copied().filter(|at| (is_alone || within(at)) && of_split(at)))
    }
}

/// The folders of a name that are not the layout's own.
fn own_folders(name: &str) -> Vec<String> {
    folders(name).filter(|name| !folder(name).is_structural()).map(str::to_lowercase).collect()
}

/// The images that are left out, of those without labels; says so of each file with a count.
pub(super) fn left_out(
    unread: Vec<Unread>,
    images: &Images<'_>,
    bare: &BTreeSet<usize>,
    dataset: &mut Dataset,
) -> BTreeSet<usize> {
    let mut left = BTreeSet::new();
    let mut idle = Vec::new();
    let mut reached: BTreeMap<Reach, BTreeSet<usize>> = BTreeMap::new();
    for file in unread {
        let known = file.images.as_ref().map(|known| known & bare);
        let covered = known.as_ref().unwrap_or_else(|| {
            let reach = images.reach(&file.file);
            reached.entry(reach).or_insert_with_key(|reach| images.covered(reach, bare))
        });
        if covered.is_empty() && file.empty {
            idle.push(file.file);
            continue;
        }
        let error = match covered.len() {
            0 => file.error,
            count => {
                let why = format!("{}; {count} image(s) that no other file labels are left out", file.error.message());
                Error::new(file.error.kind(), why)
            }
        };
        dataset.problem(&file.file, error);
        left.extend(covered);
    }
    let idle: Vec<&str> = idle.iter().map(String::as_str).collect();
    dataset.warnings.extend(about(&idle, "file(s) of labels are empty and are left out"));
    left
}
