//! The images that a file about many images would label, where it cannot be read: they are left out, since they would
//! seem to show nothing.

use std::collections::BTreeSet;

use super::layout::{SplitFolders, base, folder, folder_path, folders, split_extension, split_in};
use super::listed::about;
use super::reader::{Head, Survey, TextFile, Unread};
use super::{Dataset, Files, Split};
use crate::error::{Error, ErrorKind};

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
/// Bytes of a text that are looked through for them.
const LOOKED_THROUGH: usize = 1 << 20;

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
    let step = survey.images.len().div_ceil(LOOKED_FOR).max(1);
    let mut images = survey.images.iter().step_by(step).map(|image| base(image));
    WORDS.iter().any(|word| text.contains(word))
        || images.any(|image| {
            let stem = split_extension(image).0;
            text.contains(image) || stem.len() > 4 && text.contains(&format!("\"{stem}\""))
        })
}

/// Images whose names are looked for in such a text.
const LOOKED_FOR: usize = 50;

/// Whether a file that belongs to no image would be about many: not where files of its kind beside it are about one each.
pub(super) fn is_shared(name: &str, survey: &Survey<'_>) -> bool {
    let of_kind = |name: &str| (name.len() - base(name).len(), split_extension(name).1);
    let folder = folder_path(name);
    let beside = |other: &&str| {
        other.starts_with(folder) && of_kind(other) == of_kind(name) && !survey.images_of(other).is_empty()
    };
    let named = is_named_as_labels(name);
    if !SHARED.contains(&split_extension(name).1.as_str()) {
        return named && split_extension(name).1 == "txt";
    }
    named && split_in(base(name)).is_some() || !survey.placed.keys().any(beside)
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
    pub(super) names: &'a [&'a str],
    pub(super) splits: &'a [Option<Split>],
    /// The folders that are splits.
    pub(super) folders: &'a SplitFolders,
}

impl Images<'_> {
    /// The images among those without labels that a file about many would label: those of its split and folder.
    pub(super) fn covered(&self, file: &str, bare: &BTreeSet<usize>) -> BTreeSet<usize> {
        let home = own_folders(file);
        let within: Vec<bool> = self.names.iter().map(|image| own_folders(image).starts_with(&home)).collect();
        let is_alone = !within.contains(&true);
        let split = split_in(base(file)).or_else(|| self.folders.of(file));
        let of_split = |at: &usize| split.is_none() || self.splits[*at].is_none() || self.splits[*at] == split;
        bare.iter().copied().filter(|at| (is_alone || within[*at]) && of_split(at)).collect()
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
    for file in unread {
        let covered = match &file.images {
            Some(known) => known.intersection(bare).copied().collect(),
            None => images.covered(&file.file, bare),
        };
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
