//! A dataset: its images with their splits, the labels and masks of each, and what was found on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::draft::StatedLabels;
use super::format::LabelFormat;
use super::holds::Holds;
use super::listed::listed;
use super::mask_lists::MaskNames;
use super::problem::Problem;
use crate::error::{Error, ErrorKind, Result};
use crate::filled::filled;
use crate::labels::{Classes, Mask};
use crate::plan::{Split, SplitChoice};

/// Names of roles of masks of one thing each begin with this.
pub(super) const THINGS: &str = "object_";

/// The images of an input with what labels them.
#[derive(Clone, Debug, Default)]
pub struct Dataset {
    /// The format of the labels; the one that covers most images where there are several.
    pub format: LabelFormat,
    /// The images, sorted by name.
    pub items: Vec<Item>,
    /// Files that are passed over, by kind (`.md`), with their counts.
    pub passed_over: Vec<(String, usize)>,
    /// The classes of the objects.
    pub classes: Arc<Classes>,
    /// Files that cannot be used, each with the reason; an image is left out when its labels cannot be read.
    pub problems: Vec<Problem>,
    /// What a person should know but nothing fails for.
    pub warnings: Vec<String>,
    /// What the labels hold beyond boxes.
    pub holds: Holds,
    /// What the values of masks stand for.
    pub mask_names: MaskNames,
    /// What a writer repeats: COCO's `info`, `licenses` and other fields beside images, annotations and categories.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// Whether the source's coordinates have more decimals than ours are rounded to.
    pub(super) fine: bool,
    /// The splits of images that are left out: one that is left alone by them is still one of several.
    pub(super) lost_splits: BTreeSet<Option<Split>>,
}

/// One image and where its labels are; cheap to clone.
#[derive(Clone, Debug)]
pub struct Item {
    /// The image's name in the input.
    pub name: String,
    /// The class of the whole image: the folder that it lies in, in a dataset of class folders.
    pub class: Option<String>,
    /// Its masks, that of the classes first where it has one.
    pub masks: Vec<MaskFile>,
    /// The split that it is in.
    pub split: Option<Split>,
    /// Its number among the images of the same content and split, by name; draws of all but the first are their own.
    pub twin: u32,
    pub(super) source: Option<Source>,
}

/// A mask of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskFile {
    /// What it shows of the image, as outputs are named after it: [`Mask::CLASSES`](crate::labels::Mask::CLASSES),
    /// `instances`.
    pub role: Arc<str>,
    /// Its name in the input.
    pub name: String,
}

/// The labels of an image as its source states them, parsed when the image is placed.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) format: LabelFormat,
    pub(super) labels: Arc<dyn StatedLabels>,
    /// The class in the dataset of each class that the labels name.
    pub(super) classes: Arc<[usize]>,
    pub(super) objects: usize,
    pub(super) own_file: Option<String>,
    /// Why the own file may not stand for the labels as it is.
    pub(super) rewrite: Option<Rewrite>,
}

/// Why the label file of an image is rewritten, though nothing of the image changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rewrite {
    /// The dataset numbers its classes otherwise.
    Numbers,
    /// It begins with a byte-order mark, or is not in UTF-8.
    Encoding,
}

impl Rewrite {
    /// The words that follow a count of files.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Numbers => {
                "label file(s) of splits that go through unchanged are rewritten, since the joined list of classes \
                 numbers theirs otherwise"
            }
            Self::Encoding => {
                "label file(s) of splits that go through unchanged are rewritten, without the byte-order mark that \
                 trainers do not read"
            }
        }
    }
}

impl Item {
    /// Whether a label file speaks of this image, be it with no object.
    #[must_use]
    pub const fn is_labeled(&self) -> bool {
        self.source.is_some()
    }

    /// The format of its labels.
    #[must_use]
    pub fn format(&self) -> LabelFormat {
        self.source.as_ref().map_or(LabelFormat::None, |source| source.format)
    }

    /// Objects that its labels state.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.source.as_ref().map_or(0, |source| source.objects)
    }

    /// The label file that may stand for this image in a dataset of a format as it is: one about this image alone, in
    /// that format, whose numbers mean the same classes there.
    #[must_use]
    pub fn own_label_file(&self, format: LabelFormat) -> Option<&str> {
        let source = self.source.as_ref().filter(|source| source.format == format)?;
        source.own_file.as_deref().filter(|_| source.rewrite_in(format).is_none())
    }

    /// Why its own label file, if it has one of a format, may not stand for it as it is.
    #[must_use]
    pub fn rewrite_of(&self, format: LabelFormat) -> Option<Rewrite> {
        let source = self.source.as_ref().filter(|source| source.format == format && source.own_file.is_some())?;
        source.rewrite_in(format)
    }
}

impl Source {
    fn rewrite_in(&self, format: LabelFormat) -> Option<Rewrite> {
        let moved = || !self.classes.iter().enumerate().all(|(at, class)| at == *class);
        let rewrite = if format.is_yolo() && moved() { Some(Rewrite::Numbers) } else { self.rewrite };
        // Readers of XML take any mark.
        rewrite.filter(|rewrite| *rewrite == Rewrite::Numbers || format != LabelFormat::Voc)
    }
}

impl Dataset {
    /// Keeps the images of some splits alone.
    ///
    /// # Errors
    /// `Label` when no image is left: the splits that there are are named.
    pub fn keep(&mut self, splits: &SplitChoice) -> Result<()> {
        let there = self.splits_named();
        let had_some = !self.items.is_empty();
        self.items.retain(|item| splits.takes(item.split.as_ref()));
        self.lost_splits.retain(|split| splits.takes(split.as_ref()));
        if had_some && self.items.is_empty() {
            return Err(Error::new(
                ErrorKind::Label,
                format!("no image is in the split {splits}; the input has {there}{}", self.unusable_files()),
            ));
        }
        Ok(())
    }

