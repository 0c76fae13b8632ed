//! VOC files of an input.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Found, left_out};
use crate::error::{Error, ErrorKind};
use crate::formats::detect::{Reader, Sorted, merge_classes};
use crate::formats::names::partners;
use crate::formats::{Dataset, Holds, Source, voc};
use crate::labels::Class;
use crate::limits::Limits;

const FOLDERS: [&str; 4] = ["annotations", "annotation", "labels", "xml"];

/// VOC files by image.
#[derive(Debug, Default)]
pub(in crate::formats) struct VocFound {
    /// The text for an image; `None` when its file cannot be read.
    pub(in crate::formats) labels: BTreeMap<usize, Option<Arc<str>>>,
    classes: BTreeSet<String>,
    extras: bool,
}

impl VocFound {
    /// Reads every XML file.
    pub(in crate::formats) fn gather(sorted: &Sorted<'_>, reader: &mut Reader<'_>) -> Self {
        let mut found = Self::default();
        let of = partners(&sorted.images, &sorted.xml, &FOLDERS, "");
        let mut images: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (image, file) in of.iter().enumerate() {
            if let Some(file) = file {
                images.entry(*file).or_default().push(image);
            }
        }
        let mut others = Vec::new();
        for (at, &name) in sorted.xml.iter().enumerate() {
            let images = images.remove(&at).unwrap_or_default();
            let limit = reader.limits.max_objects;
            let text = reader.text(name).and_then(|text| Ok((voc::scan(&text, limit)?, text)));
            match text {
                Ok((None, _)) => others.push(name),
                Ok((Some(_), _)) if images.is_empty() => {
                    reader.dataset.problem(name, Error::new(ErrorKind::Label, "label without image"));
                }
                Ok((Some(mut scan), text)) => {
                    found.classes.append(&mut scan.classes);
                    found.extras |= scan.extras;
                    let text: Arc<str> = text.into();
                    found.labels.extend(images.iter().map(|image| (*image, Some(Arc::clone(&text)))));
                }
                Err(error) => {
                    let image = images.first().map(|image| sorted.images[*image]);
                    let error = image.map_or(error.clone(), |image| left_out(&error, image));
                    reader.dataset.problem(name, error);
                    found.labels.extend(images.iter().map(|image| (*image, None)));
                }
            }
        }
        reader.dataset.warn_about(&others, "XML file(s) are no annotations and are left out");
        found
    }

    /// The labels of images, their classes added to those of the dataset.
    pub(in crate::formats) fn resolve(
        self,
        classes: &mut Vec<Class>,
        dataset: &mut Dataset,
        limits: &Limits,
    ) -> BTreeMap<usize, Found> {
        let named = self.classes.iter().map(|name| Class::named(name.as_str())).collect();
        let places = merge_classes(classes, named);
        let by_name: Arc<BTreeMap<String, usize>> = Arc::new(self.classes.into_iter().zip(places).collect());
        dataset.holds.add(Holds { extras: self.extras, ..Holds::default() });
        let labels = |text: Option<Arc<str>>| match text {
            None => Found::Broken,
            Some(text) => {
                let classes = Arc::clone(&by_name);
                Found::Labels(Source::Voc(Arc::new(voc::VocLabels { text, classes, max_objects: limits.max_objects })))
            }
        };
        self.labels.into_iter().map(|(image, text)| (image, labels(text))).collect()
    }
}
