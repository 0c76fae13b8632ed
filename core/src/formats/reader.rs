//! The contract of a label reader: what it is given, what it gives.
//!
//! Every text file of an input goes to the first reader that claims it. A reader looks through its files once, finds
//! the image of each, and gives what each file says of an image as [`StatedLabels`] labels, which are parsed when that image
//! is placed: a large dataset's objects would take many times the space of its text.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::address;
use super::draft::{Fields, StatedLabels};
use super::format::LabelFormat;
use super::holds::Holds;
use super::json_error::json_error;
use super::layout::{ImageFinder, folder_path, split_extension};
use super::listed::{about, listed};
use super::problem::Problem;
use crate::error::{Error, ErrorKind, Result};
use crate::filled::filled;
use crate::geometry::Size;
use crate::labels::Class;
use crate::limits::Limits;
use crate::plan::Split;

/// How many lines tell whether a file has a JSON object a line.
const FIRST_LINES: usize = 5;

/// Reads the files of one format.
pub(super) trait Reader: Sync {
    /// What it reads.
    fn format(&self) -> LabelFormat;

    /// Whether a file is of its format, by name, head and first lines.
    fn claims(&self, file: &TextFile, survey: &Survey<'_>) -> bool;

    /// Whether its files could be taken for lists of images, and are looked at first.
    fn precedes_lists(&self) -> bool {
        false
    }

    /// Whether its files hold rows of one image each, so that an empty file says that its image shows nothing.
    fn reads_rows(&self) -> bool {
        false
    }

    /// A text without what the labels do not need, where that is most of it: all texts wait in memory.
    fn condensed(&self, _text: &str) -> Option<String> {
        None
    }

    /// What its files say. What cannot be used is a problem or a warning of the harvest.
    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest;
}

/// What a reader has for an image.
#[derive(Debug)]
pub(super) enum ImageLabels {
    /// Labels.
    Labels {
        /// Parsed when the image is placed.
        labels: Arc<dyn StatedLabels>,
        /// Objects in them, readable or not.
        objects: usize,
        /// The file that speaks of this image alone, where a writer of the format may copy it as it is.
        own_file: Option<String>,
    },
    /// A file that cannot be read: the image is left out.
    Broken,
}

/// A text file that may hold labels.
#[derive(Clone, Debug)]
pub(super) struct TextFile {
    /// Its name in the input.
    pub(super) name: String,
    /// Its text, without a byte-order mark.
    pub(super) text: Arc<str>,
    /// What it looks like.
    pub(super) head: Head,
}

/// What the outermost parts of a text say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// JSON: the keys of the object, or of the first object of the list.
    Json {
        /// Whether it is a list.
        list: bool,
        /// The keys.
        keys: BTreeSet<String>,
    },
    /// One JSON object a line: the keys of the first.
    JsonLines {
        /// The keys.
        keys: BTreeSet<String>,
    },
    /// XML: the name of the root element.
    Xml {
        /// The name.
        root: String,
    },
    /// Any other text.
    Plain,
}

impl TextFile {
    /// Looks at a text.
    ///
    /// # Errors
    /// `Label` for JSON that cannot be read.
    pub(super) fn new(name: &str, text: String) -> Result<Self> {
        let head = match split_extension(name).1.as_str() {
            "json" | "geojson" => match json_head(&text) {
                Ok((list, keys)) => Head::Json { list, keys },
                // Some tools call a file of one object a line by the ending of JSON.
                Err(error) => match json_lines_head(&text) {
                    Some(keys) => Head::JsonLines { keys },
                    None => return Err(json_error(&text, &error)),
                },
            },
            "jsonl" | "ndjson" => match first_object(&text) {
                Some(keys) => Head::JsonLines { keys },
                None => match json_head(&text) {
                    Err(error) if !text.trim().is_empty() => return Err(json_error(&text, &error)),
                    _ => Head::Plain,
                },
            },
            "xml" => xml_root(&text).map_or(Head::Plain, |root| Head::Xml { root }),
            _ => Head::Plain,
        };
        Ok(Self { name: name.to_owned(), text: text.into(), head })
    }

    /// Whether the JSON has all of these keys.
    pub(super) fn has_keys(&self, wanted: &[&str]) -> bool {
        match &self.head {
            Head::Json { keys, .. } | Head::JsonLines { keys } => wanted.iter().all(|key| keys.contains(*key)),
            _ => false,
        }
    }

    /// The extension in lower case.
    pub(super) fn extension(&self) -> String {
        split_extension(&self.name).1
    }
}

