//! CVAT for images 1.1: one XML file for all images; coordinates in continuous pixels, angles in degrees clockwise.

mod index;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use index::{CvatFile, index};
use shapes::Cvat;

use super::layout::base;
use super::reader::{Harvest, Head, Reader, Said, Survey, TextFile};
use super::sketch::{Gathering, Notation, Record};
use super::unread::is_named_as_labels;
use super::{LabelFormat, Split};
use crate::error::{Error, ErrorKind};

/// Reads CVAT for images 1.1.
pub(super) struct CvatReader;

impl Reader for CvatReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Cvat
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        let of_cvat = || ["<image", "<track", "<meta"].iter().any(|tag| file.text.contains(tag));
        matches!(&file.head, Head::Xml { root } if root == "annotations")
            && (of_cvat() || is_named_as_labels(base(&file.name)))
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut gathering = Gathering::new(survey);
        let notation: Arc<dyn Notation> = Arc::new(Cvat);
        let mut bones = BTreeMap::new();
        for file in &files {
            match index(&file.text) {
                Ok(found) if found.images.is_empty() => gathering.harvest.unread(&file.name, no_images(&found)),
                Ok(found) => {
                    for label in &found.labels {
                        gathering.list(&label.name, &label.keypoints);
                        bones.entry(label.name.clone()).or_insert_with(|| label.bones.clone());
                    }
                    find(file, &found, survey, &notation, &mut gathering);
                }
                Err(error) => gathering.harvest.unread(&file.name, error),
            }
        }
        let mut harvest = gathering.finish();
        for class in &mut harvest.classes {
            class.skeleton = bones.remove(&class.name).unwrap_or_default();
        }
        harvest
    }
}

fn no_images(file: &CvatFile) -> Error {
    let why = if file.tracks > 0 {
        format!("it holds {} track(s) of a video, not images: export the task as CVAT for images", file.tracks)
    } else {
        "it lists no image".to_owned()
    };
    Error::new(ErrorKind::Label, why)
}

/// Finds the images of the input that a file speaks of.
fn find(
    file: &TextFile,
    found: &CvatFile,
    survey: &Survey<'_>,
    notation: &Arc<dyn Notation>,
    gathering: &mut Gathering<'_>,
) {
    let mut splits: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut absent = Vec::new();
    for entry in &found.images {
        let said = Said { split: entry.subset.as_deref(), size: entry.size, ..Said::default() };
        let Some(image) = survey.find_said(&entry.name, &file.name, &said) else {
            absent.push(entry.name.as_str());
            continue;
        };
        let range = entry.range.clone();
        let record = Record { text: Arc::clone(&file.text), range, notation: Arc::clone(notation) };
        gathering.add(&file.name, image, record);
        if let Some(subset) = &entry.subset {
            splits.entry(subset).or_default().insert(image);
        }
    }
    let harvest = &mut gathering.harvest;
    harvest.absent(&file.name, &absent);
    harvest.splits.extend(splits.into_iter().map(|(subset, images)| (Split::named(subset), images)));
}