    /// Whether any image has a mask.
    #[must_use]
    pub fn has_masks(&self) -> bool {
        self.items.iter().any(|item| !item.masks.is_empty())
    }

    /// The format that a run writes: the one asked for, else the dataset's own, or that nearest to it. Of a dataset whose
    /// only labels are masks these are its labels.
    #[must_use]
    pub fn written_format(&self, asked: Option<LabelFormat>) -> LabelFormat {
        let own = if self.format == LabelFormat::None && self.has_masks() { LabelFormat::Masks } else { self.format };
        asked.unwrap_or(own).written_as()
    }

    /// Why there is no image, where there is none.
    #[must_use]
    pub const fn without_images(&self) -> &'static str {
        if self.problems.is_empty() { "no image was found in the input" } else { "no image of the input can be used" }
    }

    /// The splits that go through a run unchanged, with `None` for images in no split: see [`SplitChoice::others`].
    #[must_use]
    pub fn unchanged_splits(&self, augment: &SplitChoice) -> BTreeSet<Option<Split>> {
        augment.others(self.items.iter().map(|item| &item.split).chain(&self.lost_splits).cloned().collect())
    }

    /// Checks that something is augmented.
    ///
    /// # Errors
    /// `Label` when every split would go through unchanged: the splits that there are are named.
    pub fn check_augmented(&self, augment: &SplitChoice) -> Result<()> {
        let unchanged = self.unchanged_splits(augment);
        if self.items.is_empty() || self.items.iter().any(|item| !unchanged.contains(&item.split)) {
            return Ok(());
        }
        let there = self.splits_named();
        let why = format!(
            "nothing would be augmented: no image is in the split {augment}; the input has {there}: name one of these \
             by --augment, or say --augment all{}",
            self.unusable_files()
        );
        Err(Error::new(ErrorKind::Label, why))
    }

    /// Words about files that cannot be used, of which the first is named: a split can be missing for them.
    fn unusable_files(&self) -> String {
        let said = |Problem { file, error, .. }: &Problem| {
            let count = self.problems.len();
            format!("; {count} file(s) cannot be used, the first is {file}: {}", error.message())
        };
        self.problems.first().map_or_else(String::new, said)
    }

    fn splits_named(&self) -> String {
        let name = |split: &Option<Split>| split.as_ref().map_or_else(|| "no split".to_owned(), ToString::to_string);
        let named: Vec<String> =
            self.splits().iter().map(|(split, counts)| format!("{} ({})", name(split), counts.images)).collect();
        named.join(", ")
    }

    /// What was found, on one line: the format, images and objects by split and which of them go through unchanged,
    /// classes, masks.
    #[must_use]
    pub fn described(&self, unchanged: &BTreeSet<Option<Split>>) -> String {
        let mut parts = vec![self.format.title().to_owned()];
        if self.format == LabelFormat::None && self.items.iter().any(|item| item.class.is_some()) {
            "class folders".clone_into(&mut parts[0]);
        }
        let mut masks: BTreeMap<&str, usize> = BTreeMap::new();
        for file in self.items.iter().flat_map(|item| &item.masks) {
            let role = if file.role.starts_with(THINGS) { "object" } else { &*file.role };
            *masks.entry(role).or_default() += 1;
        }
        if self.format == LabelFormat::None && !masks.is_empty() {
            "masks".clone_into(&mut parts[0]);
        }
        for (split, counts) in self.splits() {
            let name = split.as_ref().map_or_else(String::new, |split| format!("{split} "));
            let as_it_is = if unchanged.contains(&split) { ", unchanged" } else { "" };
            let objects = if self.format == LabelFormat::None {
                String::new()
            } else {
                format!(", {} object(s)", counts.objects)
            };
            parts.push(format!("{name}{} image(s){objects}{as_it_is}", counts.images));
        }
        let of_classes = masks.remove(Mask::CLASSES).map(|count| format!("{count} mask(s)"));
        parts.extend(of_classes);
        parts.extend(masks.into_iter().map(|(role, count)| format!("{count} {role} mask(s)")));
        let folders: BTreeSet<&String> = filled(self.items.iter().filter_map(|item| item.class.as_ref()));
        let mut names: Vec<&str> = self.classes.0.iter().map(|class| class.name.as_str()).collect();
        names.extend(folders.into_iter().map(String::as_str).filter(|name| self.classes.index_of(name).is_none()));
        if !names.is_empty() {
            parts.push(format!("{} class(es): {}", names.len(), listed(&names)));
        }
        let names: Vec<&str> = self.mask_names.classes.iter().map(|class| class.name.as_str()).collect();
        if self.has_masks() && !names.is_empty() {
            parts.push(format!("{} mask class(es): {}", names.len(), listed(&names)));
        }
        if !self.passed_over.is_empty() {
            let kinds: Vec<String> = self.passed_over.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            parts.push(format!("passed over: {}", kinds.join(", ")));
        }
        parts.join("; ")
    }

    /// Images and objects by split, in the order of the splits; images in none come first.
    #[must_use]
    pub fn splits(&self) -> Vec<(Option<Split>, SplitCounts)> {
        let mut counts: BTreeMap<Option<Split>, SplitCounts> = BTreeMap::new();
        for item in &self.items {
            let of = counts.entry(item.split.clone()).or_default();
            of.images += 1;
            of.objects += item.objects();
        }
        counts.into_iter().collect()
    }
}

/// What a split holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SplitCounts {
    /// Its images.
    pub images: usize,
    /// The objects that their labels state.
    pub objects: usize,
}
