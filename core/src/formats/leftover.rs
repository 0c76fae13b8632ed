//! What is said of files that look like labels and that no reader understands: an image never seems to show nothing
//! because its labels could not be read.

use std::collections::BTreeSet;

use super::Dataset;
use super::layout::split_extension;
use super::listed::{about, listed};
use super::reader::{Head, Survey, TextFile, Unread};
use super::table::could_label;
use super::unread::{self, Unreadable, is_shared, names_images};
use crate::error::{Error, ErrorKind};
use crate::filled::filled;

/// Files that no reader understands.
#[derive(Debug, Default)]
pub(super) struct Leftover {
    /// Texts that lie where the labels of an image are, with what they look like.
    own: Vec<(String, String)>,
    /// Texts of images that have masks, which are their labels.
    beside_masks: Vec<String>,
    /// Files that speak of images, or hold labels in a form that is not read, with what they look like.
    shared: Vec<(String, String)>,
    /// Tables that speak of images and have no column of labels.
    tables: Vec<String>,
    /// Other texts.
    others: Vec<String>,
    /// Texts that cannot be read and that nothing says to be about images.
    broken: Vec<String>,
    /// What programs write beside pictures: who took one, and when.
    sidecars: Vec<String>,
    /// Files about many images that cannot be read.
    pub(super) unread: Vec<Unread>,
    /// Images whose own file is not understood.
    images: BTreeSet<usize>,
    /// Images without any label.
    bare: usize,
    /// Images that the files about many take with them.
    taken: usize,
}

fn looks_like(file: &TextFile) -> String {
    match &file.head {
        Head::Json { keys, .. } | Head::JsonLines { keys } if !keys.is_empty() => {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            format!("JSON with {}", listed(&keys))
        }
        Head::Json { .. } | Head::JsonLines { .. } => "JSON".to_owned(),
        Head::Xml { root } => format!("XML with the root {root}"),
        Head::Plain => {
            let first = file.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
            let shown: String = first.chars().take(40).collect();
            if first.is_empty() { "an empty file".to_owned() } else { format!("text that begins with {shown:?}") }
        }
    }
}

/// Whether a text is what a program knows of pictures beside what they show: Google's albums, `ExifTool`, XMP.
fn is_sidecar(file: &TextFile) -> bool {
    match &file.head {
        Head::Json { .. } | Head::JsonLines { .. } => {
            let of_album = ["photoTakenTime", "creationTime", "geoData", "imageViews"];
            file.has_keys(&["SourceFile"])
                || file.has_keys(&["title"]) && of_album.iter().any(|key| file.has_keys(&[key]))
        }
        Head::Xml { root } => matches!(root.as_str(), "x:xmpmeta" | "xmpmeta" | "rdf:RDF" | "metadata" | "plist"),
        Head::Plain => file.text.lines().next().is_some_and(|line| line.starts_with("SourceFile")),
    }
}

impl Leftover {
    pub(super) fn new(
        unclaimed: Vec<TextFile>,
        unreadable: Vec<Unreadable>,
        other_labels: &[&str],
        survey: &Survey<'_>,
        has_mask: impl Fn(usize) -> bool,
        dataset: &mut Dataset,
    ) -> Self {
        let mut leftover = Self::default();
        for Unreadable { file: name, error, about_images } in unreadable {
            let images = survey.images_of(&name);
            leftover.images.extend(images);
            match images.first() {
                Some(image) => {
                    let image = survey.images[*image];
                    let why = format!("{}; its image {image} is left out", error.message());
                    dataset.problem(&name, Error::new(error.kind(), why));
                }
                None if !about_images => leftover.broken.push(name),
                None if is_shared(&name, survey) => {
                    leftover.unread.push(Unread { file: name, error, images: None, empty: false });
                }
                None => dataset.problem(&name, error),
            }
        }
        for file in unclaimed {
            let images = survey.images_of(&file.name);
            if images.is_empty()
                && let Some(unread) = unread::empty(&file, survey)
            {
                leftover.unread.push(unread);
                continue;
            }
            if is_sidecar(&file) {
                leftover.sidecars.push(file.name);
                continue;
            }
            let look = looks_like(&file);
            if !images.is_empty() && images.iter().all(|image| has_mask(*image)) {
                leftover.beside_masks.push(file.name);
            } else if !images.is_empty() {
                leftover.images.extend(images);
                leftover.own.push((file.name, look));
            } else if names_images(&file.text, is_of_data(&file), survey) {
                let is_table = matches!(file.extension().as_str(), "csv" | "tsv");
                let is_image = |cell: &str| survey.finder.find_stem(cell, &file.name).is_some();
                if is_table && !could_label(&file.text, is_image) {
                    leftover.tables.push(file.name);
                } else {
                    leftover.shared.push((file.name, look));
                }
            } else {
                leftover.others.push(file.name);
            }
        }
        let binary = |name: &&str| {
            let look = match split_extension(name).1.as_str() {
                "parquet" => "a Parquet table, which is not read (save it as metadata.jsonl beside the images)",
                _ => "a container of labels that is not read",
            };
            ((*name).to_owned(), look.to_owned())
        };
        leftover.shared.extend(other_labels.iter().map(binary));
        leftover
    }

