//! Classes of whole images, as tags, tables and choices state them: one for each image, or several.

use std::collections::BTreeMap;

use super::reader::Harvest;

/// The field of an image that lists its classes, where images have several.
pub(super) const CLASSES: &str = "classes";

/// The classes of images.
#[derive(Debug, Default)]
pub(super) struct ImageClasses {
    of: BTreeMap<usize, Vec<String>>,
    /// Classes in an order that their source gives.
    order: Vec<String>,
    /// Whether images could have several, as the columns of Roboflow's `_classes.csv` say, though each has one.
    pub(super) several: bool,
}

impl ImageClasses {
    /// Notes the next class of those that the source lists.
    pub(super) fn order(&mut self, class: &str) {
        self.order.push(class.to_owned());
    }

    /// Adds the classes that are stated of an image, be it none.
    pub(super) fn add(&mut self, image: usize, classes: Vec<String>) {
        let known = self.of.entry(image).or_default();
        for class in classes {
            if !known.contains(&class) {
                known.push(class);
            }
        }
    }

    /// Gives each image its class where every one has exactly one, unless it could have several. Else the classes are to be listed with each image,
    /// of which this tells.
    pub(super) fn settle(&self, harvest: &mut Harvest) -> bool {
        if !self.several && self.of.values().all(|classes| classes.len() == 1) {
            let single = self.of.iter().filter_map(|(image, classes)| Some((*image, classes.first()?.clone())));
            harvest.image_classes.extend(single);
            return false;
        }
        harvest.holds.classes += self.of.len();
        for class in self.order.iter().chain(self.of.values().flatten()) {
            harvest.class(class);
        }
        true
    }
}
