//! Files of metadata of an input.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::corners::Boxes;
use super::line::{Form, IMAGE_CLASSES, Lines, Metadata};
use crate::error::{Error, ErrorKind};
use crate::formats::LabelFormat;
use crate::formats::layout::base;
use crate::formats::reader::{Harvest, Head, Reader, Survey, TextFile};
use crate::formats::sketch::{Gathering, Notation, Record};
use crate::formats::table::{Delimiter, Records, cells};

/// Reads the metadata of image folders.
pub(in crate::formats) struct HfReader;

impl Reader for HfReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Hf
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        form_of(file).is_some()
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut gathering = Gathering::new(survey);
        let mut boxes = Boxes::default();
        let mut found = Vec::new();
        for file in &files {
            if let Some(form) = form_of(file) {
                let (lines, places) = Lines::of(form, &file.text);
                let images = find(file, &lines, places, survey, &mut gathering, &mut boxes);
                found.push((file, Arc::new(lines), images));
            }
        }
        let corners = boxes.as_corners(survey);
        if corners > 0 {
            gathering.harvest.warnings.push(format!(
                "{corners} box(es) are taken as left, top, right, bottom: every one fits its image so, and some reach beyond \
                 it as left, top, width, height"
            ));
        }
        for (file, lines, images) in found {
            let notation: Arc<dyn Notation> = Arc::new(Metadata { lines, corners: corners > 0 });
            for (image, range) in images {
                let record = Record { text: Arc::clone(&file.text), range, notation: Arc::clone(&notation) };
                gathering.add(&file.name, image, record);
            }
        }
        let mut harvest = gathering.finish();
        let numbers = harvest.classes.iter().filter(|class| class.name.parse::<u64>().is_ok()).count();
        if numbers > 0 {
            harvest.warnings.push(format!("no list names {numbers} of the categories; they go by their numbers"));
        }
        harvest
    }
}

/// How the lines of a file are read; `None` where it is no metadata.
fn form_of(file: &TextFile) -> Option<Form> {
    if let Head::JsonLines { keys } = &file.head {
        return keys.contains("file_name").then_some(Form::Json);
    }
    if base(&file.name) != "metadata.csv" {
        return None;
    }
    let names = cells(Records::new(&file.text).next()?.0);
    names.iter().any(|name| name == "file_name").then(|| Form::Csv(names, Delimiter::of(&file.text)))
}

/// The images that the lines of a file are about, and their places in it.
fn find(
    file: &TextFile,
    lines: &Lines,
    places: Vec<Range<usize>>,
    survey: &Survey<'_>,
    gathering: &mut Gathering<'_>,
    boxes: &mut Boxes,
) -> Vec<(usize, Range<usize>)> {
    let mut found = Vec::new();
    let mut absent = BTreeSet::new();
    let (mut broken, mut nameless) = (Vec::new(), 0);
    for (at, range) in places.into_iter().enumerate() {
        let mut fields = match lines.fields(file.text.get(range.clone()).unwrap_or_default()) {
            Ok(fields) => fields,
            Err(error) => {
                broken.push(format!("line {}: {}", at + 1, error.message()));
                continue;
            }
        };
        let Some(Value::String(name)) = fields.remove("file_name") else {
            nameless += 1;
            continue;
        };
        match survey.find(&name, &file.name) {
            None => _ = absent.insert(name),
            Some(image) => {
                // What is said beside a class is kept with the image.
                gathering.keeps_fields |= fields.keys().any(|key| !IMAGE_CLASSES.contains(&key.as_str()));
                boxes.see(image, &fields);
                found.push((image, range));
            }
        }
    }
    if let [first, more @ ..] = &broken[..] {
        let more = if more.is_empty() { String::new() } else { format!(" (and {} more lines)", more.len()) };
        gathering.harvest.unread(&file.name, Error::new(ErrorKind::Label, format!("{first}{more}")));
    }
    gathering.lose("line(s) of metadata name no file and are left out", nameless);
    let absent: Vec<&str> = absent.iter().map(String::as_str).collect();
    gathering.harvest.absent(&file.name, &absent);
    found
}
