//! Looking through the records of a format: classes, what they hold, and which image each is about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Book, Drawn, MAX_JOINTS, ONLY_CLASS, Record, SketchLabels};
use crate::error::Error;
use crate::filled::filled;
use crate::formats::Holds;
use crate::formats::image_classes::ImageClasses;
use crate::formats::reader::{Harvest, ImageLabels, Survey};
use crate::labels::{Shape, mirror_by_name};

/// What the records of one format say, while they are gathered.
pub(in crate::formats) struct Gathering<'a> {
    survey: &'a Survey<'a>,
    /// Problems, warnings and splits go here directly.
    pub(in crate::formats) harvest: Harvest,
    records: BTreeMap<usize, (Vec<Record>, usize)>,
    /// Classes in the order in which a file lists them.
    listed: Vec<String>,
    /// The keypoints of each class, in the order of their first appearance; no name for objects that state no class.
    joints: BTreeMap<Option<String>, Vec<String>>,
    unnamed: usize,
    losses: BTreeMap<String, usize>,
    /// The classes of whole images.
    pub(in crate::formats) image_classes: ImageClasses,
    /// Whether images of which only a class is said have other fields that are kept.
    pub(in crate::formats) keeps_fields: bool,
    /// Whether records of one image may lie apart, as the rows of a table do.
    apart: bool,
}

impl<'a> Gathering<'a> {
    pub(in crate::formats) fn new(survey: &'a Survey<'a>) -> Self {
        Self {
            survey,
            harvest: Harvest::default(),
            records: BTreeMap::new(),
            listed: Vec::new(),
            joints: BTreeMap::new(),
            unnamed: 0,
            losses: BTreeMap::new(),
            image_classes: ImageClasses::default(),
            keeps_fields: false,
            apart: false,
        }
    }

    /// The same for a format of which the records of one image may lie apart.
    pub(in crate::formats) fn apart(mut self) -> Self {
        self.apart = true;
        self
    }

    /// A class that a file lists, with the keypoints of its objects: listed classes come first, in their order.
    pub(in crate::formats) fn list(&mut self, class: &str, keypoints: &[String]) {
        if !self.listed.iter().any(|known| known == class) {
            self.listed.push(class.to_owned());
        }
        let known = self.joints.entry(Some(class.to_owned())).or_default();
        if known.is_empty() {
            known.extend(keypoints.iter().take(MAX_JOINTS).cloned());
        }
    }

    /// Whether something is known of an image already.
    pub(in crate::formats) fn has(&self, image: usize) -> bool {
        self.records.contains_key(&image)
    }

    /// Counts something that is not kept as it is.
    pub(in crate::formats) fn lose(&mut self, what: &str, count: usize) {
        if count > 0 {
            *self.losses.entry(what.to_owned()).or_default() += count;
        }
    }

    /// Looks through a record of a file about an image.
    pub(in crate::formats) fn add(&mut self, file: &str, image: usize, record: Record) {
        let sketch = match record.sketch(self.survey.limits) {
            Ok(sketch) => sketch,
            Err(error) => {
                let name = self.survey.images[image];
                let error = Error::new(error.kind(), format!("{}; its image {name} is left out", error.message()));
                self.harvest.problem(file, error);
                self.harvest.labels.insert(image, ImageLabels::Broken);
                return;
            }
        };
        for (what, count) in &sketch.losses {
            self.lose(what, *count);
        }
        self.harvest.fine |= sketch.fine;
        let (records, objects) = self.records.entry(image).or_default();
        records.push(record);
        *objects += sketch.drawn.len();
        for drawn in sketch.drawn.iter().flatten() {
            self.look(drawn);
        }
        if let Some(classes) = sketch.classes {
            self.image_classes.add(image, classes);
        }
    }

    fn look(&mut self, drawn: &Drawn) {
        let Drawn { class, object, packed, joints } = drawn;
        self.unnamed += usize::from(class.is_none());
        // Most objects are of a class that is known, and need no copy of its name.
        if !self.joints.contains_key(class) {
            self.joints.insert(class.clone(), Vec::new());
        }
        let known = self.joints.entry(class.clone()).or_default();
        let mut too_many = 0;
        for (name, _) in joints {
            if !known.contains(name) {
                if known.len() < MAX_JOINTS { known.push(name.clone()) } else { too_many += 1 }
            }
        }
        self.lose("keypoint(s) are left out, since their class has too many names of keypoints", too_many);
        let oriented = matches!(object.shape, Some(Shape::Oriented(_)));
        let jointed = !joints.is_empty() || !object.keypoints.is_empty();
        let bounded = object.bbox.is_some() || object.shape.is_some() || !packed.is_empty();
        self.harvest.holds.add(Holds {
            shapes: !packed.is_empty() || (object.shape.is_some() && !oriented),
            oriented,
            keypoints: object.keypoints.len(),
            points: usize::from(jointed && !bounded),
            visibility: jointed,
            extras: !object.extra.is_empty(),
            ..Holds::default()
        });
    }

    /// The labels of images. Classes that no file lists come in the order of their names, numbers first.
    pub(in crate::formats) fn finish(self) -> Harvest {
        let mut harvest = self.harvest;
        let mut book = Book::default();
        let listed: BTreeSet<&String> = filled(self.listed.iter());
        let mut others: Vec<Option<String>> =
            self.joints.keys().flatten().filter(|class| !listed.contains(class)).cloned().map(Some).collect();
        others.sort_by_key(|name| name.as_ref().and_then(|name| name.parse::<u64>().ok()).unwrap_or(u64::MAX));
        if listed.is_empty() && others.is_empty() && self.unnamed > 0 {
            others.push(None);
            harvest.warnings.push(format!("no object has a class: all {} are taken for `{ONLY_CLASS}`", self.unnamed));
        }
        for class in self.listed.iter().cloned().map(Some).chain(others) {
            let at = harvest.class(class.as_deref().unwrap_or(ONLY_CLASS));
            let joints = self.joints.get(&class).cloned().unwrap_or_default();
            harvest.holds.keypoints = harvest.holds.keypoints.max(joints.len());
            harvest.classes[at].mirror = mirror_by_name(&joints);
            harvest.classes[at].keypoints.clone_from(&joints);
            book.0.insert(class, (at, joints));
        }
        let several = self.records.values().filter(|(records, _)| records.len() > 1).count();
        if several > 0 && !self.apart {
            harvest.warnings.push(format!("{several} image(s) are listed several times; their labels are merged"));
        }
        harvest.warnings.extend(self.losses.iter().map(|(what, count)| format!("{count} {what}")));
        let lists_classes = self.image_classes.settle(&mut harvest);
        let book = Arc::new(book);
        for (image, (records, objects)) in self.records {
            // A class of the whole image is all that is said of it.
            if objects == 0 && !self.keeps_fields && harvest.image_classes.contains_key(&image) {
                continue;
            }
            let (book, limits) = (Arc::clone(&book), *self.survey.limits);
            let labels = Arc::new(SketchLabels { records, book, limits, lists_classes });
            harvest.labels.entry(image).or_insert(ImageLabels::Labels { labels, objects, own_file: None });
        }
        harvest
    }
}