    /// Whether an image without labels is left out: others have some, and it has a file that is not understood.
    pub(super) fn leaves_out(&self, image: usize, labeled: bool) -> bool {
        labeled && self.images.contains(&image)
    }

    /// The images without labels that the files about many images that are not understood would label.
    pub(super) fn takes_with_it(&mut self, images: &unread::Images<'_>, bare: &BTreeSet<usize>) -> BTreeSet<usize> {
        if !self.own.is_empty() {
            return BTreeSet::new();
        }
        let reaches: BTreeSet<_> = filled(self.shared.iter().map(|(name, _)| images.reach(name)));
        let taken: BTreeSet<usize> = filled(reaches.iter().flat_map(|reach| images.covered(reach, bare)));
        self.taken = taken.len();
        taken
    }

    /// Notes how many images have no labels in the end.
    pub(super) const fn note_bare(&mut self, bare: usize) {
        self.bare = bare;
    }

    /// Says what was not understood: as a failure where it leaves an image without labels, else as a warning.
    pub(super) fn tell(self, dataset: &mut Dataset, labeled: bool) {
        let advice = "export them as COCO, YOLO or Pascal VOC, or give --labels none to do without labels";
        let mut fail = |files: &[(String, String)], what: &str| {
            if let [(first, look), more @ ..] = files {
                let more = if more.is_empty() { String::new() } else { format!(" (and {} more files)", more.len()) };
                let why = format!("no labels were understood in it{more}: it looks like {look}; {what}{advice}");
                dataset.problem(first, Error::new(ErrorKind::Label, why));
            }
        };
        let lost = self.images.len();
        if !self.own.is_empty() && labeled {
            let images =
                if lost == 1 { "its image is left out".to_owned() } else { format!("{lost} images are left out") };
            fail(&self.own, &format!("{images}; "));
        } else {
            fail(&self.own, "");
        }
        if self.bare + self.taken > 0 && self.own.is_empty() {
            let taken = format!("{} image(s) that no other file labels are left out; ", self.taken);
            fail(&self.shared, if self.taken > 0 { &taken } else { "" });
        } else {
            let names: Vec<&str> = self.shared.iter().map(|(name, _)| name.as_str()).collect();
            dataset.warnings.extend(about(&names, "file(s) about images are not understood and are left out"));
        }
        let beside: Vec<&str> = self.beside_masks.iter().map(String::as_str).collect();
        let what = "text file(s) beside images with masks are not understood and are left out";
        dataset.warnings.extend(about(&beside, what));
        let mut tell = |files: &[String], what: &str| {
            let names: Vec<&str> = files.iter().map(String::as_str).collect();
            dataset.warnings.extend(about(&names, what));
        };
        tell(&self.broken, "text file(s) cannot be read, name no image and are left out");
        tell(&self.tables, "table(s) speak of images and have no column of classes or boxes, and are left out");
        tell(&self.sidecars, "text file(s) say how pictures were taken, not what they show, and are left out");
        let others: Vec<&str> = self.others.iter().map(String::as_str).collect();
        dataset.warnings.extend(about(&others, "text file(s) belong to no image or hold no labels and are left out"));
    }
}

/// Whether a text is of a kind that holds data, not notes.
fn is_of_data(file: &TextFile) -> bool {
    !matches!(file.head, Head::Plain | Head::Xml { .. }) || matches!(file.extension().as_str(), "csv" | "tsv")
}
