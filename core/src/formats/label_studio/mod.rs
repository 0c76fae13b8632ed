//! Label Studio: a JSON list of tasks, one an image, in the full export or the short one (`JSON_MIN`, CSV,
//! TSV).

mod brush;
mod names;
mod rows;
mod task;

use std::sync::Arc;

use serde_json::value::RawValue;

use task::{LabelStudio, annotations};

use super::LabelFormat;
use super::address;
use super::reader::{Harvest, Head, ImageLabels, Reader, Survey, TextFile};
use super::sketch::{Gathering, Notation, Record, json};
use crate::error::{Error, ErrorKind};

/// Reads Label Studio.
pub(super) struct LabelStudioReader;

impl Reader for LabelStudioReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::LabelStudio
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        let tasks = ["annotations", "completions", "predictions"].iter().any(|key| file.has_keys(&["data", key]));
        let stored = file.has_keys(&["result", "task"]);
        let short = file.has_keys(&["annotation_id"]) || file.has_keys(&["annotator", "lead_time"]);
        matches!(file.head, Head::Json { .. }) && (tasks || stored || short) || rows::claims(file)
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let notation: Arc<dyn Notation> = Arc::new(LabelStudio);
        let mut gathering = Gathering::new(survey);
        let (mut skipped, mut unlabeled) = (Vec::new(), Vec::new());
        let in_json = |file: TextFile| match file.head {
            // A table says the same as the short export.
            Head::Plain => TextFile { text: rows::export(&file.text).into(), ..file },
            _ => file,
        };
        let files: Vec<TextFile> = files.into_iter().map(in_json).collect();
        for file in &files {
            let tasks: Vec<&RawValue> = match json(&file.text) {
                Ok(tasks) => tasks,
                Err(_) => match json(&file.text) {
                    Ok(task) => vec![task],
                    Err(error) => {
                        gathering.harvest.unread(&file.name, error);
                        continue;
                    }
                },
            };
            let mut absent = Vec::new();
            for task in tasks {
                let addresses = names::addresses(task.get());
                let find =
                    |address: &String| address::names(address).iter().find_map(|name| survey.find(name, &file.name));
                let Some(image) = addresses.iter().find_map(find) else {
                    absent.push(names::shown(&addresses).to_owned());
                    continue;
                };
                // An image that was never labeled would seem to show nothing.
                let found = annotations(task.get()).unwrap_or_default();
                if found.latest.is_none() {
                    if found.cancelled > 0 { &mut skipped } else { &mut unlabeled }.push(image);
                } else {
                    gathering.add(&file.name, image, Record::part(&file.text, task.get(), &notation));
                }
            }
            let absent: Vec<&str> = absent.iter().map(String::as_str).collect();
            gathering.harvest.absent(&file.name, &absent);
        }
        let mut harvest = gathering.finish();
        let nothing = harvest.labels.is_empty() && harvest.image_classes.is_empty();
        let mut leave_out = |images: &[usize], why: &str| {
            let known = |image: &usize| harvest.labels.contains_key(image) || harvest.image_classes.contains_key(image);
            let left: Vec<usize> = images.iter().copied().filter(|image| !known(image)).collect();
            for image in &left {
                harvest.labels.insert(*image, ImageLabels::Broken);
            }
            let names: Vec<&str> = left.iter().map(|image| survey.images[*image]).collect();
            harvest.warnings.extend(super::listed::about(&names, why));
        };
        leave_out(&skipped, "image(s) were skipped in the tool and are left out");
        leave_out(&unlabeled, "image(s) have a task without an annotation and are left out");
        if let (true, Some(file)) = (nothing && !(skipped.is_empty() && unlabeled.is_empty()), files.first()) {
            let why = "no task has an annotation: submit them in the tool and export again (predictions are not read)";
            harvest.problem(&file.name, Error::new(ErrorKind::Label, why));
        }
        harvest
    }
}
