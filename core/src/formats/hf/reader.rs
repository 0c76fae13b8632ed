//! Files of metadata of an input.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::line::{IMAGE_CLASSES, Lines};
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
        lines_of(file).is_some()
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut gathering = Gathering::new(survey);
        for file in &files {
            if let Some(lines) = lines_of(file) {
                gather(file, lines, survey, &mut gathering);
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
fn lines_of(file: &TextFile) -> Option<Lines> {
    if let Head::JsonLines { keys } = &file.head {
        return keys.contains("file_name").then_some(Lines::Json);
    }
    if base(&file.name) != "metadata.csv" {
        return None;
    }
    let names = cells(Records::new(&file.text).next()?.0);
    names.iter().any(|name| name == "file_name").then(|| Lines::Csv(names, Delimiter::of(&file.text)))
}

fn gather(file: &TextFile, lines: Lines, survey: &Survey<'_>, gathering: &mut Gathering<'_>) {
    let lines = Arc::new(lines);
    let notation: Arc<dyn Notation> = Arc::<Lines>::clone(&lines);
    let mut absent = BTreeSet::new();
    let (mut broken, mut nameless) = (Vec::new(), 0);
    for (at, range) in lines.places(&file.text).into_iter().enumerate() {
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
                let record = Record { text: Arc::clone(&file.text), range, notation: Arc::clone(&notation) };
                gathering.add(&file.name, image, record);
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
}
