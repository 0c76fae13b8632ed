//! COCO files of an input.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Found;
use crate::error::{Error, ErrorKind};
use crate::formats::coco::{CocoFile, CocoLabels, CocoText, LabelPart, index};
use crate::formats::detect::{Reader, Sorted, fill, merge_classes};
use crate::formats::names::ImageFinder;
use crate::formats::{ABSENT_IMAGE, Dataset, Holds, Source};
use crate::labels::Class;
use crate::limits::Limits;

/// COCO files and, by image, what each says of it.
#[derive(Debug, Default)]
pub(in crate::formats) struct CocoFound {
    files: Vec<(String, CocoFile)>,
    /// For an image the files and the entries in them.
    pub(in crate::formats) labels: BTreeMap<usize, Vec<(usize, usize)>>,
}

impl CocoFound {
    /// Reads every JSON file.
    pub(in crate::formats) fn gather(sorted: &Sorted<'_>, reader: &mut Reader<'_>) -> Self {
        let mut found = Self::default();
        let finder = ImageFinder::new(&sorted.images);
        let mut others = Vec::new();
        for &name in &sorted.json {
            match reader.text(name).and_then(|text| Ok((index(&text)?, text))) {
                Ok((Some(mut file), text)) => {
                    for warning in std::mem::take(&mut file.warnings) {
                        reader.dataset.warnings.push(format!("{name}: {warning}"));
                    }
                    found.add(name, text, file, &finder, reader);
                }
                Ok((None, _)) => others.push(name),
                Err(error) => reader.dataset.problem(name, error),
            }
        }
        reader.dataset.warn_about(&others, "JSON file(s) are no COCO labels and are left out");
        let several = found.labels.values().filter(|entries| entries.len() > 1).count();
        if several > 0 {
            reader.dataset.warnings.push(format!(
                "{several} image(s) are listed several times; their annotations are put together, those of one id, category and box as one"
            ));
        }
        found
    }

    fn add(&mut self, name: &str, text: String, file: CocoFile, finder: &ImageFinder<'_>, reader: &mut Reader<'_>) {
        let at = self.files.len();
        for (entry, image) in file.images.iter().enumerate() {
            let fail = |why: &str| Error::new(ErrorKind::Label, format!("{why}: {}", image.file_name));
            match finder.find(&image.file_name, name) {
                None => reader.dataset.problem(name, fail(ABSENT_IMAGE)),
                Some(_) if image.id_taken => {
                    reader
                        .dataset
                        .problem(name, fail("it lists an image under another's id, so its labels are unknown"));
                }
                Some(found) => self.labels.entry(found).or_default().push((at, entry)),
            }
        }
        self.files.push((text, file));
    }

    /// The labels of images, their classes added to those of the dataset.
    pub(in crate::formats) fn resolve(
        self,
        classes: &mut Vec<Class>,
        dataset: &mut Dataset,
        limits: &Limits,
    ) -> BTreeMap<usize, Found> {
        if self.labels.is_empty() {
            return BTreeMap::new();
        }
        // All categories of all files, by name; those of one file stay apart.
        let mut union: Vec<Class> = Vec::new();
        let mut ids: Vec<Vec<(Option<i64>, usize)>> = Vec::new();
        let mut files = Vec::new();
        for (text, mut file) in self.files {
            let (file_ids, named): (Vec<Option<i64>>, Vec<Class>) =
                std::mem::take(&mut file.categories).into_iter().unzip();
            let places = merge_into(&mut union, named);
            ids.push(file_ids.into_iter().zip(places).collect());
            for (name, value) in std::mem::take(&mut file.extra) {
                dataset.extra.entry(name).or_insert(value);
            }
            let CocoFile { shapes, keypoints, extras, fine, .. } = file;
            dataset.fine |= fine;
            dataset.holds.add(Holds { shapes, keypoints, visibility: true, extras });
            files.push((text, file));
        }
        let mut order: Vec<usize> = (0..union.len()).collect();
        order.sort_by_key(|at| (union[*at].id.is_none(), union[*at].id));
        let sorted = order.iter().map(|at| std::mem::take(&mut union[*at])).collect();
        let mut place = vec![0; order.len()];
        for (at, merged) in order.iter().zip(merge_classes(classes, sorted)) {
            place[*at] = merged;
        }
        let texts: Vec<(Arc<CocoText>, CocoFile)> = files
            .into_iter()
            .zip(ids)
            .map(|((text, file), ids)| {
                // Of categories with one id the first is meant.
                let categories = ids.iter().rev().filter_map(|(id, at)| Some(((*id)?, place[*at]))).collect();
                (Arc::new(CocoText { text, categories }), file)
            })
            .collect();
        let part = |(file, entry): (usize, usize)| {
            let (text, file) = &texts[file];
            let entry = &file.images[entry];
            LabelPart { file: Arc::clone(text), image: entry.range.clone(), annotations: entry.annotations.clone() }
        };
        let labels = |entries: Vec<(usize, usize)>| CocoLabels {
            parts: entries.into_iter().map(part).collect(),
            max_objects: limits.max_objects,
        };
        self.labels
            .into_iter()
            .map(|(image, entries)| (image, Found::Labels(Source::Coco(Arc::new(labels(entries))))))
            .collect()
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
