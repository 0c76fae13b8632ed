//! The files of an input by what their names, and where these say nothing their first bytes, tell.

use std::collections::BTreeMap;

use super::Files;
use super::layout::{base, folders, has_picture_ending, split_extension};
use crate::codec;
use crate::error::{Error, ErrorKind};

const TEXTS: [&str; 14] =
    ["xml", "txt", "names", "labels", "json", "geojson", "jsonl", "ndjson", "yaml", "yml", "csv", "tsv", "lst", "list"];
/// Containers of labels that are not read.
const OTHER_LABELS: [&str; 16] = [
    "mat",
    "npy",
    "npz",
    "pkl",
    "pickle",
    "h5",
    "hdf5",
    "tfrecord",
    "tfrecords",
    "record",
    "parquet",
    "arrow",
    "xlsx",
    "xls",
    "lmdb",
    "mdb",
];
/// What is neither a picture nor labels, by its ending.
const OTHERS: [&str; 40] = [
    "md", "rst", "html", "htm", "pdf", "doc", "docx", "py", "pyc", "ipynb", "sh", "bat", "ps1", "js", "css", "toml",
    "ini", "cfg", "conf", "log", "lock", "zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "mp4", "mov", "avi",
    "mkv", "webm", "mp3", "wav", "pt", "pth", "onnx", "bin",
];

const ARCHIVES: [&str; 8] = ["zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar"];

/// The files of an input.
#[derive(Debug, Default)]
pub(super) struct Listing<'a> {
    /// Pictures.
    pub(super) pictures: Vec<&'a str>,
    /// Texts that may hold labels.
    pub(super) texts: Vec<&'a str>,
    /// Files that hold labels in a way that is not read.
    pub(super) other_labels: Vec<&'a str>,
    /// Pictures that are not read, with the reason.
    pub(super) refused: Vec<(&'a str, Error)>,
    /// Archives, which are looked into only where they are an input or lie in a folder that is one.
    pub(super) archives: Vec<&'a str>,
    passed_over: BTreeMap<String, usize>,
}

/// What a name says that a file is.
enum FileKind {
    Picture,
    Text,
    OtherLabels,
    Other,
    /// What every output of ours holds.
    Own,
    Unknown,
}

fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX")
}

fn kind(name: &str) -> FileKind {
    let base = base(name).to_ascii_lowercase();
    if base == "recipe.json" || base == "manifest.jsonl" {
        return FileKind::Own;
    }
    if base.starts_with("readme") || base.starts_with("license") {
        return FileKind::Other;
    }
    let extension = split_extension(name).1;
    let is = |list: &[&str]| list.contains(&extension.as_str());
    if has_picture_ending(name) {
        FileKind::Picture
    } else if is(&TEXTS) {
        FileKind::Text
    } else if is(&OTHER_LABELS) {
        FileKind::OtherLabels
    } else if is(&OTHERS) {
        FileKind::Other
    } else {
        FileKind::Unknown
    }
}

/// Whether a text says how a camera sees and not what it saw: KITTI's `calib/000000.txt`, beside the labels.
fn is_calibration(name: &str) -> bool {
    folders(name).any(|part| matches!(part.to_ascii_lowercase().as_str(), "calib" | "calibration"))
}

/// Whether a file is what a model says and not what is true: it lies in `seg_pred`, `predicted masks` or `predict2`.
fn is_prediction(name: &str) -> bool {
    let says = |word: &&str| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        matches!(word, "pred" | "preds" | "predict" | "predicted" | "prediction" | "predictions")
    };
    let is_of_predictions = |part: &str| {
        let lower = part.to_ascii_lowercase();
        let words: Vec<&str> = lower.split(['_', '-', ' ']).filter(|word| !word.is_empty()).collect();
        words.last().is_some_and(says) || words.len() == 2 && says(&words[0])
    };
    folders(name).any(is_of_predictions)
}

/// Whether a file's name is that of a picture.
#[must_use]
pub fn is_picture(name: &str) -> bool {
    !is_hidden(name) && matches!(kind(name), FileKind::Picture)
}

/// Whether a file of this name can be part of a dataset: a picture, or something about pictures.
#[must_use]
pub fn is_of_dataset(name: &str) -> bool {
    !is_hidden(name)
        && matches!(kind(name), FileKind::Picture | FileKind::Text | FileKind::OtherLabels | FileKind::Unknown)
}

impl<'a> Listing<'a> {
    /// Sorts the files; reads the first bytes of those that their names say nothing about.
    pub(super) fn new(files: &'a dyn Files) -> Self {
        let mut listing = Self::default();
        let names = || files.names().iter().map(String::as_str).filter(|name| !is_hidden(name));
        // Where all pictures lie in such folders, these are the input.
        let has_others = names().any(|name| has_picture_ending(name) && !is_prediction(name));
        for name in names() {
            match kind(name) {
                FileKind::Picture | FileKind::Text | FileKind::OtherLabels if has_others && is_prediction(name) => {
                    listing.pass_over_as("of predictions");
                }
                FileKind::Picture => listing.pictures.push(name),
                FileKind::Text if is_calibration(name) => listing.pass_over_as("of calibration"),
                FileKind::Text => listing.texts.push(name),
                FileKind::OtherLabels => listing.other_labels.push(name),
                FileKind::Own => {}
                FileKind::Other => {
                    if ARCHIVES.contains(&split_extension(name).1.as_str()) {
                        listing.archives.push(name);
                    }
                    listing.pass_over(name);
                }
                FileKind::Unknown => listing.look_into(files, name),
            }
        }
        listing
    }

    fn look_into(&mut self, files: &dyn Files, name: &'a str) {
        let looked = files.head(name, codec::HEAD_BYTES).map(|head| codec::kind(&head));
        match looked {
            Ok(codec::FileKind::Picture(_)) => self.pictures.push(name),
            Ok(codec::FileKind::Foreign(codec::Foreign { name: what, advice })) => {
                let why = format!("{what} pictures are not read: {advice}");
                self.refused.push((name, Error::new(ErrorKind::Unsupported, why)));
            }
            Ok(codec::FileKind::Other) => self.pass_over(name),
            Err(error) => self.refused.push((name, error)),
        }
    }

    fn pass_over(&mut self, name: &str) {
        let extension = split_extension(name).1;
        let kind = if extension.is_empty() { "without an ending".to_owned() } else { format!(".{extension}") };
        self.pass_over_as(&kind);
    }

    fn pass_over_as(&mut self, kind: &str) {
        *self.passed_over.entry(kind.to_owned()).or_default() += 1;
    }

    /// Says of archives that are not looked into what to do, where no picture lies beside them: a failure.
    pub(super) fn unopened(&self) -> Option<(&'a str, Error)> {
        let first = self.archives.first().filter(|_| self.pictures.is_empty())?;
        let more = self.archives.len() - 1;
        let others = if more > 0 { format!(" and {more} more archive(s)") } else { String::new() };
        let why = format!(
            "it is an archive inside the input and is not looked into: unpack it{others}, then give the folder"
        );
        Some((first, Error::new(ErrorKind::Unsupported, why)))
    }

    /// How many files of each kind are passed over, by their endings.
    pub(super) fn passed_over(&self) -> Vec<(String, usize)> {
        self.passed_over.iter().map(|(kind, count)| (kind.clone(), *count)).collect()
    }
}
