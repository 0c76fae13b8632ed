//! The table that VGG Image Annotator exports: a row a region, whose shape and attributes are JSON in cells.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::formats::sketch::Gathering;

/// The columns that are read.
const COLUMNS: [&str; 3] = ["filename", "region_shape_attributes", "region_attributes"];

/// Whether a text is such a table, by its first line.
pub(super) fn claims(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    COLUMNS.iter().all(|column| first.contains(column))
}

/// The table as the JSON that the tool exports of the same: an entry an image.
pub(super) fn export(text: &str, gathering: &mut Gathering<'_>) -> String {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let names = reader.headers().cloned().unwrap_or_default();
    let places = COLUMNS.map(|column| names.iter().position(|name| name.trim_start_matches('#').trim() == column));
    let mut entries: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut unreadable = 0;
    for row in reader.records() {
        let Ok(row) = row else {
            unreadable += 1;
            continue;
        };
        let [name, shape, attributes] = places.map(|at| at.and_then(|at| row.get(at)).unwrap_or_default());
        if name.is_empty() {
            unreadable += 1;
            continue;
        }
        let regions = entries.entry(name.to_owned()).or_default();
        let fields = |cell: &str| serde_json::from_str::<Map<String, Value>>(cell).unwrap_or_default();
        // An image without regions has one row without a shape.
        if !matches!(shape.trim(), "" | "{}") {
            regions.push(json!({"shape_attributes": fields(shape), "region_attributes": fields(attributes)}));
        }
    }
    gathering.lose("row(s) of VGG Image Annotator cannot be read and are left out", unreadable);
    let entry = |(name, regions): (String, Vec<Value>)| (name.clone(), json!({"filename": name, "regions": regions}));
    Value::Object(entries.into_iter().map(entry).collect()).to_string()
}
