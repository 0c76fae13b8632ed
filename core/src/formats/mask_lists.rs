//! Files that name the values of masks: read for what they say, and written again beside the masks, which they explain.
//!
//! Known are CVAT's `labelmap.txt` (`name:r,g,b:parts:actions`), Roboflow's `_classes.csv` (`Pixel Value, Class`), CamVid's
//! `label_colors.txt` (`r g b name`) and `class_dict.csv` (`name,r,g,b`), ADE20K's `objectInfo150.txt` (a table with `Idx`
//! and `Name`), and Supervisely's `obj_class_to_machine_color.json` (`{"name": [r, g, b]}`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layout::base;
use super::listed::listed;
use super::reader::TextFile;
use crate::labels::Value;

/// A value of masks and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskClass {
    /// The name.
    pub name: String,
    /// The value, as the list states it: a palette's color may be stated for its number.
    pub value: Value,
}

/// A file that names the values of masks.
#[derive(Clone, Debug)]
pub(super) struct MaskList {
    /// Its name in the input.
    pub(super) name: String,
    text: Arc<str>,
    classes: Vec<MaskClass>,
}

/// What is known of the values of a dataset's masks.
#[derive(Clone, Debug, Default)]
pub struct MaskNames {
    /// The classes, in the order of the list.
    pub classes: Vec<MaskClass>,
    /// The lists, as an output repeats them: names without folders, and texts.
    pub(super) files: Vec<(String, Arc<str>)>,
}

/// Whether a file of this name may name the values of masks.
pub(super) fn is_list_name(name: &str) -> bool {
    let base = base(name).to_ascii_lowercase();
    let known =
        ["labelmap.txt", "_classes.csv", "class_dict.csv", "objectinfo150.txt", "obj_class_to_machine_color.json"];
    known.contains(&base.as_str()) || base.starts_with("label_color") && base.ends_with(".txt")
}

/// A file that names the values of masks, where it is one.
pub(super) fn read(file: &TextFile) -> Option<MaskList> {
    if !is_list_name(&file.name) {
        return None;
    }
    let base = base(&file.name).to_ascii_lowercase();
    let classes = match base.as_str() {
        "labelmap.txt" => each_line(&file.text, label_map_line),
        "obj_class_to_machine_color.json" => machine_colors(&file.text),
        "objectinfo150.txt" => table(&file.text, '\t', &["idx"], "name"),
        "class_dict.csv" => table(&file.text, ',', &["r", "g", "b"], "name"),
        "_classes.csv" => table(&file.text, ',', &["pixel value"], "class"),
        _ => each_line(&file.text, color_line),
    }?;
    let text = Arc::clone(&file.text);
    (!classes.is_empty()).then(|| MaskList { name: file.name.clone(), text, classes })
}

/// A class a line; `None` where a line is none.
fn each_line(text: &str, class: impl Fn(&str) -> Option<MaskClass>) -> Option<Vec<MaskClass>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(class).collect()
}

fn color<'a>(levels: impl Iterator<Item = &'a str>) -> Option<Value> {
    let levels: Vec<u8> = levels.map(|level| level.trim().parse().ok()).collect::<Option<_>>()?;
    levels.try_into().ok().map(Value::Color)
}

/// `name:r,g,b:parts:actions`.
fn label_map_line(line: &str) -> Option<MaskClass> {
    let (name, rest) = line.split_once(':')?;
    let value = color(rest.split(':').next()?.split(','))?;
    Some(MaskClass { name: name.trim().to_owned(), value })
}

/// `r g b name`.
fn color_line(line: &str) -> Option<MaskClass> {
    let mut words = line.split_whitespace();
    let value = color(words.by_ref().take(3))?;
    let name = words.collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(MaskClass { name, value })
}

fn machine_colors(text: &str) -> Option<Vec<MaskClass>> {
    let colors: BTreeMap<String, [u8; 3]> = serde_json::from_str(text).ok()?;
    Some(colors.into_iter().map(|(name, color)| MaskClass { name, value: Value::Color(color) }).collect())
}

/// A table with columns for values and one for names.
fn table(text: &str, separator: char, values: &[&str], name: &str) -> Option<Vec<MaskClass>> {
    let cells =
        |line: &str| line.split(separator).map(|cell| cell.trim().trim_matches('"').to_owned()).collect::<Vec<_>>();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let head: Vec<String> = cells(lines.next()?).iter().map(|cell| cell.to_ascii_lowercase()).collect();
    let column = |wanted: &str| head.iter().position(|cell| cell == wanted);
    let values: Vec<usize> = values.iter().map(|value| column(value)).collect::<Option<_>>()?;
    let name = column(name)?;
    let class = |line: &str| {
        let cells = cells(line);
        let stated: Vec<&str> = values.iter().map(|at| cells.get(*at).map(String::as_str)).collect::<Option<_>>()?;
        let value = match stated[..] {
            [number] => Value::Number(number.parse().ok()?),
            _ => color(stated.into_iter())?,
        };
        Some(MaskClass { name: cells.get(name)?.clone(), value })
    };
    lines.map(class).collect()
}

