//! Finding out what an input is: its images, the labels of each, and the format that leads.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::found::{CocoFound, Found, VocFound, YoloFound};
use super::names::{self, Kind};
use super::{Dataset, Files, Holds, Item, LabelChoice, LabelFormat, Problem, Source, folders};
use crate::error::{Error, ErrorKind, Result};
use crate::labels::{Class, Classes};
use crate::limits::Limits;

/// How many names a warning lists.
const LISTED: usize = 5;

/// The names of an input by what they could be.
#[derive(Debug, Default)]
pub(super) struct Sorted<'a> {
    pub(super) images: Vec<&'a str>,
    pub(super) masks: Vec<&'a str>,
    pub(super) xml: Vec<&'a str>,
    pub(super) text: Vec<&'a str>,
    pub(super) lists: Vec<&'a str>,
    pub(super) json: Vec<&'a str>,
    pub(super) yaml: Vec<&'a str>,
}

impl<'a> Sorted<'a> {
    fn new(names: &'a [String]) -> Self {
        let mut sorted = Self::default();
        for name in names {
            let list = match names::kind(name) {
                Kind::Image => &mut sorted.images,
                Kind::Mask => &mut sorted.masks,
                Kind::Xml => &mut sorted.xml,
                Kind::Text => &mut sorted.text,
                Kind::ClassList => &mut sorted.lists,
                Kind::Json => &mut sorted.json,
                Kind::Yaml => &mut sorted.yaml,
                Kind::Other => continue,
            };
            list.push(name);
        }
        sorted
    }
}

/// Finds the images of an input and the labels of each. Labels of several formats may stand side by side: the format
/// that covers most images leads (COCO before VOC before YOLO among equals), and an image without labels in it takes
/// those that it has in another. Label files that cannot be read become problems, and their images are left out.
///
/// # Errors
/// None so far: what fails is in [`Dataset::problems`].
pub fn open(files: &dyn Files, choice: LabelChoice, limits: &Limits) -> Result<Dataset> {
    let mut sorted = Sorted::new(files.names());
    let mut dataset = Dataset::default();
    let masks = std::mem::take(&mut sorted.masks);
    let (mask_of, orphan_masks) = names::masks(&mut sorted.images, &masks);
    let images_alone = choice == LabelChoice::Only(LabelFormat::None);
    let mask_of = if images_alone { BTreeMap::new() } else { mask_of };
    for mask in orphan_masks.into_iter().filter(|_| !images_alone) {
        dataset.problem(mask, Error::new(ErrorKind::Label, "mask without image"));
    }
    let wants = |format| choice == LabelChoice::Auto || choice == LabelChoice::Only(format);
    let mut reader = Reader { files, limits, dataset: &mut dataset };
    let mut coco =
        if wants(LabelFormat::Coco) { CocoFound::gather(&sorted, &mut reader) } else { CocoFound::default() };
    let mut voc = if wants(LabelFormat::Voc) { VocFound::gather(&sorted, &mut reader) } else { VocFound::default() };
    let mut yolo =
        if wants(LabelFormat::Yolo) { YoloFound::gather(&sorted, &mut reader) } else { YoloFound::default() };

    let mut formats = [
        (LabelFormat::Coco, coco.labels.len()),
        (LabelFormat::Voc, voc.labels.len()),
        (LabelFormat::Yolo, yolo.labels.len()),
    ];
    formats.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    if formats[0].1 > 0 {
        dataset.format = formats[0].0;
    }
    let mut classes = Vec::new();
    let mut sources: BTreeMap<LabelFormat, BTreeMap<usize, Found>> = BTreeMap::new();
    for (format, _) in formats {
        let found = match format {
            LabelFormat::Coco => std::mem::take(&mut coco).resolve(&mut classes, &mut dataset, limits),
            LabelFormat::Voc => std::mem::take(&mut voc).resolve(&mut classes, &mut dataset, limits),
            _ => std::mem::take(&mut yolo).resolve(&mut classes, &mut dataset, limits),
        };
        sources.insert(format, found);
    }
    dataset.classes = Arc::new(Classes(classes));
    let by_rank = formats.map(|(format, _)| (format, sources.remove(&format).unwrap_or_default()));
    dataset.take_items(&sorted.images, &mask_of, by_rank);
    dataset.problems.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(dataset)
}

