//! Label Studio's table: the short export as CSV or TSV, whose cells hold JSON.

use serde_json::{Map, Value};

use crate::formats::reader::{Head, TextFile};
use crate::formats::table::{Records, cells};

/// Whether a file is such a table, by the names of its columns.
pub(super) fn claims(file: &TextFile) -> bool {
    if !matches!(file.head, Head::Plain) || !matches!(file.extension().as_str(), "csv" | "tsv") {
        return false;
    }
    let mut records = Records::new(&file.text);
    let Some(names) = records.next().map(|(record, _)| cells(record)) else { return false };
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    has("annotation_id") && (has("lead_time") || has("annotator") || has("created_at"))
}

/// The same as JSON of the short export.
pub(super) fn export(text: &str) -> String {
    let mut records = Records::new(text);
    let names = records.next().map(|(record, _)| cells(record)).unwrap_or_default();
    let mut tasks = Vec::new();
    while let Some((record, _)) = records.next() {
        // A text stays one, be it made of digits; what is drawn, and several choices, are JSON.
        let value = |cell: &str| match cell.starts_with(['[', '{']).then(|| serde_json::from_str(cell)) {
            Some(Ok(value)) => value,
            _ => Value::from(cell),
        };
        let filled = names.iter().zip(record).filter(|(_, cell)| !cell.is_empty());
        tasks.push(Value::Object(filled.map(|(name, cell)| (name.clone(), value(cell))).collect::<Map<_, _>>()));
    }
    Value::Array(tasks).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_json_or_text() {
        let text = "annotation_id,image,label,lead_time,note\n7,a.jpg,\"[{\"\"x\"\": 1}]\",2.5,\n";
        assert!(claims(&TextFile::new("p.csv", text.to_owned()).unwrap()));
        assert_eq!(export(text), r#"[{"annotation_id":"7","image":"a.jpg","label":[{"x":1}],"lead_time":"2.5"}]"#);
        assert!(!claims(&TextFile::new("p.csv", "image,label\na.jpg,cat\n".to_owned()).unwrap()));
    }
}