impl MaskNames {
    /// Joins the lists of an input: the longest names the classes. Of those of one name that differ the first is kept.
    pub(super) fn new(lists: Vec<MaskList>, warnings: &mut Vec<String>) -> Self {
        let mut names = Self::default();
        let mut others: Vec<String> = Vec::new();
        for MaskList { name, text, classes } in lists {
            let base = base(&name).to_owned();
            match names.files.iter().find(|(known, _)| *known == base) {
                Some((_, known)) if *known == text => {}
                Some(_) => others.push(name),
                None => {
                    names.files.push((base, text));
                    if classes.len() > names.classes.len() {
                        names.classes = classes;
                    }
                }
            }
        }
        if !others.is_empty() {
            let others: Vec<&str> = others.iter().map(String::as_str).collect();
            warnings.push(format!(
                "{} list(s) name the values of masks otherwise than the first of their name and are left out, though masks \
                 keep their values: {}",
                others.len(),
                listed(&others)
            ));
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(name: &str, text: &str) -> Option<Vec<(String, Value)>> {
        let list = read(&TextFile::new(name, text.to_owned()).unwrap())?;
        Some(list.classes.into_iter().map(|class| (class.name, class.value)).collect())
    }

    #[test]
    fn lists_of_every_kind_name_values() {
        let cat = |value| Some(vec![("background".to_owned(), Value::Number(0)), ("cat".to_owned(), value)]);
        let color = Value::Color([128, 0, 9]);
        let both = |value| {
            let mut both = cat(value)?;
            both[0].1 = Value::Color([0; 3]);
            Some(both)
        };
        let map = "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:128,0,9:head,tail:run\n";
        assert_eq!(classes("x/labelmap.txt", map), both(color));
        assert_eq!(classes("label_colors.txt", "0 0 0\tbackground\n128 0 9\t\tcat\n"), both(color));
        assert_eq!(classes("class_dict.csv", "name,r,g,b\nbackground,0,0,0\ncat,128, 0,9\n"), both(color));
        assert_eq!(classes("train/_classes.csv", "Pixel Value, Class\n0, background\n1, cat\n"), cat(Value::Number(1)));
        let info = "Idx\tRatio\tTrain\tVal\tStuff\tName\n0\t0.1\t1\t1\t0\tbackground\n7\t.1\t1\t1\t0\tcat\n";
        assert_eq!(classes("objectInfo150.txt", info), cat(Value::Number(7)));
        let json = r#"{"cat": [128, 0, 9], "background": [0, 0, 0]}"#;
        assert_eq!(classes("obj_class_to_machine_color.json", json), both(color));
    }

    #[test]
    fn other_texts_name_no_values() {
        for (name, text) in [
            ("labelmap.txt", "cat\ndog\n"),
            ("labelmap.txt", "cat:1,2:3:4\n"),
            ("labelmap.txt", "cat:1,2,256::\n"),
            ("labelmap.txt", ""),
            ("_classes.csv", "filename, cat, dog\na.jpg, 1, 0\n"),
            ("_classes.csv", "Pixel Value, Class\n70000, cat\n"),
            ("class_dict.csv", "name,r,g\ncat,1,2\n"),
            ("label_colors.txt", "0.1 0.2 0.3 cat\n"),
            ("obj_class_to_machine_color.json", r#"{"cat": 3}"#),
            ("other.txt", "cat:1,2,3::\n"),
        ] {
            assert_eq!(classes(name, text), None, "{name}: {text}");
        }
    }

    #[test]
    fn lists_that_differ_are_told() {
        let list = |name: &str, text: &str| read(&TextFile::new(name, text.to_owned()).unwrap()).unwrap();
        let head = "Pixel Value, Class\n0, background\n";
        let mut warnings = Vec::new();
        let same = vec![list("train/_classes.csv", head), list("valid/_classes.csv", head)];
        let names = MaskNames::new(same, &mut warnings);
        assert_eq!((names.files.len(), names.classes.len(), warnings.len()), (1, 1, 0));
        let other = vec![list("train/_classes.csv", head), list("valid/_classes.csv", &format!("{head}1, cat\n"))];
        let names = MaskNames::new(other, &mut warnings);
        assert_eq!((names.files.len(), names.classes.len()), (1, 1));
        assert!(warnings.len() == 1 && warnings[0].contains("valid/_classes.csv"), "{warnings:?}");
    }
}
