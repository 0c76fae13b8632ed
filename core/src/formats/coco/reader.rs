//! COCO files of an input.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{CocoFile, CocoLabels, CocoText, LabelPart, index, together};
use crate::error::{Error, ErrorKind};
use crate::formats::detect::{fill, merge_classes};
use crate::formats::layout::split_in;
use crate::formats::reader::{Found, Harvest, Head, Reader, Survey, TextFile};
use crate::formats::{Holds, LabelFormat, layout};
use crate::labels::Class;

/// Reads COCO.
pub(in crate::formats) struct CocoReader;

/// COCO files and, by image, what each says of it.
#[derive(Debug, Default)]
struct Gathered {
    files: Vec<(Arc<str>, CocoFile)>,
    /// For an image the files and the entries in them.
    labels: BTreeMap<usize, Vec<(usize, usize)>>,
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
                Ok(Some(mut file)) => {
                    for warning in std::mem::take(&mut file.warnings) {
                        found.harvest.warnings.push(format!("{name}: {warning}"));
                    }
                    found.add(name, Arc::clone(text), file, survey);
                }
                Ok(None) => others.push(name.as_str()),
                Err(error) => found.harvest.problem(name, error),
            }
        }
        found.harvest.warn_about(&others, "JSON file(s) are no COCO labels and are left out");
        found.tell_detections(&detections);
        found.resolve(survey.limits.max_objects)
    }
}

fn is_dataset(file: &TextFile) -> bool {
    file.has_keys(&["images", "annotations"])
}

/// Whether a file is a list of what a model found, as COCO's evaluation reads it.
fn is_detections(file: &TextFile) -> bool {
    let is_list = matches!(file.head, Head::Json { list: true, .. });
    is_list
        && file.has_keys(&["image_id"])
        && ["bbox", "segmentation", "keypoints"].iter().any(|key| file.has_keys(&[key]))
}

impl Gathered {
    fn add(&mut self, name: &str, text: Arc<str>, file: CocoFile, survey: &Survey<'_>) {
        let at = self.files.len();
        let mut absent = Vec::new();
        let mut images = BTreeSet::new();
        for (entry, image) in file.images.iter().enumerate() {
            match survey.finder.find(&image.file_name, name) {
                None => absent.push(image.file_name.as_str()),
                Some(_) if image.id_taken => {
                    let why = "it lists an image under another's id, so its labels are unknown";
                    let error = Error::new(ErrorKind::Label, format!("{why}: {}", image.file_name));
                    self.harvest.problem(name, error);
                }
                Some(found) => {
                    images.insert(found);
                    self.labels.entry(found).or_default().push((at, entry));
                }
            }
        }
        self.harvest.absent(name, &absent);
        if let Some(split) = split_in(layout::base(name)) {
            self.harvest.splits.push((split, images));
        }
        self.files.push((text, file));
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
        let mut differ = 0;
        for (image, entries) in self.labels {
            let parts: Vec<LabelPart> = entries.into_iter().map(part).collect();
            let objects = match &parts[..] {
                [part] => part.annotations.len(),
                parts => {
                    let said = together(parts);
                    differ += usize::from(said.differ);
                    said.objects
                }
            };
            let labels = Arc::new(CocoLabels { parts, max_objects });
            harvest.labels.insert(image, Found::Labels { labels, objects, own_file: None });
        }
        if differ > 0 {
            harvest.warnings.push(format!(
                "{differ} image(s) are listed several times with different annotations, which are put together, those of one id, category and box as one"
            ));
        }
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
