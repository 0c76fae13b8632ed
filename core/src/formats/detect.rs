//! Finding out what an input is: its images, the labels and the split of each, and the format that leads.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::dataset::Source;
use super::layout::{
    ImageFinder, LabelPairs, Lists, Look, SplitFolders, base, sort_pictures, split_extension, split_in, stem_of,
};
use super::leftover::Leftover;
use super::listed::about;
use super::listing::Listing;
use super::mask_lists::{self, MaskList, MaskNames};
use super::reader::{Harvest, ImageLabels, Reader, Sizes, Survey, TextFile, Unread};
use super::readers::READERS;
use super::unread::{self, Unreadable, is_named_as_labels};
use super::{Dataset, Files, Item, LabelChoice, LabelFormat, MaskFile, Problem, Rewrite, folders, masks, yolo};
use crate::codec::probe;
use crate::error::{Error, ErrorKind, Result};
use crate::filled::filled;
use crate::labels::{Class, Classes};
use crate::limits::Limits;
use crate::plan::folder_name;

/// Bytes of an image that mostly say its size.
const PROBED: usize = 1 << 16;

/// Finds the images of an input and the labels and the split of each. Labels of several formats may stand side by
/// side: the format that covers most images leads (the first reader among equals), and an image without labels
/// in it takes those that it has in another. Label files that cannot be read become problems, and their images are
/// left out.
///
/// # Errors
/// None so far: what fails is in [`Dataset::problems`].
pub fn open(files: &dyn Files, choice: LabelChoice, limits: &Limits) -> Result<Dataset> {
    let listing = Listing::new(files);
    let mut dataset = Dataset { passed_over: listing.passed_over(), ..Dataset::default() };
    for (name, error) in &listing.refused {
        dataset.problem(name, error.clone());
    }
    if let Some((name, error)) = listing.unopened() {
        dataset.problem(name, error);
    }
    let mut look = |name: &str| Look::of(&files.read(name).ok()?, limits);
    let with_labels = choice != LabelChoice::Only(LabelFormat::None);
    let pictures = sort_pictures(&listing.pictures, &mut look);
    let pictures = if with_labels { pictures } else { pictures.without_masks() };
    let images: &[&str] = &pictures.images;
    let texts = if with_labels { &listing.texts[..] } else { &[] };
    let placed = Placed::new(images, texts);
    let further: BTreeSet<&str> = filled(placed.further.iter().copied());
    let what = "label file(s) of upright boxes are left out, since their images have oriented ones";
    dataset.warnings.extend(about(&placed.further, what));
    let size_of = |name: &str| {
        let head = files.head(name, PROBED).ok().and_then(|head| probe(&head, limits).ok());
        // Metadata can push the size further back.
        Some(head.or_else(|| probe(&files.read(name).ok()?, limits).ok())?.upright())
    };
    let survey = Survey {
        images,
        finder: ImageFinder::new(images),
        limits,
        placed: placed.images,
        masked: filled(pictures.masks.keys().copied()),
        sizes: Sizes(&size_of),
        other_endings: RefCell::default(),
        unclear: RefCell::default(),
    };
    let mut sorted = Sorted::default();
    for name in texts.iter().filter(|name| !further.contains(*name)) {
        sorted.take(files, name, &survey);
    }
    dataset.warnings.extend(sorted.shared(&survey));
    dataset.warnings.extend(sorted.share_empty_files());
    let mut lists = std::mem::take(&mut sorted.lists);
    dataset.mask_names = MaskNames::new(std::mem::take(&mut sorted.mask_lists), &mut dataset.warnings);
    let unlike = std::mem::take(&mut sorted.unlike);
    let (unclaimed, unreadable) = (std::mem::take(&mut sorted.unclaimed), std::mem::take(&mut sorted.unreadable));
    let other_labels = if with_labels { &listing.other_labels[..] } else { &[] };
    let mut leftover =
        Leftover::new(unclaimed, unreadable, other_labels, &survey, |at| survey.masked.contains(&at), &mut dataset);
    let mut harvests = sorted.gather(choice, &survey);
    dataset.warnings.extend(survey.tell_other_endings());
    let mut unread = std::mem::take(&mut leftover.unread);
    unread.extend(harvests.iter_mut().flat_map(|(_, harvest)| std::mem::take(&mut harvest.unread)));
    let unclear = survey.tell_unclear();
    for image in unclear.iter().flat_map(|file| file.images.iter().flatten()) {
        harvests.iter_mut().for_each(|(_, harvest)| harvest.forget(*image));
    }
    unread.extend(unclear);
    let orphaned: BTreeSet<String> =
        filled(harvests.iter().flat_map(|(_, harvest)| &harvest.orphaned).map(|file| stem_of(file)));
    let mut named: Vec<_> = harvests.iter().flat_map(|(_, harvest)| harvest.splits.clone()).collect();
    // A file that cannot be read names its split all the same, so that the others are told apart from it.
    named.extend(unread.iter().filter_map(|file| Some((split_in(base(&file.file))?, BTreeSet::new()))));
    lists.add(named);
    let splits = lists.splits(images, survey.finder.splits());
    dataset.warnings.extend(splits.warnings);
    let masks = masks::of_images(&pictures, &mut dataset);
    let (folders, unlike) = (survey.finder.splits(), unlike);
    let mut building = Building { dataset, images, splits: splits.of, folders, unlike, orphaned, masks };
    let found = building.take_harvests(harvests);
    building.take_items(found, unread, &mut leftover);
    let mut dataset = building.dataset;
    let labeled = dataset.format != LabelFormat::None;
    leftover.tell(&mut dataset, labeled);
    dataset.problems.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(dataset)
}

