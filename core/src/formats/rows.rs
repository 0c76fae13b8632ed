//! What the formats of one text file an image and one object a line share: DOTA, KITTI, VisDrone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::draft::{FARTHEST, check_objects};
use super::layout::{folders, split_in};
use super::reader::{Harvest, Reader, Survey, TextFile};
use super::sketch::{Drawn, Gathering, Notation, Record, Sketch};
use super::{LabelFormat, Split};
use crate::error::{Error, ErrorKind, Result};
use crate::labels::Object;
use crate::limits::Limits;

/// Lines that are looked at to tell whether a text is of a format.
const LOOKED_AT: usize = 20;

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    /// An object and the name of its class.
    Object(String, Object),
    /// A region of the image that is no object.
    Region,
    /// A field of the image.
    Field(String, Value),
}

/// How the lines of a format are read.
pub(super) trait RowFormat: fmt::Debug + Copy + Send + Sync + 'static {
    /// The format.
    const FORMAT: LabelFormat;
    /// What lines are that are no objects, in words that follow their count.
    const REGIONS: &'static str = "row(s) are no objects and are left out";
    /// What a person should know of all objects, in words that follow their count.
    const REMARK: Option<&'static str> = None;
    /// The names of the format's own classes, in their order.
    const CLASSES: &'static [&'static str] = &[];
    /// Whether words in the names of folders say the split, as in `VisDrone2019-DET-train`.
    const SPLITS_BY_WORDS: bool = false;

    /// What a line says, or why it cannot be used.
    fn line(line: &str) -> std::result::Result<Line, String>;
}

/// Reads a format of rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowReader<F>(pub(super) F);

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())).filter(|(_, line)| !line.is_empty())
}

impl<F: RowFormat> Reader for RowReader<F> {
    fn format(&self) -> LabelFormat {
        F::FORMAT
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        file.extension() == "txt" && lines(&file.text).take(LOOKED_AT).any(|(_, line)| F::line(line).is_ok())
    }

    fn reads_rows(&self) -> bool {
        true
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut gathering = Gathering::new(survey);
        F::CLASSES.iter().for_each(|class| gathering.list(class, &[]));
        let notation: Arc<dyn Notation> = Arc::new(*self);
        let mut splits: BTreeMap<Split, BTreeSet<usize>> = BTreeMap::new();
        let mut orphans = Vec::new();
        for file in &files {
            let images = survey.images_of(&file.name);
            if images.is_empty() {
                orphans.push(file.name.as_str());
            }
            for image in images {
                gathering.add(&file.name, *image, Record::whole(&file.text, &notation));
            }
            let split = folders(&file.name).filter_map(split_in).last().filter(|_| F::SPLITS_BY_WORDS);
            if let Some(split) = split {
                splits.entry(split).or_default().extend(images);
            }
        }
        gathering.harvest.splits.extend(splits);
        gathering.harvest.orphans(&orphans);
        gathering.finish()
    }
}

impl<F: RowFormat> Notation for RowReader<F> {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let mut sketch = Sketch::default();
        let mut first_fault = None;
        for (at, line) in lines(record) {
            match F::line(line) {
                Ok(Line::Object(class, object)) => {
                    sketch.drawn.push(Ok(Drawn { class: Some(class), object, ..Drawn::default() }));
                }
                Ok(Line::Region) => sketch.lose(F::REGIONS),
                Ok(Line::Field(name, value)) => _ = sketch.extra.insert(name, value),
                Err(why) => {
                    let why = format!("line {at}: {why}");
                    first_fault.get_or_insert_with(|| why.clone());
                    sketch.drawn.push(Err(why));
                }
            }
            check_objects(sketch.drawn.len(), limits.max_objects)?;
        }
        let objects = sketch.drawn.iter().flatten().count();
        match first_fault {
            Some(why) if objects == 0 => {
                return Err(Error::new(ErrorKind::Label, format!("none of its rows can be used: {why}")));
            }
            _ => {}
        }
        if let Some(remark) = F::REMARK {
            sketch.lose_all(objects, remark);
        }
        Ok(sketch)
    }
}

/// The number of a column, in pixels.
pub(super) fn coordinate(word: &str, column: &str) -> std::result::Result<f64, String> {
    match word.parse::<f64>() {
        Ok(value) if value.abs() <= FARTHEST => Ok(value),
        Ok(_) => Err(format!("{column} is out of all bounds")),
        Err(_) => Err(format!("{column} is not a number: {}", word.chars().take(20).collect::<String>())),
    }
}
