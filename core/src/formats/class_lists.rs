//! Lists of images with a class each, without names of columns, as Caffe and many sets have them: `a.jpg cat`, `a.jpg,3`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::LabelFormat;
use super::layout::{base, folders, has_picture_ending, is_file, split_in};
use super::reader::{Harvest, Reader, Survey, TextFile};
use super::sketch::{Gathering, Notation, Record, Sketch};
use crate::error::Result;
use crate::limits::Limits;

/// Lines that are looked at to tell whether a text is such a list.
const LOOKED_AT: usize = 1000;
/// Numbers from here on are no classes.
const TOO_MANY: u64 = 10_000;

/// A column of splits has no more numbers than this.
const MOST_SPLITS: usize = 3;
/// Of fewer lines nothing can be told from whether their numbers repeat.
const FEW: usize = 4;

/// Reads lists of images and their classes.
pub(super) struct ClassListReader;

/// The notation of a line.
#[derive(Debug)]
struct ClassList;

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A line as the name of an image, which may have spaces, and a class.
fn line(text: &str) -> Option<(&str, &str)> {
    let (name, class) = match text.split_once(['\t', ',', ';']) {
        Some((_, rest)) if rest.contains(['\t', ',', ';']) => return None,
        Some(parts) => parts,
        None => text.rsplit_once(char::is_whitespace)?,
    };
    let [name, class] = [name, class].map(|cell| cell.trim().trim_matches(['"', '\'']));
    (!name.is_empty() && !class.is_empty()).then_some((name, class))
}

/// Whether a text gives each of its images a class: few words for many lines, or whole numbers.
pub(super) fn is_list(file: &TextFile, survey: &Survey<'_>) -> bool {
    let of_flags = || folders(&file.name).any(|folder| folder.eq_ignore_ascii_case("imagesets"));
    // CelebA's `list_eval_partition.txt` has numbers of splits.
    let of_splits = ["partition", "split"].iter().any(|word| base(&file.name).to_lowercase().contains(word))
        && split_in(base(&file.name)).is_none();
    if !survey.images_of(&file.name).is_empty()
        || !matches!(file.extension().as_str(), "txt" | "csv" | "tsv" | "lst" | "list")
        || of_flags()
    {
        return false;
    }
    let (mut count, mut found, mut numbers) = (0, false, true);
    let mut classes = BTreeSet::new();
    for text in lines(&file.text).take(LOOKED_AT) {
        let Some((name, class)) = line(text) else { return false };
        let image = survey.finder.find_stem(name, &file.name);
        // Scenes of images that masks label, as ADE20K lists them, are no folders to sort those by.
        if image.is_some_and(|image| survey.masked.contains(&image)) {
            return false;
        }
        let known = image.is_some();
        // A line of two files pairs an image with its mask.
        let is_pair = !has_picture_ending(name) && survey.finder.find_stem(class, &file.name).is_some();
        if !known && !has_picture_ending(name) || is_pair || is_file(class) {
            return false;
        }
        count += 1;
        found |= known;
        numbers &= class.parse::<u64>().is_ok_and(|number| number < TOO_MANY);
        classes.insert(class);
    }
    let fractions = !numbers && classes.iter().all(|class| class.parse::<f64>().is_ok());
    if of_splits && numbers && classes.len() <= MOST_SPLITS {
        return false;
    }
    // Numbers that all differ are ids or scores.
    let repeats = classes.len() < count || count < FEW;
    found && (numbers && repeats || !fractions && !numbers && classes.len() * 2 <= count)
}

impl Reader for ClassListReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Csv
    }

    fn precedes_lists(&self) -> bool {
        true
    }

    fn claims(&self, file: &TextFile, survey: &Survey<'_>) -> bool {
        is_list(file, survey)
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut gathering = Gathering::new(survey).apart();
        let notation: Arc<dyn Notation> = Arc::new(ClassList);
        for file in &files {
            let mut absent = BTreeSet::new();
            let mut images: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
            for text in lines(&file.text) {
                let Some((name, _)) = line(text) else {
                    absent.insert(text);
                    continue;
                };
                match survey.find_stem(name, &file.name) {
                    Some(image) => images.entry(image).or_default().push(text),
                    None => _ = absent.insert(name),
                }
            }
            if let Some(split) = split_in(base(&file.name)) {
                gathering.harvest.splits.push((split, images.keys().copied().collect()));
            }
            let absent: Vec<&str> = absent.into_iter().collect();
            gathering.harvest.absent(&file.name, &absent);
            for (image, texts) in images {
                for text in texts {
                    gathering.add(&file.name, image, Record::part(&file.text, text, &notation));
                }
            }
        }
        gathering.finish()
    }
}

impl Notation for ClassList {
    fn sketch(&self, record: &str, _: &Limits) -> Result<Sketch> {
        let mut sketch = Sketch::default();
        if let Some((_, class)) = line(record) {
            sketch.choose(class);
        }
        Ok(sketch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_a_name_and_a_class() {
        for (text, read) in [
            ("a.jpg cat", Some(("a.jpg", "cat"))),
            ("my cat.jpg 3", Some(("my cat.jpg", "3"))),
            ("a.jpg\thello world", Some(("a.jpg", "hello world"))),
            ("\"a.jpg\",cat", Some(("a.jpg", "cat"))),
            ("a.jpg,1,2", None),
            ("a.jpg", None),
            ("a.jpg,", None),
        ] {
            assert_eq!(line(text), read, "{text}");
        }
    }
}