/// Texts by where they lie.
#[derive(Default)]
struct Placed<'a> {
    /// By file the images that it lies where the labels of are; files of one ending compete for an image.
    images: BTreeMap<&'a str, Vec<usize>>,
    /// Files of upright boxes, whose images have oriented ones.
    further: Vec<&'a str>,
}

impl<'a> Placed<'a> {
    fn new(images: &[&str], texts: &[&'a str]) -> Self {
        let partners = LabelPairs::new(images);
        let mut by_ending: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for name in texts {
            by_ending.entry(split_extension(name).1).or_default().push(name);
        }
        let mut placed = Self::default();
        for files in by_ending.into_values() {
            let owners = partners.of_labels(&files);
            placed.further.extend(owners.further.into_iter().map(|at| files[at]));
            placed.images.extend(files.into_iter().zip(owners.of));
        }
        placed.further.sort_unstable();
        placed
    }
}

/// The texts of an input by the reader that claims them.
#[derive(Debug, Default)]
struct Sorted {
    lists: Lists,
    mask_lists: Vec<MaskList>,
    /// In the order of [`READERS`].
    claimed: BTreeMap<usize, Vec<TextFile>>,
    /// Files of an image that hold nothing: whose format they are of, the others tell.
    empty: Vec<TextFile>,
    /// Files whose bytes are not those of their text: they have a byte-order mark.
    unlike: BTreeSet<String>,
    unclaimed: Vec<TextFile>,
    unreadable: Vec<Unreadable>,
}

impl Sorted {
    fn take(&mut self, files: &dyn Files, name: &str, survey: &Survey<'_>) {
        let text = read(files, name, survey.limits).and_then(|(text, same)| Ok((TextFile::new(name, text)?, same)));
        let mut file = match text {
            Ok((file, same)) => {
                if !same {
                    self.unlike.insert(name.to_owned());
                }
                file
            }
            Err(error) => {
                let about_images = survey.images_of(name).is_empty() && unread::is_about_images(files, name, survey);
                return self.unreadable.push(Unreadable { file: name.to_owned(), error, about_images });
            }
        };
        if let Some(list) = mask_lists::read(&file) {
            return self.mask_lists.push(list);
        }
        let placed = !survey.images_of(name).is_empty();
        let first = |reader: &dyn Reader| reader.precedes_lists() && reader.claims(&file, survey);
        if let Some(reader) = READERS.iter().position(|reader| first(*reader)) {
            return self.claimed.entry(reader).or_default().push(file);
        }
        if file.extension() == "txt" && self.lists.take(name, &file.text, &survey.finder) {
            return;
        }
        if matches!(file.extension().as_str(), "yaml" | "yml") {
            for (split, path) in yolo::split_paths(&file.text) {
                self.lists.add_path(split, &path, name, survey.images);
            }
        }
        if placed && file.text.trim().is_empty() {
            self.empty.push(file);
        } else if let Some(reader) = READERS.iter().position(|reader| reader.claims(&file, survey)) {
            if let Some(short) = READERS[reader].condensed(&file.text) {
                file.text = short.into();
            }
            self.claimed.entry(reader).or_default().push(file);
        } else {
            self.unclaimed.push(file);
        }
    }

