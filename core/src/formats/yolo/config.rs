//! What a YOLO dataset says of itself: `data.yaml`, `classes.txt`.

use super::yaml::{View, Yaml};
use crate::error::{Error, ErrorKind, Result};
use crate::formats::Split;
use crate::labels::{Class, mirror_by_name};

/// A class number beyond this is an accident, not a class.
pub(super) const MAX_CLASSES: usize = 100_000;
/// Keypoints of one object beyond this are an accident.
const MAX_KEYPOINTS: usize = 10_000;

/// Names and keypoints of a dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::formats) struct YoloConfig {
    /// The names of the classes; empty when nothing states them.
    pub(in crate::formats) names: Vec<String>,
    /// Keypoints an object and numbers a keypoint (2 or 3).
    pub(in crate::formats) keypoints: Option<(usize, usize)>,
    /// For every keypoint its mirror twin; empty when unknown.
    pub(in crate::formats) mirror: Vec<usize>,
    /// The names of the keypoints; empty when unknown.
    pub(in crate::formats) keypoint_names: Vec<String>,
}

impl YoloConfig {
    /// The class of a name, with the dataset's keypoints.
    pub(in crate::formats) fn class(&self, name: &str) -> Class {
        Class { keypoints: self.keypoint_names.clone(), mirror: self.mirror.clone(), ..Class::named(name) }
    }
}

/// What a YAML file says; `None` when it is YAML, but not of a YOLO dataset.
pub(in crate::formats) fn parse_yaml(text: &str) -> Result<Option<YoloConfig>> {
    let yaml = Yaml::parse(text)?;
    let field = |key: &str| yaml.root()?.get(key);
    let (names, shape) = (field("names"), field("kpt_shape"));
    if names.is_none() && shape.is_none() {
        return Ok(None);
    }
    let names = names.map(class_names).transpose()?.unwrap_or_default();
    let keypoints = match shape.map(numbers).transpose()?.as_deref() {
        None => None,
        Some(&[count, dims @ (2 | 3)]) if (1..=MAX_KEYPOINTS).contains(&count) => Some((count, dims)),
        Some(_) => return Err(Error::new(ErrorKind::Label, "kpt_shape must be [count, 2] or [count, 3]")),
    };
    let count = keypoints.map_or(0, |(count, _)| count);
    let keypoint_names = field("kpt_names").map(keypoint_names).transpose()?;
    let keypoint_names = keypoint_names.filter(|names| names.len() == count).unwrap_or_default();
    let mirror = field("flip_idx").map(numbers).transpose()?;
    let mirror = mirror.filter(|flip| flip.len() == count && flip.iter().all(|i| *i < count));
    let mirror = mirror.unwrap_or_else(|| mirror_by_name(&keypoint_names));
    Ok(Some(YoloConfig { names, keypoints, mirror, keypoint_names }))
}

/// The folders or lists of files that a YAML file gives for each split.
pub(in crate::formats) fn split_paths(text: &str) -> Vec<(Split, String)> {
    let Ok(yaml) = Yaml::parse(text) else { return Vec::new() };
    let mut paths = Vec::new();
    for key in ["train", "val", "valid", "validation", "test"] {
        let Some(value) = yaml.root().and_then(|root| root.get(key)) else { continue };
        let listed: Vec<View<'_>> = value.items().map_or_else(|| vec![value], Iterator::collect);
        paths.extend(listed.into_iter().filter_map(|path| Some((Split::named(key), path.text()?.to_owned()))));
    }
    paths
}

/// Names as a list, or as a map from numbers.
fn class_names(node: View<'_>) -> Result<Vec<String>> {
    let Some(entries) = node.entries() else {
        return texts(node, "a list of names, or a map from class numbers to names");
    };
    let mut names: Vec<String> = Vec::new();
    for (key, value) in entries {
        let number = key.number().ok_or_else(|| key.expected("a class number"))?;
        if number >= MAX_CLASSES {
            return Err(key.expected("a smaller class number"));
        }
        // A class that is not named goes by its number.
        names.extend((names.len()..=number).map(|number| number.to_string()));
        names[number] = value.text().ok_or_else(|| value.expected("a name"))?.to_owned();
    }
    Ok(names)
}

