//! Describes a picture in words: its drawn numbers, and how many labels were kept.

use augment_web_messages::Picture;
use serde_json::Value;

/// A drawn step: its name and its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnStep {
    /// Its name in recipes.
    pub op: String,
    /// Its numbers: names and values.
    pub numbers: Vec<(String, String)>,
}

/// The drawn steps of a manifest line.
#[must_use]
pub fn drawn_steps(steps: &Value) -> Vec<DrawnStep> {
    let steps = steps.as_array().map(Vec::as_slice).unwrap_or_default();
    steps
        .iter()
        .map(|step| {
            let fields = step.as_object();
            let numbers = fields.into_iter().flatten().filter(|(name, _)| *name != "op");
            DrawnStep {
                op: step["op"].as_str().unwrap_or_default().to_owned(),
                numbers: numbers.map(|(name, value)| (name.replace('_', " "), words(value, 0))).collect(),
            }
        })
        .collect()
}

fn words(value: &Value, depth: usize) -> String {
    match value {
        Value::Number(number) => shown(number.as_f64().unwrap_or_default()),
        Value::String(word) if word.len() == 64 => format!("{}…", &word.get(..8).unwrap_or_default()),
        Value::String(word) => word.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.into(),
        Value::Null => "none".into(),
        Value::Array(values) if values.len() > 12 || depth > 2 => format!("{} values", values.len()),
        Value::Array(values) => values.iter().map(|value| words(value, depth + 1)).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{} {}", name.replace('_', " "), words(value, depth + 1)))
                .collect();
            fields.join(" ")
        }
    }
}

fn shown(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.replace('-', "−") }
}

/// How many labels of a picture were kept, for screen readers.
#[must_use]
pub fn labels_in_words(picture: &Picture) -> String {
    let (kept, all) = (picture.kept.len(), picture.kept.len() + picture.dropped.len());
    match (kept, all) {
        (_, 0) => "no labels".into(),
        (1, 1) => "its label kept".into(),
        _ if kept == all => format!("all {all} labels kept"),
        _ => format!("{kept} of {all} labels kept"),
    }
}

/// The name of a copy: the original, or copies from 1.
#[must_use]
pub fn copy_name(copy: Option<u32>) -> String {
    copy.map_or_else(|| "Original".into(), |copy| format!("Copy {}", u64::from(copy) + 1))
}

/// The reasons for dropped objects, each with its count.
#[must_use]
pub fn reasons(picture: &Picture) -> Vec<(String, usize)> {
    let mut reasons: Vec<(String, usize)> = Vec::new();
    for mark in &picture.dropped {
        let reason = mark.reason.clone().unwrap_or_else(|| "left the image".into());
        match reasons.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((reason, 1)),
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use augment_web_messages::Mark;
    use serde_json::json;

    use super::*;

    #[test]
    fn drawn_numbers_are_described() {
        let steps = json!([
            {"op": "rotate", "degrees": -13.25004, "border": "reflect"},
            {"op": "cutout", "rects": [[1, 2, 3, 4]], "partner": "a".repeat(64), "offset": -0.00001}
        ]);
        let drawn = drawn_steps(&steps);
        assert_eq!(drawn[0].op, "rotate");
        assert_eq!(drawn[0].numbers, [("degrees".into(), "−13.25".into()), ("border".into(), "reflect".into())]);
        let values: Vec<&str> = drawn[1].numbers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["1, 2, 3, 4", "aaaaaaaa…", "0"]);
        assert!(drawn_steps(&Value::Null).is_empty(), "the source itself");
    }

    #[test]
    fn labels_are_counted() {
        let mut picture = Picture { kept: vec![Mark::default(); 2], ..Picture::default() };
        assert_eq!(labels_in_words(&picture), "all 2 labels kept");
        let dropped = |reason: &str| Mark { reason: Some(reason.into()), ..Mark::default() };
        picture.dropped = vec![dropped("visibility 0.04"), dropped("area 2"), dropped("area 2")];
        assert_eq!(labels_in_words(&picture), "2 of 5 labels kept");
        assert_eq!(reasons(&picture), [("visibility 0.04".into(), 1), ("area 2".into(), 2)]);
        assert_eq!(labels_in_words(&Picture::default()), "no labels");
        assert_eq!((copy_name(None).as_str(), copy_name(Some(2)).as_str()), ("Original", "Copy 3"));
    }
}