    /// Words about label files that lie beside several images of one name.
    fn shared(&self, survey: &Survey<'_>) -> Option<String> {
        let files = self.claimed.values().flatten().map(|file| file.name.as_str());
        let mut shared: Vec<&str> = files.filter(|name| survey.images_of(name).len() > 1).collect();
        shared.sort_unstable();
        about(&shared, "label file(s) have several images of their name, which all take their labels")
    }

    /// Gives empty files to the format of rows that most other files are of: by themselves they decide none, and their
    /// images go without labels. Words about those, where there are any.
    fn share_empty_files(&mut self) -> Option<String> {
        let rows = self.claimed.iter_mut().filter(|(reader, _)| READERS[**reader].reads_rows());
        match rows.max_by_key(|(reader, files)| (files.len(), std::cmp::Reverse(**reader))) {
            Some((_, files)) => {
                files.append(&mut self.empty);
                None
            }
            None => {
                let names: Vec<&str> = self.empty.iter().map(|file| file.name.as_str()).collect();
                about(&names, "label file(s) are empty, and nothing says of which format they are")
            }
        }
    }

    /// What the readers say.
    fn gather(self, choice: LabelChoice, survey: &Survey<'_>) -> Vec<(LabelFormat, Harvest)> {
        let readers = self.claimed.into_iter().map(|(reader, files)| (READERS[reader], files));
        let wanted = |format| choice == LabelChoice::Auto || choice == LabelChoice::Only(format);
        readers
            .filter(|(reader, _)| wanted(reader.format()))
            .map(|(reader, files)| {
                let harvest = reader.gather(files, survey);
                (harvest.format.unwrap_or(reader.format()), harvest)
            })
            .collect()
    }
}

/// The text of a file, within the limits, and whether it has the file's own bytes.
fn read(files: &dyn Files, name: &str, limits: &Limits) -> Result<(String, bool)> {
    let check = |bytes: u64| {
        let limit = limits.max_label_bytes;
        if bytes > limit {
            let why = format!("it is larger than a label file may be ({limit} bytes)");
            return Err(Error::new(ErrorKind::Limit, why));
        }
        Ok(())
    };
    check(files.size(name).unwrap_or(0))?;
    let bytes = files.read(name)?;
    check(bytes.len() as u64)?;
    let length = bytes.len();
    let text = super::draft::text_of(bytes)?;
    let same = text.len() == length;
    Ok((text, same))
}

/// What one format has for images: the reader's answer, and the place of each of its classes in the dataset.
struct Ranked {
    format: LabelFormat,
    labels: BTreeMap<usize, ImageLabels>,
    image_classes: BTreeMap<usize, String>,
    renumbered: BTreeSet<usize>,
    classes: Arc<[usize]>,
}

/// A dataset while it is assembled.
struct Building<'a> {
    dataset: Dataset,
    images: &'a [&'a str],
    splits: Vec<Option<super::Split>>,
    folders: &'a SplitFolders,
    /// Files whose bytes are not those of their text.
    unlike: BTreeSet<String>,
    /// The stems of label files that belong to no image for sure.
    orphaned: BTreeSet<String>,
    masks: BTreeMap<usize, Vec<MaskFile>>,
}

