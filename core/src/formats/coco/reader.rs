//! COCO files of an input.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::index::{CocoFile, ImageEntry, index};
use super::labels::{CocoLabels, CocoText, LabelPart};
use crate::error::{Error, ErrorKind};
use crate::filled::filled;
use crate::formats::detect::{fill, merge_classes};
use crate::formats::layout::split_in;
use crate::formats::reader::{Harvest, Head, ImageLabels, Reader, Said, Survey, TextFile, Unread};
use crate::formats::{Holds, LabelFormat, Split, layout};
use crate::labels::Class;

/// Reads COCO.
pub(in crate::formats) struct CocoReader;

/// COCO files and, by image, what each says of it.
#[derive(Debug, Default)]
struct Gathered {
    files: Vec<(Arc<str>, CocoFile)>,
    /// For an image the files and the entries in them.
    labels: BTreeMap<usize, Vec<(usize, usize)>>,
    /// Images that a file lists without annotations: the file and the entry in it.
    listed: BTreeMap<usize, (usize, usize)>,
    harvest: Harvest,
}

impl Reader for CocoReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Coco
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        is_dataset(file) || is_detections(file)
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut found = Gathered::default();
        let mut others = Vec::new();
        let (datasets, detections): (Vec<TextFile>, Vec<TextFile>) = files.into_iter().partition(is_dataset);
        for TextFile { name, text, .. } in &datasets {
            match index(text) {
                Ok(Some(file)) if file.images.is_empty() => found.take_empty(name, &file),
                Ok(Some(mut file)) => {
                    for warning in std::mem::take(&mut file.warnings) {
                        found.harvest.warnings.push(format!("{name}: {warning}"));
                    }
                    found.add(name, Arc::clone(text), file, survey);
                }
                Ok(None) => others.push(name.as_str()),
                Err(error) => found.harvest.unread(name, error),
            }
        }
        found.harvest.warn_about(&others, "JSON file(s) are no COCO labels and are left out");
        found.tell_detections(&detections);
        found.resolve(survey.limits.max_objects)
    }
}

fn is_dataset(file: &TextFile) -> bool {
    file.has_keys(&["images", "annotations"]) || is_list_of_images(file)
}

/// Whether a file lists images without annotations, as `image_info_test2017.json` does.
fn is_list_of_images(file: &TextFile) -> bool {
    let is_list = matches!(file.head, Head::Json { list: false, .. }) && file.has_keys(&["images"]);
    is_list
        && !file.has_keys(&["annotations"])
        && ["info", "licenses", "categories"].iter().any(|key| file.has_keys(&[key]))
        && ["\"file_name\"", "\"coco_url\""].iter().any(|key| file.text.contains(key))
}

/// Whether a file is of images whose annotations are not given away: those of a test split.
fn is_of_test(name: &str) -> bool {
    let base = layout::base(name);
    split_in(base).or_else(|| layout::folders(name).filter_map(|name| layout::folder(name).split).last())
        == Some(Split::Test)
        || base.starts_with("image_info")
        || base.contains("unlabeled")
}

/// Whether a file is a list of what a model found, as COCO's evaluation reads it.
fn is_detections(file: &TextFile) -> bool {
    let is_list = matches!(file.head, Head::Json { list: true, .. });
    is_list
        && file.has_keys(&["image_id"])
        && ["bbox", "segmentation", "keypoints"].iter().any(|key| file.has_keys(&[key]))
}

/// Why the annotations of a file cannot be used.
fn unusable(file: &CocoFile, is_of_test: bool) -> Option<String> {
    if let Some([id, first, second]) = &file.doubled {
        return Some(format!(
            "two categories have the id {id} ({first}, {second}), so the class of their objects is unknown: give each an \
             id of its own"
        ));
    }
    (file.without_annotations && !is_of_test).then(|| {
        "it lists images but has no `annotations`: export it again, with an empty list where no image shows an object"
            .to_owned()
    })
}

impl Gathered {
    fn add(&mut self, name: &str, text: Arc<str>, file: CocoFile, survey: &Survey<'_>) {
        let at = self.files.len();
        let mut absent = Vec::new();
        let mut images = BTreeSet::new();
        let mut found = Vec::new();
        let said = |image: &ImageEntry| Said { size: image.size, ..Said::default() };
        let named: Vec<Option<usize>> =
            file.images.iter().map(|image| survey.meant(&image.file_name, name, &said(image))).collect();
        let own: BTreeSet<usize> = filled(named.iter().flatten().copied());
        for (entry, (image, named)) in file.images.iter().zip(named).enumerate() {
            // The image of another ending is not meant where it is listed by its own name.
            let other = || survey.other_ending(&image.file_name, name, &own);
            match named.or_else(other) {
                None => absent.push(image.file_name.as_str()),
                Some(at) if image.id_taken => {
                    let why = "it lists an image under another's id, so its labels are unknown";
                    let error = Error::new(ErrorKind::Label, format!("{why}: {}", image.file_name));
                    self.harvest.problem(name, error);
                    self.harvest.labels.insert(at, ImageLabels::Broken);
                }
                Some(image) => {
                    images.insert(image);
                    found.push((image, entry));
                }
            }
        }
        let is_of_test = is_of_test(name);
        if file.without_annotations && is_of_test {
            if !absent.is_empty() {
                let what = format!("image(s) that {name} lists are not in the input");
                self.harvest.warn_about(&absent, &what);
            }
        } else {
            self.harvest.absent(name, &absent);
        }
        if let Some(split) = split_in(layout::base(name)) {
            self.harvest.splits.push((split, images.clone()));
        }
        if let Some(why) = unusable(&file, is_of_test) {
            return self.harvest.unread_of(name, Error::new(ErrorKind::Label, why), images);
        }
        for (image, entry) in found {
            if file.without_annotations {
                self.listed.entry(image).or_insert((at, entry));
            } else {
                self.labels.entry(image).or_default().push((at, entry));
            }
        }
        self.files.push((text, file));
    }