/// Keypoint names as a list, or as a map from class numbers to lists, of which the first is taken.
fn keypoint_names(node: View<'_>) -> Result<Vec<String>> {
    let first = match node.entries() {
        Some(mut entries) => entries.next().map(|(_, names)| names),
        None => Some(node),
    };
    first.map_or(Ok(Vec::new()), |names| texts(names, "a list of names, or a map from class numbers to such lists"))
}

fn texts(node: View<'_>, what: &str) -> Result<Vec<String>> {
    let items = node.items().ok_or_else(|| node.expected(what))?;
    items.map(|item| item.text().map(str::to_owned).ok_or_else(|| item.expected("a name"))).collect()
}

fn numbers(node: View<'_>) -> Result<Vec<usize>> {
    let items = node.items().ok_or_else(|| node.expected("a list of numbers"))?;
    items.map(|item| item.number().ok_or_else(|| item.expected("a number from 0"))).collect()
}

/// The names of a `classes.txt`: one a line.
pub(in crate::formats) fn names_from_list(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MAX_CLASSES).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::parse_yaml;

    fn names(text: &str) -> Vec<String> {
        parse_yaml(text).unwrap().unwrap().names
    }

    fn refusal(text: &str) -> String {
        parse_yaml(text).unwrap_err().to_string()
    }

    #[test]
    fn names_come_as_lists_and_maps() {
        assert_eq!(names("# set\npath: ../x\nnames: [cat, 'no', 3]\nnc: 3\n"), ["cat", "no", "3"]);
        assert_eq!(names("names:\n- red cell\n- \"b: \\u00e9\"\n"), ["red cell", "b: \u{e9}"]);
        assert_eq!(names("names:\n  2: dog\n  0: cat\n"), ["cat", "1", "dog"]);
    }

    #[test]
    fn anchors_and_merged_maps_are_followed() {
        assert_eq!(names("all: &all [a, b]\nnames: *all\n"), ["a", "b"]);
        assert_eq!(names("base: &base {names: {0: a}}\n<<: *base\n"), ["a"]);
    }

    #[test]
    fn other_yaml_is_no_configuration() {
        for text in ["", "---\n", "- 1\n- 2\n", "train: images\n", "names: ~\n", "? [a]\n: {b: c}\n"] {
            assert_eq!(parse_yaml(text).unwrap(), None, "{text}");
        }
    }

    #[test]
    fn refusals_name_the_line() {
        assert!(refusal("names: [a\nb: c]: d\n\n").starts_with("this YAML cannot be read: line "));
        assert!(refusal("nc: 1\nnames: 5\n").contains("line 2: expected a list of names"));
        assert!(refusal("names:\n  0: a\n  x: b\n").contains("line 3: expected a class number"));
        assert!(refusal("names: {1000000: a}\n").contains("line 1: expected a smaller class number"));
        assert!(refusal("names: [a]\nnc: 1\nnames: [b]\n").contains("line 3: \"names\" is given a second time"));
        assert!(refusal("names: &a [*a]\n").contains("line 1"));
        assert!(refusal("names: [a]\n---\nnames: [b]\n").contains("line 2: a second document begins"));
        assert!(refusal("names: [a]\nkpt_shape: [3, 4]\n").contains("kpt_shape must be"));
    }

    #[test]
    fn aliases_multiply_nothing() {
        let mut text = "a0: &a0 [x]\n".to_owned();
        for i in 1..20_000 {
            text.push_str(&format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1));
        }
        assert_eq!(names(&format!("{text}names: [y]\n")), ["y"]);
    }
}