/// Reads label files within the limits, and notes what fails.
pub(super) struct Reader<'a> {
    files: &'a dyn Files,
    pub(super) limits: &'a Limits,
    pub(super) dataset: &'a mut Dataset,
}

impl Reader<'_> {
    /// The text of a file.
    pub(super) fn text(&self, name: &str) -> Result<String> {
        let check = |bytes: u64| {
            let limit = self.limits.max_label_bytes;
            if bytes > limit {
                let why = format!("it is larger than a label file may be ({limit} bytes)");
                return Err(Error::new(ErrorKind::Limit, why));
            }
            Ok(())
        };
        check(self.files.size(name).unwrap_or(0))?;
        let bytes = self.files.read(name)?;
        check(bytes.len() as u64)?;
        super::draft::text_of(bytes)
    }
}

impl Dataset {
    pub(super) fn problem(&mut self, file: &str, error: Error) {
        self.problems.push(Problem { file: file.to_owned(), error });
    }

    /// A warning about some files, of which the first few are named.
    pub(super) fn warn_about(&mut self, files: &[&str], what: &str) {
        if !files.is_empty() {
            let more = if files.len() > LISTED { ", …" } else { "" };
            let listed: Vec<&str> = files.iter().take(LISTED).copied().collect();
            self.warnings.push(format!("{} {what}: {}{more}", files.len(), listed.join(", ")));
        }
    }

    fn take_items(
        &mut self,
        images: &[&str],
        mask_of: &BTreeMap<&str, &str>,
        mut by_rank: [(LabelFormat, BTreeMap<usize, Found>); 3],
    ) {
        let class = if self.format == LabelFormat::None { folders::classes(images) } else { vec![None; images.len()] };
        let (mut bare, mut borrowed, mut twice) = (Vec::new(), Vec::new(), Vec::new());
        for (at, (&name, class)) in images.iter().zip(class).enumerate() {
            let mut found = by_rank.iter_mut().filter_map(|(format, found)| Some((*format, found.remove(&at)?)));
            let first = found.next();
            if found.next().is_some() {
                twice.push(name);
            }
            let source = match first {
                None => {
                    bare.push(name);
                    Source::None
                }
                // Its label file is a problem already.
                Some((_, Found::Broken)) => continue,
                Some((format, Found::Labels(source))) => {
                    if format != self.format {
                        borrowed.push(name);
                    }
                    source
                }
            };
            let mask = mask_of.get(name).map(|mask| (*mask).to_owned());
            self.items.push(Item { name: name.to_owned(), class, mask, source });
        }
        if self.format != LabelFormat::None {
            self.warn_about(&bare, "image(s) have no labels and are taken as showing no object");
            let title = self.format.title();
            self.warn_about(
                &twice,
                &format!("image(s) are labelled in several formats; one of them is taken, {title} first"),
            );
            self.warn_about(
                &borrowed,
                &format!("image(s) have no {title} labels, but those of another format, which are taken"),
            );
        }
    }
}

/// Adds the classes of one format to those that are known, by name, and tells where each went. Classes of one name in
/// the same format stay apart.
pub(super) fn merge_classes(known: &mut Vec<Class>, classes: Vec<Class>) -> Vec<usize> {
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    for (at, class) in known.iter().enumerate() {
        by_name.entry(class.name.clone()).or_insert(at);
    }
    let place = |class: Class| match by_name.get(&class.name) {
        Some(&at) => {
            fill(&mut known[at], class);
            at
        }
        None => {
            known.push(class);
            known.len() - 1
        }
    };
    classes.into_iter().map(place).collect()
}

/// Completes what is known of a class.
pub(super) fn fill(known: &mut Class, other: Class) {
    if known.keypoints.is_empty() {
        known.keypoints = other.keypoints;
        known.skeleton = other.skeleton;
    }
    if known.mirror.is_empty() {
        known.mirror = other.mirror;
    }
    known.id = known.id.or(other.id);
    for (name, value) in other.extra {
        known.extra.entry(name).or_insert(value);
    }
}

impl Holds {
    pub(super) fn add(&mut self, other: Self) {
        self.shapes |= other.shapes;
        self.keypoints = self.keypoints.max(other.keypoints);
        self.visibility |= other.visibility;
        self.extras |= other.extras;
    }
}