    /// Notes a file that lists no image, as one that cannot be read; a failure where images lack labels.
    fn take_empty(&mut self, name: &str, file: &CocoFile) {
        self.harvest.warnings.extend(file.warnings.iter().map(|warning| format!("{name}: {warning}")));
        let error = Error::new(ErrorKind::Label, "it lists no image: export the labels again, or remove it");
        self.harvest.unread.push(Unread { file: name.to_owned(), error, images: None, empty: true });
    }

    /// Says of lists of detections that they are none of labels: a failure where there is nothing else.
    fn tell_detections(&mut self, detections: &[TextFile]) {
        let names: Vec<&str> = detections.iter().map(|file| file.name.as_str()).collect();
        let [first, ..] = names[..] else { return };
        if !self.files.is_empty() {
            return self.harvest.warn_about(&names, "list(s) of detections are no labels and are left out");
        }
        let why = "it is a list of detections without images and classes, no dataset: give the COCO file that it was made for";
        self.harvest.problem(first, Error::new(ErrorKind::Label, why));
    }

    /// The labels of images, their classes in the order of their ids.
    fn resolve(self, max_objects: usize) -> Harvest {
        let mut harvest = self.harvest;
        // All categories of all files, by name; those of one file stay apart.
        let mut union: Vec<Class> = Vec::new();
        let mut ids: Vec<Vec<(Option<String>, usize)>> = Vec::new();
        let mut files = Vec::new();
        for (text, mut file) in self.files {
            let (file_ids, named): (Vec<Option<String>>, Vec<Class>) =
                std::mem::take(&mut file.categories).into_iter().unzip();
            let places = merge_into(&mut union, named);
            ids.push(file_ids.into_iter().zip(places).collect());
            for (name, value) in std::mem::take(&mut file.extra) {
                harvest.extra.entry(name).or_insert(value);
            }
            let CocoFile { shapes, oriented, keypoints, points, extras, fine, .. } = file;
            harvest.fine |= fine;
            harvest.holds.add(Holds {
                shapes,
                oriented,
                keypoints,
                points,
                visibility: true,
                extras,
                ..Holds::default()
            });
            files.push((text, file));
        }
        let mut order: Vec<usize> = (0..union.len()).collect();
        order.sort_by_key(|at| (union[*at].id.is_none(), union[*at].id));
        let sorted = order.iter().map(|at| std::mem::take(&mut union[*at])).collect();
        let mut place = vec![0; order.len()];
        for (at, merged) in order.iter().zip(merge_classes(&mut harvest.classes, sorted)) {
            place[*at] = merged;
        }
        let texts: Vec<(Arc<CocoText>, CocoFile)> = files
            .into_iter()
            .zip(ids)
            .map(|((text, file), ids)| {
                // Of categories with one id the first is meant.
                let categories = ids.into_iter().rev().filter_map(|(id, at)| Some((id?, place[at]))).collect();
                (Arc::new(CocoText { text, categories }), file)
            })
            .collect();
        let part = |(file, entry): (usize, usize)| {
            let (text, file) = &texts[file];
            let entry = &file.images[entry];
            let (annotations, beside) = (entry.annotations.clone(), entry.beside.clone());
            LabelPart { file: Arc::clone(text), image: entry.range.clone(), annotations, beside }
        };
        // Images that are listed alone show what is known of them where other files have labels.
        let mut entries = self.labels;
        if !entries.is_empty() {
            for (image, entry) in self.listed {
                entries.entry(image).or_insert_with(|| vec![entry]);
            }
        }
        let (mut merged, mut doubled) = (0, 0);
        for (image, entries) in entries {
            let parts: Vec<LabelPart> = entries.into_iter().map(part).collect();
            let most = parts.iter().map(|part| part.annotations.len()).max().unwrap_or(0);
            let labels = CocoLabels { parts, max_objects };
            let count = labels.count();
            merged += usize::from(count.objects > most);
            doubled += count.doubled;
            let labels = Arc::new(labels);
            harvest.labels.insert(image, ImageLabels::Labels { labels, objects: count.objects, own_file: None });
        }
        let mut say = |count: usize, what: &str| {
            if count > 0 {
                harvest.warnings.push(format!("{count} {what}"));
            }
        };
        say(merged, "image(s) have annotations in several files, which are merged");
        say(
            doubled,
            "annotation(s) are in several files under different ids, with one category, box and outline, and count once",
        );
        harvest
    }
}

/// As [`merge_classes`], but only where the ids do not speak against it.
fn merge_into(union: &mut Vec<Class>, classes: Vec<Class>) -> Vec<usize> {
    let known = union.len();
    let place = |class: Class| match union[..known].iter().position(|other| other.name == class.name) {
        Some(at) => {
            fill(&mut union[at], class);
            at
        }
        None => {
            union.push(class);
            union.len() - 1
        }
    };
    classes.into_iter().map(place).collect()
}
