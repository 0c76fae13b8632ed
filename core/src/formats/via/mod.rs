//! VGG Image Annotator: its annotations and projects of versions 1, 2 and 3, in continuous pixels.

mod project;
mod region;
mod rows;
mod third;
mod third_rows;

use std::collections::BTreeSet;
use std::sync::Arc;

use project::{Entry, Regions};

use super::LabelFormat;
use super::reader::{Harvest, Head, Reader, Survey, TextFile};
use super::sketch::{Gathering, Notation, Record, json};
use crate::error::{Error, ErrorKind};

/// Reads VGG Image Annotator.
pub(super) struct ViaReader;

const THIRD: [&str; 3] = ["file", "view", "metadata"];

impl Reader for ViaReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Via
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        if matches!(file.head, Head::Plain) {
            return file.extension() == "csv" && (rows::claims(&file.text) || third_rows::claims(&file.text));
        }
        if !matches!(file.head, Head::Json { list: false, .. }) {
            return false;
        }
        // The keys of an export are names of images, so only what is under them tells.
        let is_export = || file.text.contains("\"regions\"") && file.text.contains("\"filename\"");
        file.has_keys(&THIRD)
            || file.has_keys(&["_via_img_metadata"])
            || (is_export() && project::entries(&file.text).is_some())
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut gathering = Gathering::new(survey);
        for file in &files {
            let absent = match &file.head {
                Head::Plain if third_rows::claims(&file.text) => {
                    let text = third_rows::project(&file.text, &mut gathering).into();
                    third(&TextFile { text, ..file.clone() }, survey, &mut gathering)
                }
                Head::Plain => {
                    // A table says the same as an export, region by region.
                    let text = rows::export(&file.text, &mut gathering).into();
                    regions(&TextFile { text, ..file.clone() }, survey, &mut gathering)
                }
                _ if file.has_keys(&THIRD) => third(file, survey, &mut gathering),
                _ => regions(file, survey, &mut gathering),
            };
            let absent: Vec<&str> = absent.iter().map(String::as_str).collect();
            gathering.harvest.absent(&file.name, &absent);
        }
        gathering.finish()
    }
}

/// Gathers a file of version 1 or 2, and returns the images that are not there.
fn regions(file: &TextFile, survey: &Survey<'_>, gathering: &mut Gathering<'_>) -> Vec<String> {
    let Some(entries) = project::entries(&file.text) else {
        gathering.harvest.unread(&file.name, Error::new(ErrorKind::Label, "its _via_img_metadata cannot be read"));
        return Vec::new();
    };
    let mut attributes = BTreeSet::new();
    let (mut found, mut absent, mut unreadable) = (Vec::new(), Vec::new(), 0);
    for raw in entries {
        let Ok(entry) = json::<Entry<'_>>(raw.get()) else {
            unreadable += 1;
            continue;
        };
        entry.attributes(&mut attributes);
        match survey.find(&entry.filename, &file.name) {
            Some(image) => found.push((image, raw)),
            None => absent.push(entry.filename),
        }
    }
    gathering.lose("entr(ies) have no filename or regions and are left out", unreadable);
    let notation: Arc<dyn Notation> = Arc::new(Regions::new(&attributes));
    for (image, raw) in found {
        gathering.add(&file.name, image, Record::part(&file.text, raw.get(), &notation));
    }
    absent
}

/// Gathers a project of version 3, and returns the images that are not there.
fn third(file: &TextFile, survey: &Survey<'_>, gathering: &mut Gathering<'_>) -> Vec<String> {
    let project = match third::project(&file.text) {
        Ok(project) => project,
        Err(error) => {
            gathering.harvest.unread(&file.name, error);
            return Vec::new();
        }
    };
    gathering.lose("metadata of VGG Image Annotator belong to no image and are left out", project.strays);
    let notation: Arc<dyn Notation> = Arc::new(project.notation);
    let mut absent = Vec::new();
    for (name, said) in project.images {
        let Some(image) = survey.find(&name, &file.name) else {
            absent.push(name);
            continue;
        };
        let said: Vec<&str> = said.iter().map(|raw| raw.get()).collect();
        let text: Arc<str> = format!("[{}]", said.join(",")).into();
        gathering.add(&file.name, image, Record::whole(&text, &notation));
    }
    absent
}