impl<'a> Building<'a> {
    /// Joins the classes of all formats by name; the format that covers most images comes first.
    fn take_harvests(&mut self, mut harvests: Vec<(LabelFormat, Harvest)>) -> Vec<Ranked> {
        let covered = |harvest: &Harvest| harvest.labels.len().max(harvest.image_classes.len());
        harvests.sort_by_key(|(_, harvest)| std::cmp::Reverse(covered(harvest)));
        let mut classes = Vec::new();
        let dataset = &mut self.dataset;
        let mut ranked = Vec::new();
        for (format, harvest) in harvests {
            dataset.problems.extend(harvest.problems);
            dataset.warnings.extend(harvest.warnings);
            if harvest.labels.is_empty() && harvest.image_classes.is_empty() {
                continue;
            }
            // Classes of images alone are no labels of objects.
            if dataset.format == LabelFormat::None && !harvest.labels.is_empty() {
                dataset.format = format;
            }
            dataset.holds.add(harvest.holds);
            dataset.fine |= harvest.fine;
            for (name, value) in harvest.extra {
                dataset.extra.entry(name).or_insert(value);
            }
            let classes = merge_classes(&mut classes, harvest.classes).into();
            let (labels, image_classes, renumbered) = (harvest.labels, harvest.image_classes, harvest.renumbered);
            ranked.push(Ranked { format, labels, image_classes, renumbered, classes });
        }
        dataset.classes = Arc::new(Classes(classes));
        ranked
    }

    /// Makes an item of every image but those that are left out.
    fn take_items(&mut self, mut ranked: Vec<Ranked>, unread: Vec<Unread>, leftover: &mut Leftover) {
        let labeled = self.dataset.format != LabelFormat::None;
        let masked = !self.masks.is_empty();
        let folder_classes = self.folder_classes(&ranked, &unread);
        let left_out = self.left_out(&folder_classes, &ranked, unread, leftover);
        let mut notes = Notes::default();
        for (at, by_folder) in folder_classes.into_iter().enumerate() {
            let stated = ranked.iter_mut().find_map(|ranked| ranked.image_classes.remove(&at));
            let stated = stated.map(|class| notes.as_folder(class));
            let labels = self.take_labels(at, &mut ranked, &mut notes);
            let is_lost = match &labels {
                // Its label file is a problem already.
                Some(source) => source.is_none(),
                None => left_out.contains(&at) || leftover.leaves_out(at, labeled),
            };
            let (name, split) = (self.images[at], self.splits[at].clone());
            if is_lost {
                self.dataset.lost_splits.insert(split);
                continue;
            }
            let masks = self.masks.remove(&at).unwrap_or_default();
            if labels.is_none() && masks.is_empty() && stated.is_none() {
                notes.bare.push(name);
            }
            let (class, source) = (stated.or(by_folder), labels.flatten());
            self.dataset.items.push(Item { name: name.to_owned(), class, masks, split, twin: 0, source });
        }
        leftover.note_bare(notes.bare.len());
        notes.tell(&mut self.dataset, masked);
    }

    /// The class of every image by its folder; a folder is none where a file has the labels, though it cannot be read.
    fn folder_classes(&self, ranked: &[Ranked], unread: &[Unread]) -> Vec<Option<String>> {
        let labels = |file: &Unread| {
            is_named_as_labels(&file.file) || file.images.as_ref().is_some_and(|images| !images.is_empty())
        };
        let by_folder = self.dataset.format == LabelFormat::None
            && !unread.iter().any(labels)
            && ranked.iter().all(|ranked| ranked.image_classes.is_empty());
        match by_folder {
            true if self.masks.len() * 2 <= self.images.len() => {
                folders::classes(self.images, &self.splits, self.folders)
            }
            true => folders::classes_of_masked(self.images, &self.masks, &self.splits, self.folders),
            false => vec![None; self.images.len()],
        }
    }

