//! YOLO files of an input.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Found, left_out};
use crate::error::{Error, ErrorKind};
use crate::formats::detect::{Reader, Sorted, merge_classes};
use crate::formats::names::partners;
use crate::formats::yolo::{YoloConfig, YoloLabels, looks_like_labels, names_from_list, parse_yaml, scan};
use crate::formats::{Dataset, Holds, Source};
use crate::labels::Class;
use crate::limits::Limits;

const FOLDERS: [&str; 2] = ["labels", "annotations"];

/// YOLO files by image.
#[derive(Debug, Default)]
pub(in crate::formats) struct YoloFound {
    /// The text for an image; `None` when its file cannot be read.
    pub(in crate::formats) labels: BTreeMap<usize, Option<Arc<str>>>,
    config: YoloConfig,
    classes: usize,
    shapes: bool,
}

impl YoloFound {
    /// Reads the text files that lie where labels do.
    pub(in crate::formats) fn gather(sorted: &Sorted<'_>, reader: &mut Reader<'_>) -> Self {
        let mut found = Self { config: config(sorted, reader), ..Self::default() };
        let of = partners(&sorted.images, &sorted.text, &FOLDERS, "");
        let mut images: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (image, file) in of.iter().enumerate() {
            if let Some(file) = file {
                images.entry(*file).or_default().push(image);
            }
        }
        let (mut others, mut orphans) = (Vec::new(), Vec::new());
        for (at, &name) in sorted.text.iter().enumerate() {
            let in_labels = in_label_folder(name);
            let Some(images) = images.remove(&at) else {
                if in_labels {
                    orphans.push(name);
                } else {
                    others.push(name);
                }
                continue;
            };
            let text = reader.text(name);
            if !in_labels && text.as_ref().is_ok_and(|text| !looks_like_labels(text)) {
                others.push(name);
                continue;
            }
            let scanned = text.and_then(|text| Ok((scan(&text, &found.config, reader.limits.max_objects)?, text)));
            match scanned {
                Ok((scan, text)) => {
                    found.classes = found.classes.max(scan.classes);
                    found.shapes |= scan.shapes;
                    let text: Arc<str> = text.into();
                    found.labels.extend(images.iter().map(|image| (*image, Some(Arc::clone(&text)))));
                }
                Err(error) => {
                    let error = images.first().map_or(error.clone(), |image| left_out(&error, sorted.images[*image]));
                    reader.dataset.problem(name, error);
                    found.labels.extend(images.iter().map(|image| (*image, None)));
                }
            }
        }
        for name in orphans {
            reader.dataset.problem(name, Error::new(ErrorKind::Label, "label without image"));
        }
        // Beside labels that were found, a text of numbers without image is a label, too.
        let (lost, others): (Vec<&str>, Vec<&str>) = others
            .into_iter()
            .partition(|name| !found.labels.is_empty() && reader.text(name).is_ok_and(|text| is_label_line(&text)));
        for name in lost {
            reader.dataset.problem(name, Error::new(ErrorKind::Label, "label without image"));
        }
        reader.dataset.warn_about(&others, "text file(s) belong to no image or hold no labels and are left out");
        found
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
        let config = Arc::new(self.config);
        let named: Vec<Class> = if config.names.is_empty() {
            (0..self.classes).map(|number| config.class(&number.to_string())).collect()
        } else {
            config.names.iter().map(|name| config.class(name)).collect()
        };
        if config.names.is_empty() && self.classes > 0 {
            dataset.warnings.push("no data.yaml or classes.txt names the classes; they go by their numbers".to_owned());
        }
        let places = Arc::new(merge_classes(classes, named));
        let (keypoints, dims) = config.keypoints.unwrap_or_default();
        dataset.holds.add(Holds { shapes: self.shapes, keypoints, visibility: dims == 3, extras: false });
        let labels = |text: Option<Arc<str>>| match text {
            None => Found::Broken,
            Some(text) => {
                let (config, classes) = (Arc::clone(&config), Arc::clone(&places));
                let max_objects = limits.max_objects;
                Found::Labels(Source::Yolo(Arc::new(YoloLabels { text, config, classes, max_objects })))
            }
        };
        self.labels.into_iter().map(|(image, text)| (image, labels(text))).collect()
    }
}

fn in_label_folder(name: &str) -> bool {
    name.split('/').rev().skip(1).any(|folder| folder.eq_ignore_ascii_case("labels"))
}

/// Whether a text begins with a class and at least a box.
fn is_label_line(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty());
    first.is_some_and(|line| line.split_whitespace().count() >= 5) && looks_like_labels(text)
}

/// What the dataset says of itself: the YAML file nearest to the root, else the first list of names.
fn config(sorted: &Sorted<'_>, reader: &mut Reader<'_>) -> YoloConfig {
    let by_depth = |names: &[&str]| {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort_by_key(|name| name.matches('/').count());
        names
    };
    let (mut chosen, mut left_out) = (None, Vec::new());
    for name in by_depth(&sorted.yaml) {
        match reader.text(&name).and_then(|text| parse_yaml(&text)) {
            Ok(Some(config)) if chosen.is_none() => chosen = Some(config),
            Ok(Some(config)) => {
                if chosen.as_ref() != Some(&config) {
                    left_out.push(name);
                }
            }
            Ok(None) => {}
            Err(error) => reader.dataset.problem(&name, error),
        }
    }
    let listed: Vec<&str> = left_out.iter().map(String::as_str).collect();
    reader.dataset.warn_about(&listed, "further YAML file(s) describe the classes otherwise and are left out");
    let mut config = chosen.unwrap_or_default();
    for name in by_depth(&sorted.lists) {
        if !config.names.is_empty() {
            break;
        }
        match reader.text(&name) {
            Ok(text) => config.names = names_from_list(&text),
            Err(error) => reader.dataset.problem(&name, error),
        }
    }
    config
}