/// The keys of an object, or of the first object of a list; whether it is a list.
fn json_head(text: &str) -> serde_json::Result<(bool, BTreeSet<String>)> {
    type Keys = BTreeMap<String, IgnoredAny>;
    if !text.trim_start().starts_with('[') {
        return Ok((false, filled(serde_json::from_str::<Keys>(text)?.into_keys())));
    }
    let items: Vec<&RawValue> = serde_json::from_str(text)?;
    let first = items.first().and_then(|item| serde_json::from_str::<Keys>(item.get()).ok());
    Ok((true, filled(first.unwrap_or_default().into_keys())))
}

/// The keys of the first line, where every one of the first lines is an object.
fn json_lines_head(text: &str) -> Option<BTreeSet<String>> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(FIRST_LINES);
    let object = |line: &str| json_head(line).ok().filter(|(list, _)| !list).map(|(_, keys)| keys);
    let keys = object(lines.next()?)?;
    lines.all(|line| object(line).is_some()).then_some(keys)
}

/// The keys of the first of the first lines that is an object: a line that is broken is told by the reader.
fn first_object(text: &str) -> Option<BTreeSet<String>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(FIRST_LINES);
    lines.filter_map(|line| json_head(line).ok()).find_map(|(list, keys)| (!list).then_some(keys))
}

/// The name of the root element.
fn xml_root(text: &str) -> Option<String> {
    let mut rest = text;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        if rest.starts_with("!--") {
            rest = &rest[rest.find("-->")?..];
        } else if !rest.starts_with(['?', '!']) {
            let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
            return Some(rest[..end].to_owned());
        }
    }
}

/// The images of an input, and which a file means.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    /// Their names, sorted.
    pub(super) images: &'a [&'a str],
    /// Finds the image that a file names.
    pub(super) finder: ImageFinder<'a>,
    /// Bounds on what is read.
    pub(super) limits: &'a Limits,
    /// The images that a file lies where the labels of are.
    pub(super) placed: BTreeMap<&'a str, Vec<usize>>,
    /// The images that have masks.
    pub(super) masked: BTreeSet<usize>,
    /// Reads the sizes of images.
    pub(super) sizes: Sizes<'a>,
    /// Images that files mean by their names but for the ending.
    pub(super) other_endings: RefCell<BTreeSet<usize>>,
    /// By file the names that could be those of several images.
    pub(super) unclear: RefCell<BTreeMap<String, BTreeMap<String, Vec<usize>>>>,
}

/// What a file about many images says of one beside its name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said<'a> {
    /// The split that it is in.
    pub(super) split: Option<&'a str>,
    /// Its size.
    pub(super) size: Option<Size>,
    /// Whether the name may have no extension.
    pub(super) stem: bool,
    /// Images that have labels already.
    pub(super) taken: Option<&'a BTreeSet<usize>>,
}

/// The sizes of upright images, by their files' heads.
pub(super) struct Sizes<'a>(pub(super) &'a dyn Fn(&str) -> Option<Size>);

impl fmt::Debug for Sizes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sizes")
    }
}