    /// The images without labels that would seem to show nothing, since a file that cannot be used has theirs.
    fn left_out(
        &mut self,
        folder_classes: &[Option<String>],
        ranked: &[Ranked],
        unread: Vec<Unread>,
        leftover: &mut Leftover,
    ) -> BTreeSet<usize> {
        let has_labels = |at: &usize| {
            folder_classes[*at].is_some()
                || self.masks.contains_key(at)
                || ranked.iter().any(|known| known.labels.contains_key(at) || known.image_classes.contains_key(at))
        };
        let without: BTreeSet<usize> = filled((0..self.images.len()).filter(|at| !has_labels(at)));
        let images = unread::Images::new(self.images, &self.splits, self.folders);
        let dataset = &mut self.dataset;
        let mut lost = unread::left_out(unread, &images, &without, dataset);
        if dataset.format != LabelFormat::None {
            lost.extend(leftover.takes_with_it(&images, &without));
            let meant = |at: &usize| self.orphaned.contains(&stem_of(self.images[*at]));
            let orphans: BTreeSet<usize> = filled(without.iter().copied().filter(meant));
            let names: Vec<&str> = orphans.difference(&lost).map(|at| self.images[*at]).collect();
            let what = "image(s) have no labels and the name of a label file that belongs to none, and are left out";
            dataset.warnings.extend(about(&names, what));
            lost.extend(orphans);
        }
        lost
    }

    /// The labels of an image in the first format that has some; nothing in the inner place for a file that cannot be read.
    fn take_labels(&self, at: usize, ranked: &mut [Ranked], notes: &mut Notes<'a>) -> Option<Option<Source>> {
        let name = self.images[at];
        let mut found = ranked.iter_mut().filter_map(|ranked| Some((ranked.labels.remove(&at)?, &*ranked)));
        let (labels, ranked) = found.next()?;
        if found.next().is_some() {
            notes.twice.push(name);
        }
        let ImageLabels::Labels { labels, objects, own_file } = labels else { return Some(None) };
        if ranked.format != self.dataset.format {
            notes.borrowed.push(name);
        }
        let unlike = own_file.as_ref().is_some_and(|file| self.unlike.contains(file));
        let rewrite = match ranked.renumbered.contains(&at) {
            true => Some(Rewrite::Numbers),
            false => unlike.then_some(Rewrite::Encoding),
        };
        let (format, classes) = (ranked.format, Arc::clone(&ranked.classes));
        Some(Some(Source { format, labels, classes, objects, own_file, rewrite }))
    }
}

/// What is said of images by their names.
#[derive(Default)]
struct Notes<'a> {
    /// Images without labels.
    bare: Vec<&'a str>,
    /// Images with labels of another format than the one that leads.
    borrowed: Vec<&'a str>,
    /// Images with labels in several formats.
    twice: Vec<&'a str>,
    /// Classes of images that no folder can be named after.
    renamed: BTreeSet<String>,
}

impl Notes<'_> {
    /// A class of an image as the name of a folder.
    fn as_folder(&mut self, class: String) -> String {
        let folder = folder_name(&class);
        if folder != class {
            self.renamed.insert(class);
        }
        folder
    }

    fn tell(self, dataset: &mut Dataset, masked: bool) {
        let renamed: Vec<&str> = self.renamed.iter().map(String::as_str).collect();
        let what = "class(es) of images have characters that no folder can have, which are replaced";
        dataset.warnings.extend(about(&renamed, what));
        if dataset.format != LabelFormat::None {
            let title = dataset.format.title();
            dataset.warnings.extend(about(&self.bare, "image(s) have no labels and are taken as showing no object"));
            let several = format!("image(s) are labeled in several formats; one of them is taken, {title} first");
            dataset.warnings.extend(about(&self.twice, &several));
            let other = format!("image(s) have no {title} labels, but those of another format, which are taken");
            dataset.warnings.extend(about(&self.borrowed, &other));
        } else if masked {
            dataset.warnings.extend(about(&self.bare, "image(s) have no mask"));
        }
    }
}

impl Dataset {
    pub(super) fn problem(&mut self, file: &str, error: Error) {
        self.problems.push(Problem::new(file, error));
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
