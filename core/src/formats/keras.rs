//! Lines of keras-yolo3, as Roboflow exports them for YOLO v4 in `PyTorch` and YOLO v3 in Keras: a text of its own for many
//! images, `a.jpg left,top,right,bottom,class …`, with the names of the classes in `_classes.txt` beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::LabelFormat;
use super::draft::check_objects;
use super::layout::{base, folders, has_picture_ending, split_in};
use super::reader::{Harvest, Reader, Survey, TextFile};
use super::rows::coordinate;
use super::sketch::{Drawn, Gathering, Notation, Record, Sketch};
use crate::error::{Error, ErrorKind, Result};
use crate::filled::filled;
use crate::geometry::Rect;
use crate::labels::Object;
use crate::limits::Limits;

/// Lines that are looked at to tell whether a text is of the format.
const LOOKED_AT: usize = 20;
/// The names of a text and of its list of classes, as Roboflow writes them.
const OWN: &str = "_annotations.txt";
const CLASSES: &str = "_classes.txt";

/// Reads lines of an image and its boxes.
pub(super) struct KerasReader;

/// The notation of one text.
#[derive(Debug)]
struct Keras {
    /// Of classes, in the order of their numbers; none where no list names them.
    names: Vec<String>,
}

/// A line as the name of an image and its boxes.
fn line(text: &str) -> Option<(&str, Vec<&str>)> {
    let is_box =
        |word: &str| word.split(',').count() == 5 && word.split(',').all(|number| number.parse::<f64>().is_ok());
    let mut rest = text.trim();
    let mut boxes = Vec::new();
    // Names have spaces too.
    while let Some((before, word)) = rest.rsplit_once(char::is_whitespace).filter(|(_, word)| is_box(word)) {
        boxes.push(word);
        rest = before.trim_end();
    }
    boxes.reverse();
    has_picture_ending(rest).then_some((rest, boxes))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim().is_empty())
}

impl Reader for KerasReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Csv
    }

    fn precedes_lists(&self) -> bool {
        true
    }

    fn claims(&self, file: &TextFile, survey: &Survey<'_>) -> bool {
        if file.extension() != "txt" {
            return false;
        }
        let beside = |name: &str| survey.is_beside(&file.name, name);
        if base(&file.name) == CLASSES {
            return beside(OWN);
        }
        let read: Option<Vec<_>> = lines(&file.text).take(LOOKED_AT).map(line).collect();
        let Some(read) = read.filter(|read| !read.is_empty()) else { return false };
        // A split that shows nothing has names alone.
        read.iter().any(|(_, boxes)| !boxes.is_empty()) || base(&file.name) == OWN && beside(CLASSES)
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let (lists, texts): (Vec<TextFile>, Vec<TextFile>) =
            files.into_iter().partition(|file| base(&file.name) == CLASSES);
        let mut gathering = Gathering::new(survey);
        let lists: Vec<(&str, Vec<String>)> = lists
            .iter()
            .map(|list| (list.name.as_str(), lines(&list.text).map(|name| name.trim().to_owned()).collect()))
            .collect();
        let mut nameless = Vec::new();
        for file in &texts {
            let near = |name: &str| folders(name).zip(folders(&file.name)).take_while(|(a, b)| a == b).count();
            let list = lists.iter().max_by_key(|(name, _)| near(name));
            let names = list.map(|(_, names)| names.clone()).unwrap_or_default();
            if names.is_empty() {
                nameless.push(file.name.as_str());
            }
            names.iter().for_each(|name| gathering.list(name, &[]));
            take(file, names, survey, &mut gathering);
        }
        let what = "file(s) of boxes have no _classes.txt beside them; their classes go by their numbers";
        gathering.harvest.warn_about(&nameless, what);
        gathering.finish()
    }
}

fn take(file: &TextFile, names: Vec<String>, survey: &Survey<'_>, gathering: &mut Gathering<'_>) {
    let known = names.len();
    let notation: Arc<dyn Notation> = Arc::new(Keras { names });
    let mut images: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    let mut absent = BTreeSet::new();
    let (mut unreadable, mut beyond) = (Vec::new(), None);
    for (number, text) in (1..).zip(file.text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let Some((name, boxes)) = line(text) else {
            unreadable.push(number);
            continue;
        };
        let classes = boxes.iter().filter_map(|numbers| numbers.rsplit(',').next()?.parse::<f64>().ok());
        let highest = classes.fold(0.0, f64::max);
        if known > 0 && highest >= known as f64 {
            beyond.get_or_insert((number, highest));
        }
        match survey.find(name, &file.name) {
            Some(image) => images.entry(image).or_default().push(text),
            None => _ = absent.insert(name),
        }
    }
    let absent: Vec<&str> = absent.into_iter().collect();
    gathering.harvest.absent(&file.name, &absent);
    let found: BTreeSet<usize> = filled(images.keys().copied());
    if let Some(split) = split_in(base(&file.name)) {
        gathering.harvest.splits.push((split, found.clone()));
    }
    if let Some((number, class)) = beyond {
        let why = format!("line {number}: class {class} is not among the {known} names of {CLASSES}");
        return gathering.harvest.unread_of(&file.name, Error::new(ErrorKind::Label, why), found);
    }
    if let [first, more @ ..] = &unreadable[..] {
        let more = if more.is_empty() { String::new() } else { format!(" (and {} more lines)", more.len()) };
        let why = format!("line {first}{more} is not a picture and its boxes `left,top,right,bottom,class`");
        gathering.harvest.unread(&file.name, Error::new(ErrorKind::Label, why));
    }
    for (image, texts) in images {
        for text in texts {
            gathering.add(&file.name, image, Record::part(&file.text, text, &notation));
        }
    }
}

impl Notation for Keras {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let (_, boxes) = line(record).unwrap_or_default();
        check_objects(boxes.len(), limits.max_objects)?;
        Ok(Sketch { drawn: boxes.into_iter().map(|numbers| self.drawn(numbers)).collect(), ..Sketch::default() })
    }
}

impl Keras {
    fn drawn(&self, numbers: &str) -> std::result::Result<Drawn, String> {
        let mut numbers = numbers.split(',');
        let mut next = |what: &str| coordinate(numbers.next().unwrap_or_default(), what);
        let [x0, y0, x1, y1] = [next("left")?, next("top")?, next("right")?, next("bottom")?];
        let class = next("its class")?;
        if x1 <= x0 || y1 <= y0 {
            return Err("its box is empty".to_owned());
        }
        if class < 0.0 || class.fract() != 0.0 {
            return Err(format!("{class} is no number of a class"));
        }
        let class = match self.names.get(class as usize) {
            Some(name) => name.clone(),
            None => class.to_string(),
        };
        let object = Object { bbox: Some(Rect::new(x0, y0, x1, y1)), ..Object::default() };
        Ok(Drawn { class: Some(class), object, ..Drawn::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_a_name_and_boxes() {
        assert_eq!(line("a b.jpg 1,2,3,4,0 5,6,7.5,8,1"), Some(("a b.jpg", vec!["1,2,3,4,0", "5,6,7.5,8,1"])));
        assert_eq!(line("a.jpg"), Some(("a.jpg", vec![])));
        assert_eq!(line("a.jpg 1"), None, "a list of flags");
        assert_eq!(line("1,2,3,4,0"), None);
    }
}