impl Survey<'_> {
    /// The size of an upright image; `None` where its head cannot be read.
    pub(super) fn size_of(&self, image: usize) -> Option<Size> {
        (self.sizes.0)(self.images[image])
    }

    /// The image that a file about many images means by a name: see [`Survey::meant`]; where none has it, the only one of
    /// its stem, which is noted.
    pub(super) fn find(&self, stated: &str, file: &str) -> Option<usize> {
        self.find_said(stated, file, &Said::default())
    }

    /// As [`Survey::find`], for a name that may have no extension.
    pub(super) fn find_stem(&self, stated: &str, file: &str) -> Option<usize> {
        self.find_said(stated, file, &Said { stem: true, ..Said::default() })
    }

    /// As [`Survey::find`], with what the file says of the image beside its name.
    pub(super) fn find_said(&self, stated: &str, file: &str, said: &Said<'_>) -> Option<usize> {
        self.meant(stated, file, said).or_else(|| {
            let image = self.finder.find_other_ending(stated, file)?;
            let split = self.split_beside(stated, said);
            self.of_split(&[image], split)
                .first()
                .inspect(|image| _ = self.other_endings.borrow_mut().insert(**image))
                .copied()
        })
    }

    /// The image of a name, or of a name that an address may have. Where several have it, what is said of it decides, then
    /// which has no labels yet; else the first is taken, which is noted as a fault.
    pub(super) fn meant(&self, stated: &str, file: &str, said: &Said<'_>) -> Option<usize> {
        let ties = |name: &str| {
            let split = self.split_beside(name, said);
            self.finder.ties(name, file, said.stem, |images| self.of_split(images, split))
        };
        let mut found = ties(stated);
        if found.is_empty() && address::is_address(stated) {
            found = address::names(stated).iter().map(|name| ties(name)).find(|found| !found.is_empty())?;
        }
        let is_free = |at: &usize| said.taken.is_none_or(|taken| !taken.contains(at));
        found = narrowed(found, |found| self.of_split(found, said.split));
        found = narrowed(found, |found| self.of_size(found, said.size));
        found = narrowed(found, |found| found.iter().copied().filter(is_free).collect());
        if found.len() > 1 && found.iter().any(is_free) {
            let mut unclear = self.unclear.borrow_mut();
            unclear.entry(file.to_owned()).or_default().insert(stated.to_owned(), found.clone());
        }
        found.first().copied()
    }

    /// The split that is said of an image beside its name, where the folders of the name say none.
    fn split_beside<'s>(&self, stated: &str, said: &Said<'s>) -> Option<&'s str> {
        said.split.filter(|_| self.finder.splits().of(stated).is_none())
    }

    /// Those of some images that lie in a folder of a subset or in its split, where any does. A known split never means
    /// an image of another one.
    fn of_split(&self, images: &[usize], split: Option<&str>) -> Vec<usize> {
        let Some(split) = split else { return images.to_vec() };
        let inside = self.finder.within(split, images);
        if !inside.is_empty() || Split::of_word(split).is_none() {
            return if inside.is_empty() { images.to_vec() } else { inside };
        }
        images.iter().copied().filter(|at| self.finder.splits().of(self.images[*at]).is_none()).collect()
    }

    /// Those of some images that have a size, or have it as they are stored.
    fn of_size(&self, images: &[usize], size: Option<Size>) -> Vec<usize> {
        let Some(size) = size else { return Vec::new() };
        let of = |size: Size| images.iter().copied().filter(|at| self.size_of(*at) == Some(size)).collect::<Vec<_>>();
        let upright = of(size);
        if upright.is_empty() { of(size.transposed()) } else { upright }
    }

    /// Files that mean one of several images, of which nothing says which; with those images.
    pub(super) fn tell_unclear(&self) -> Vec<Unread> {
        let tell = |(file, names): (&String, &BTreeMap<String, Vec<usize>>)| {
            let (name, ties) = names.first_key_value()?;
            let more = if names.len() > 1 { format!(" (and {} more names)", names.len() - 1) } else { String::new() };
            let ties: Vec<&str> = ties.iter().map(|at| self.images[*at]).collect();
            let why = format!(
                "by {name} it could mean any of {}{more}: name images with their folders, or take a file for each folder",
                listed(&ties)
            );
            let images = names.values().flatten().copied().collect();
            let error = Error::new(ErrorKind::Label, why);
            Some(Unread { file: file.clone(), error, images: Some(images), empty: false })
        };
        self.unclear.borrow().iter().filter_map(tell).collect()
    }

    /// The only image of the stem of a name, where it is none of those that are meant by their whole names.
    pub(super) fn other_ending(&self, stated: &str, file: &str, meant: &BTreeSet<usize>) -> Option<usize> {
        let image = self.finder.find_other_ending(stated, file).filter(|image| !meant.contains(image))?;
        self.other_endings.borrow_mut().insert(image);
        Some(image)
    }

    /// Words about images that were found by their stems alone.
    pub(super) fn tell_other_endings(&self) -> Option<String> {
        let names: Vec<&str> = self.other_endings.borrow().iter().map(|image| self.images[*image]).collect();
        let what = "image(s) have another ending than the files that label them say; each is the only one of its stem and \
                    is taken";
        about(&names, what)
    }

    /// Whether a text of a name lies beside a file.
    pub(super) fn is_beside(&self, file: &str, name: &str) -> bool {
        self.placed.contains_key(format!("{}{name}", folder_path(file)).as_str())
    }

    /// The images that a file lies where the labels of are: mostly one.
    pub(super) fn images_of(&self, file: &str) -> &[usize] {
        self.placed.get(file).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Several images that could be meant, by what says more of them; all where that is of none.
fn narrowed(found: Vec<usize>, by: impl FnOnce(&[usize]) -> Vec<usize>) -> Vec<usize> {
    if found.len() < 2 {
        return found;
    }
    let fitting = by(&found);
    if fitting.is_empty() { found } else { fitting }
}

/// A file about many images that cannot be read, or that labels nothing.
#[derive(Clone, Debug)]
pub(super) struct Unread {
    /// Its name in the input.
    pub(super) file: String,
    /// Why.
    pub(super) error: Error,
    /// The images that it speaks of, where that is known.
    pub(super) images: Option<BTreeSet<usize>>,
    /// Whether it can be read and holds nothing: a failure only where images lack labels.
    pub(super) empty: bool,
}

/// What a reader found.
#[derive(Debug, Default)]
pub(super) struct Harvest {
    /// The kind of the reader's format that the files are of, where it has several.
    pub(super) format: Option<LabelFormat>,
    /// The classes that objects name by their place here.
    pub(super) classes: Vec<Class>,
    /// By image.
    pub(super) labels: BTreeMap<usize, ImageLabels>,
    /// Images whose own file numbers classes otherwise than the harvest.
    pub(super) renumbered: BTreeSet<usize>,
    /// Classes of whole images.
    pub(super) image_classes: BTreeMap<usize, String>,
    /// Images that files say are in a split.
    pub(super) splits: Vec<(Split, BTreeSet<usize>)>,
    /// What the labels hold beyond boxes.
    pub(super) holds: Holds,
    /// What a writer repeats.
    pub(super) extra: Fields,
    /// Whether coordinates have more decimals than ours are rounded to.
    pub(super) fine: bool,
    /// Files that cannot be used.
    pub(super) problems: Vec<Problem>,
    /// Files about many images that cannot be read.
    pub(super) unread: Vec<Unread>,
    /// Label files that belong to no image.
    pub(super) orphaned: Vec<String>,
    /// What a person should know.
    pub(super) warnings: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Harvest {
    /// The place of a class of a name, which is new or known.
    pub(super) fn class(&mut self, name: &str) -> usize {
        if let Some(at) = self.places.get(name) {
            return *at;
        }
        self.classes.push(Class::named(name));
        self.places.insert(name.to_owned(), self.classes.len() - 1);
        self.classes.len() - 1
    }

    /// Forgets what is said of an image.
    pub(super) fn forget(&mut self, image: usize) {
        self.labels.remove(&image);
        self.image_classes.remove(&image);
    }

    /// Notes a file that cannot be used.
    pub(super) fn problem(&mut self, file: &str, error: Error) {
        self.problems.push(Problem::new(file, error));
    }

    /// Notes a file about many images that cannot be read; those that no other file labels are left out.
    pub(super) fn unread(&mut self, file: &str, error: Error) {
        self.unread.push(Unread { file: file.to_owned(), error, images: None, empty: false });
    }

    /// The same for a file of which is known what images it speaks of.
    pub(super) fn unread_of(&mut self, file: &str, error: Error, images: BTreeSet<usize>) {
        self.unread.push(Unread { file: file.to_owned(), error, images: Some(images), empty: false });
    }

    /// Notes a label file that cannot be used; its images are left out, since they would seem to show nothing.
    pub(super) fn broken(&mut self, file: &str, error: &Error, survey: &Survey<'_>) {
        let images = survey.images_of(file);
        let error = match images.first() {
            Some(image) => {
                let image = survey.images[*image];
                Error::new(error.kind(), format!("{}; its image {image} is left out", error.message()))
            }
            None => error.clone(),
        };
        self.problem(file, error);
        for image in images {
            self.labels.insert(*image, ImageLabels::Broken);
        }
    }

    /// Notes label files that belong to no image, as one problem.
    pub(super) fn orphans(&mut self, files: &[&str]) {
        self.orphaned.extend(files.iter().map(|file| (*file).to_owned()));
        if let [first, more @ ..] = files {
            let more = if more.is_empty() { String::new() } else { format!(" (and {} more label files)", more.len()) };
            self.problem(first, Error::new(ErrorKind::Label, format!("label without image{more}")));
        }
    }

    /// Notes that a file speaks of images that are not in the input, as one problem.
    pub(super) fn absent(&mut self, file: &str, names: &[&str]) {
        if !names.is_empty() {
            self.problems.push(Problem::absent_images(file, names));
        }
    }

    /// A warning about some files, of which the first few are named.
    pub(super) fn warn_about(&mut self, files: &[&str], what: &str) {
        self.warnings.extend(about(files, what));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: &str, text: &str) -> Head {
        TextFile::new(name, text.to_owned()).unwrap().head
    }

    #[test]
    fn heads_tell_files_apart() {
        let keys = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(head("a.json", r#"{"b": [1], "a": {}}"#), Head::Json { list: false, keys: keys(&["a", "b"]) });
        assert_eq!(head("a.json", r#"[{"b": [1]}, 3]"#), Head::Json { list: true, keys: keys(&["b"]) });
        assert_eq!(head("a.json", "[1, 2]"), Head::Json { list: true, keys: keys(&[]) });
        assert_eq!(head("a.jsonl", "{\"b\": 1}\n{\"c\": 1}\n"), Head::JsonLines { keys: keys(&["b"]) });
        assert_eq!(head("a.json", "{\"b\": 1}\n{\"c\": 1}\n"), Head::JsonLines { keys: keys(&["b"]) });
        let xml = "<?xml version=\"1.0\"?>\n<!-- <x> -->\n<annotations a=\"1\"><x/></annotations>";
        assert_eq!(head("a.xml", xml), Head::Xml { root: "annotations".to_owned() });
        assert_eq!(head("a.txt", "{"), Head::Plain);
        assert!(TextFile::new("a.json", "{".to_owned()).is_err(), "broken JSON is an error");
    }
}
