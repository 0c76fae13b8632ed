//! Class lists for CSV tables: `name,id` (keras-retinanet) and `id,name` (Open Images); the nearest list applies.

use std::collections::{BTreeMap, BTreeSet};

use super::records::{Records, cells};
use crate::error::{Error, ErrorKind, Result};
use crate::filled::filled;
use crate::formats::layout::{base, folders};
use crate::formats::reader::TextFile;

/// A list of names, and where it lies.
#[derive(Debug)]
pub(super) struct NameList {
    pub(super) file: String,
    /// By what a table may say instead: a number, an identifier.
    names: BTreeMap<String, String>,
    /// The names of numbers, in their order; none where the list has identifiers.
    pub(super) numbered: Vec<String>,
    known: BTreeSet<String>,
}

impl NameList {
    /// The list in a file; `None` where it is no such list.
    pub(super) fn of(file: &TextFile) -> Option<Self> {
        if !base(&file.name).to_ascii_lowercase().contains("class") {
            return None;
        }
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut records = Records::new(&file.text);
        while let Some((record, _)) = records.next() {
            let [a, b]: [String; 2] = cells(record).try_into().ok()?;
            pairs.push((a, b));
        }
        // Names of columns above identifiers, as the seventh version of Open Images has them.
        let is_identifier = |text: &str| text.starts_with('/');
        if let [(first, _), (second, _), ..] = &pairs[..]
            && !is_identifier(first)
            && is_identifier(second)
        {
            pairs.remove(0);
        }
        let number = |text: &str| text.parse::<u32>().ok();
        let mut numbered: BTreeMap<u32, String> = BTreeMap::new();
        let mut named = BTreeMap::new();
        for (a, b) in pairs {
            match (number(&a), number(&b)) {
                (Some(id), None) => _ = numbered.insert(id, b),
                (None, Some(id)) => _ = numbered.insert(id, a),
                (None, None) => _ = named.insert(a, b),
                (Some(_), Some(_)) => return None,
            }
        }
        // Words above numbers are the names of the columns.
        let (names, numbered): (BTreeMap<_, _>, Vec<_>) = if numbered.is_empty() {
            (named, Vec::new())
        } else {
            (filled(numbered.iter().map(|(id, name)| (id.to_string(), name.clone()))), numbered.into_values().collect())
        };
        let identifiers = names.keys().all(|key| key.starts_with('/') || number(key).is_some());
        let known = filled(names.values().cloned());
        (!names.is_empty() && identifiers).then_some(Self { file: file.name.clone(), names, numbered, known })
    }

    /// The name that a table means by a cell.
    pub(super) fn name_of<'a>(&'a self, cell: &'a str) -> Option<&'a str> {
        self.names.get(cell).map(String::as_str).or_else(|| self.known.contains(cell).then_some(cell))
    }

    /// Which list counts for a table: the one that lies nearest to it.
    ///
    /// # Errors
    /// `Label` when two lists lie equally near and name something differently.
    pub(super) fn nearest(lists: &[Self], table: &str) -> Result<Option<usize>> {
        let near = |list: &Self| folders(&list.file).zip(folders(table)).take_while(|(a, b)| a == b).count();
        let nearest = lists.iter().map(near).max();
        let mut counting = lists.iter().enumerate().filter(|(_, list)| Some(near(list)) == nearest);
        let Some((at, first)) = counting.next() else { return Ok(None) };
        for (_, other) in counting {
            let differs =
                first.names.iter().find(|(key, name)| other.names.get(*key).is_some_and(|other| other != *name));
            if let Some((key, name)) = differs {
                let (a, b) = (&first.file, &other.file);
                let other = &other.names[key];
                let why = format!("{a} and {b} name class {key} differently ({name}, {other}); keep the right one");
                return Err(Error::new(ErrorKind::Label, why));
            }
        }
        Ok(Some(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(name: &str, text: &str) -> Option<NameList> {
        NameList::of(&TextFile::new(name, text.to_owned()).unwrap())
    }

    #[test]
    fn lists_of_both_kinds_give_names() {
        let keras = list("classes.csv", "name,id\ncat,0\n\"traffic, light\",1\n").unwrap();
        assert_eq!(
            (keras.name_of("1"), keras.name_of("cat"), keras.name_of("2")),
            (Some("traffic, light"), Some("cat"), None)
        );
        assert_eq!(keras.numbered, ["cat", "traffic, light"]);
        let open_images = list("x/class-descriptions-boxable.csv", "/m/011k07,Tortoise\n/m/0c9ph5,Flower\n").unwrap();
        assert_eq!((open_images.name_of("/m/0c9ph5"), open_images.numbered.len()), (Some("Flower"), 0));
        let named = list("class-descriptions-boxable.csv", "LabelName,DisplayName\n/m/011k07,Tortoise\n").unwrap();
        assert_eq!((named.name_of("/m/011k07"), named.name_of("LabelName")), (Some("Tortoise"), None));
        for (name, text) in [
            ("_classes.csv", "Pixel Value, Class\nx, background\n"),
            ("class_dict.csv", "name,r,g,b\nsky,1,2,3\n"),
            ("classes.csv", "1,2\n"),
            ("classes.csv", ""),
            ("pairs.csv", "cat,0\n"),
        ] {
            assert!(list(name, text).is_none(), "{name}: {text}");
        }
    }

    #[test]
    fn the_nearest_list_counts() {
        let lists = [list("a/meta/classes.csv", "x,0\n").unwrap(), list("b/meta/classes.csv", "y,0\n").unwrap()];
        assert_eq!(NameList::nearest(&lists, "b/labels/t.csv").unwrap(), Some(1));
        let error = NameList::nearest(&lists, "c/t.csv").unwrap_err().to_string();
        assert!(error.contains("name class 0 differently (x, y)"), "{error}");
        assert_eq!(NameList::nearest(&[], "t.csv").unwrap(), None, "no list");
    }
}
