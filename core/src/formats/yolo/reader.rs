//! Reads YOLO datasets: label files, each with the class names (YAML or list) that apply to its folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::Namings;
use super::read::{LabelRows, YoloLabels, looks_like_rows, scan};
use super::{names_from_list, parse_yaml};
use crate::error::{Error, ErrorKind, Result};
use crate::formats::layout::{base, folder, folders, has_picture_ending};
use crate::formats::reader::{Harvest, ImageLabels, Reader, Survey, TextFile};
use crate::formats::{Holds, LabelFormat};

/// Reads YOLO: boxes, polygons, poses and oriented boxes.
pub(in crate::formats) struct YoloReader;

/// Whether a file lists the names of classes, one a line. Lines that begin with a picture are of something else.
fn is_name_list(file: &TextFile) -> bool {
    let base = base(&file.name).to_ascii_lowercase();
    let first = file.text.trim_start().split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).next();
    if first.is_some_and(has_picture_ending) {
        return false;
    }
    matches!(file.extension().as_str(), "names" | "labels") || base == "classes.txt" || base == "labels.txt"
}

fn in_label_folder(name: &str) -> bool {
    folders(name).any(|part| {
        part.eq_ignore_ascii_case("labels") || folder(part).role == Some(crate::formats::layout::Role::Labels)
    })
}

impl Reader for YoloReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Yolo
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        match file.extension().as_str() {
            "yaml" | "yml" => parse_yaml(&file.text).map_or(true, |config| config.is_some()),
            _ if is_name_list(file) => true,
            "txt" => looks_like_rows(&file.text) || in_label_folder(&file.name) && file.text.trim().is_empty(),
            _ => false,
        }
    }

    fn reads_rows(&self) -> bool {
        true
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut harvest = Harvest::default();
        let (named, labels): (Vec<TextFile>, Vec<TextFile>) =
            files.into_iter().partition(|file| file.extension() != "txt" || is_name_list(file));
        let (labels, orphans): (Vec<TextFile>, Vec<TextFile>) =
            labels.into_iter().partition(|file| !survey.images_of(&file.name).is_empty());
        let namings = namings(&named, &mut harvest);
        // Label files by the names that they are read by.
        let mut groups: BTreeMap<Option<usize>, Vec<&TextFile>> = BTreeMap::new();
        for file in &labels {
            let images = survey.images_of(&file.name).iter().map(|image| survey.images[*image]);
            match namings.of(&file.name, images) {
                Ok(naming) => groups.entry(naming).or_default().push(file),
                Err(error) => harvest.broken(&file.name, &error, survey),
            }
        }
        let mut has_boxes = false;
        for (naming, files) in groups {
            has_boxes |= gather_group(&namings, naming, &files, survey, &mut harvest);
        }
        if harvest.holds == (Holds { oriented: true, ..Holds::default() }) && !has_boxes {
            harvest.format = Some(LabelFormat::YoloObb);
        }
        let orphans: Vec<&str> = orphans.iter().map(|file| file.name.as_str()).collect();
        harvest.orphans(&orphans);
        harvest
    }
}

/// The lists of names of an input.
fn namings(files: &[TextFile], harvest: &mut Harvest) -> Namings {
    let mut namings = Namings::default();
    for file in files {
        if is_name_list(file) {
            namings.add_list(&file.name, names_from_list(&file.text));
            continue;
        }
        match parse_yaml(&file.text) {
            Ok(Some(config)) => namings.add_config(&file.name, config),
            Ok(None) => {}
            Err(error) => harvest.problem(&file.name, error),
        }
    }
    namings
}

/// Reads the label files of one list of names; tells whether they have upright boxes.
fn gather_group(
    namings: &Namings,
    naming: Option<usize>,
    files: &[&TextFile],
    survey: &Survey<'_>,
    harvest: &mut Harvest,
) -> bool {
    let config = Arc::new(naming.map(|at| namings.config(at).clone()).unwrap_or_default());
    let mut scans = Vec::new();
    let mut rows = LabelRows::default();
    for file in files {
        let scanned: Result<_> = scan(&file.text, &config, survey.limits.max_objects);
        match scanned {
            Ok(scan) => {
                rows.add(&scan.rows);
                scans.push((*file, scan));
            }
            Err(error) => harvest.broken(&file.name, &error, survey),
        }
    }
    let oriented = rows.are_oriented();
    let names: Vec<String> = if config.names.is_empty() {
        (0..rows.classes).map(|number| number.to_string()).collect()
    } else {
        config.names.clone()
    };
    if config.names.is_empty() && rows.classes > 0 {
        harvest.warnings.push("no data.yaml or classes.txt names the classes; they go by their numbers".to_owned());
    }
    if rows.confidences > 0 {
        harvest.warnings.push(format!("{} label row(s) have a confidence, which is left out", rows.confidences));
    }
    let mixed = scans.iter().filter(|(_, scan)| scan.rows.is_mixed() && !oriented).count();
    if mixed > 0 {
        harvest
            .warnings
            .push(format!("{mixed} label file(s) mix boxes and polygons; YOLO is written as polygons throughout"));
    }
    let classes: Arc<Vec<usize>> = Arc::new(
        names
            .iter()
            .map(|name| {
                let at = harvest.class(name);
                super::super::detect::fill(&mut harvest.classes[at], config.class(name));
                at
            })
            .collect(),
    );
    let (keypoints, dims) = config.keypoints.unwrap_or_default();
    let shapes = rows.polygons > 0 && !oriented;
    harvest.holds.add(Holds { shapes, oriented, keypoints, visibility: dims == 3, ..Holds::default() });
    for (file, scan) in scans {
        if let Some(number) = scan.rows.classes.checked_sub(1).filter(|_| scan.rows.classes > names.len()) {
            let list = naming.map_or("", |at| namings.name(at));
            let why =
                format!("line {}: class {number} is not among the {} names of {list}", scan.highest_line, names.len());
            harvest.broken(&file.name, &Error::new(ErrorKind::Label, why), survey);
            continue;
        }
        // A file that a trainer would refuse, or that says more than is kept, is not copied as it is.
        let plain = !(scan.rows.is_mixed() || scan.rows.confidences > 0 || scan.rows.unusable > 0);
        let renumbered = classes.iter().take(scan.rows.classes).enumerate().any(|(number, class)| number != *class);
        for image in survey.images_of(&file.name) {
            if renumbered {
                harvest.renumbered.insert(*image);
            }
            let labels = YoloLabels {
                text: Arc::clone(&file.text),
                config: Arc::clone(&config),
                classes: Arc::clone(&classes),
                oriented,
                max_objects: survey.limits.max_objects,
            };
            let found = ImageLabels::Labels {
                labels: Arc::new(labels),
                objects: scan.rows.count(),
                own_file: plain.then(|| file.name.clone()),
            };
            harvest.labels.insert(*image, found);
        }
    }
    rows.boxes > 0
}
