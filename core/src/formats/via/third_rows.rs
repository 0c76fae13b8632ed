//! CSV exports of VGG Image Annotator 3: `#` header lines with the attributes, then one row per region.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::formats::sketch::Gathering;

/// What the line that names the columns begins with.
const HEADER: &str = "# CSV_HEADER";
/// The columns that are read.
const COLUMNS: [&str; 4] = ["metadata_id", "file_list", "spatial_coordinates", "metadata"];
/// Lines before the rows that are looked at.
const LOOKED_AT: usize = 100;

fn notes(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take(LOOKED_AT).take_while(|line| line.starts_with('#') || line.trim().is_empty())
}

/// The columns by the note that names them.
fn header(text: &str) -> Option<Vec<&str>> {
    let line = notes(text).find(|line| line.starts_with(HEADER))?;
    Some(line.split_once('=')?.1.split(',').map(str::trim).collect())
}

/// Whether a text is such a table.
pub(super) fn claims(text: &str) -> bool {
    header(text).is_some_and(|names| COLUMNS.iter().all(|column| names.contains(column)))
}

/// The table as the project that it is exported from: attributes, files, views and metadata. Files have their names for
/// ids.
pub(super) fn project(text: &str, gathering: &mut Gathering<'_>) -> String {
    let attribute = notes(text)
        .find_map(|line| line.strip_prefix("# ATTRIBUTE")?.split_once('='))
        .and_then(|(_, said)| serde_json::from_str::<Map<String, Value>>(said.trim()).ok())
        .unwrap_or_default();
    // Old exports give names alone.
    let attribute: Map<String, Value> = attribute
        .into_iter()
        .map(|(id, said)| if said.is_string() { (id, json!({"aname": said})) } else { (id, said) })
        .collect();
    let names = header(text).unwrap_or_default();
    let places = COLUMNS.map(|column| names.iter().position(|name| *name == column));
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).has_headers(false).comment(Some(b'#')).from_reader(text.as_bytes());
    let (mut files, mut metadata) = (BTreeMap::new(), Map::new());
    let mut unreadable = 0;
    for (at, row) in reader.records().enumerate() {
        let cells = row.ok().map(|row| places.map(|at| at.and_then(|at| row.get(at)).unwrap_or_default().to_owned()));
        let Some([_, list, shape, said]) = cells else {
            unreadable += 1;
            continue;
        };
        let file = serde_json::from_str::<Vec<String>>(&list).ok().and_then(|list| list.into_iter().next());
        let shape = serde_json::from_str::<Value>(&shape).ok().filter(Value::is_array);
        let (Some(file), Some(shape)) = (file, shape) else {
            unreadable += 1;
            continue;
        };
        let said = serde_json::from_str::<Value>(&said).unwrap_or_default();
        files.insert(file.clone(), json!({"fname": file}));
        // By row, since ids need not differ in files that were merged.
        metadata.insert(format!("{at:09}"), json!({"vid": file, "xy": shape, "av": said}));
    }
    gathering.lose("row(s) of VGG Image Annotator cannot be read and are left out", unreadable);
    let views: Map<String, Value> = files.keys().map(|file| (file.clone(), json!({"fid_list": [file]}))).collect();
    json!({"attribute": attribute, "file": files, "view": views, "metadata": metadata}).to_string()
}
