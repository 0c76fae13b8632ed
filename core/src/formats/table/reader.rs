//! Tables of an input.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use csv::StringRecord;

use super::columns::Columns;
use super::names::NameList;
use super::records::{Delimiter, Records};
use super::rows::{Rows, cell, classes, object};
use crate::formats::address::{is_address, names};
use crate::formats::draft::stated_size;
use crate::formats::layout::{base, has_picture_ending, split_in};
use crate::formats::reader::{Harvest, Reader, Said, Survey, TextFile};
use crate::formats::sketch::{Gathering, Notation, Record};
use crate::formats::{LabelFormat, Split};
use crate::labels::Shape;

/// Rows of a table of classes that are looked at to tell whether it is about the images of the input.
const LOOKED_AT: usize = 1000;
/// Fractions that tools wrote may reach a little beyond the frame; no table of pixels ends here.
const ROUGHLY_ONE: f64 = 2.0;

/// Reads tables.
pub(in crate::formats) struct TableReader;

impl Reader for TableReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Csv
    }

    fn claims(&self, file: &TextFile, survey: &Survey<'_>) -> bool {
        if !matches!(file.extension().as_str(), "csv" | "tsv" | "txt") {
            return false;
        }
        // A table of boxes is one of labels; one of classes could be about anything.
        columns_of(file, survey)
            .is_some_and(|columns| columns.place.is_some() || is_about_images(&columns, file, survey))
            || NameList::of(file).is_some()
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut tables = Tables {
            survey,
            gathering: Gathering::new(survey).apart(),
            lists: Vec::new(),
            used: BTreeSet::new(),
            fractions: BTreeMap::new(),
        };
        let mut known = Vec::new();
        for file in files {
            match columns_of(&file, survey) {
                Some(columns) => known.push((file, columns)),
                None => tables.lists.extend(NameList::of(&file)),
            }
        }
        for (file, columns) in known {
            tables.take(&file, columns);
        }
        tables.finish()
    }
}

/// The columns of a table, one of which names images.
fn columns_of(file: &TextFile, survey: &Survey<'_>) -> Option<Columns> {
    let names_image = |cell: &str| survey.finder.find_stem(cell, &file.name).is_some();
    let leads_to_image = |cell: &str| is_address(cell) && names(cell).iter().any(|name| names_image(name));
    Columns::of(&file.text, &|cell| names_image(cell) || leads_to_image(cell))
}

/// Whether a table is about the images of the input: some row names one as a picture, or most rows name one by its stem.
fn is_about_images(columns: &Columns, file: &TextFile, survey: &Survey<'_>) -> bool {
    let mut records = Records::new(&file.text);
    let (mut rows, mut found) = (0, 0);
    while let Some((record, _)) = records.next().filter(|_| rows < LOOKED_AT) {
        rows += 1;
        let name = cell(record, columns.image);
        if has_picture_ending(name) && survey.finder.find(name, &file.name).is_some() {
            return true;
        }
        found += usize::from(survey.finder.find_stem(name, &file.name).is_some());
    }
    found > 0 && (found * 2 >= rows || found * 2 >= survey.images.len())
}

/// The tables of an input while they are gathered.
struct Tables<'a> {
    survey: &'a Survey<'a>,
    gathering: Gathering<'a>,
    lists: Vec<NameList>,
    /// Lists of names that a table uses.
    used: BTreeSet<String>,
    /// Whether the coordinates of an image are fractions.
    fractions: BTreeMap<usize, bool>,
}

/// What a first look at a table tells.
#[derive(Default)]
struct Scan {
    /// The places of the rows of each image.
    images: BTreeMap<usize, Vec<Range<usize>>>,
    /// What rows call their classes.
    stated: BTreeSet<String>,
    absent: BTreeSet<String>,
    splits: BTreeMap<String, BTreeSet<usize>>,
    /// The coordinate that is farthest from the corner of the image; `None` without a box.
    farthest: Option<f64>,
}

impl Tables<'_> {
    fn take(&mut self, file: &TextFile, columns: Columns) {
        let list = match NameList::nearest(&self.lists, &file.name) {
            Ok(list) => list,
            Err(error) => return self.gathering.harvest.unread(&file.name, error),
        };
        let delimiter = Delimiter::of(&file.text);
        let scan = Scan::of(file, &columns, delimiter, self.survey);
        let absent: Vec<&str> = scan.absent.iter().map(String::as_str).collect();
        self.gathering.harvest.absent(&file.name, &absent);
        let stated = scan.splits.iter().map(|(name, images)| (Split::named(name), images.clone()));
        let mut splits: Vec<(Split, BTreeSet<usize>)> = stated.collect();
        if let Some(split) = split_in(base(&file.name)).filter(|_| splits.is_empty()) {
            splits.push((split, scan.images.keys().copied().collect()));
        }
        self.gathering.harvest.splits.extend(splits);

        let names = self.names(file, &scan, list, &columns);
        // Columns of Open Images have fractions, unless their numbers say otherwise.
        let most = if columns.fractions { ROUGHLY_ONE } else { 1.0 };
        let fractions = scan.farthest.map_or(columns.fractions, |farthest| farthest <= most);
        if columns.fractions && !fractions {
            let what = "its coordinates are beyond 1, so they are taken as pixels";
            self.gathering.harvest.warnings.push(format!("{}: {what}", file.name));
        }
        if fractions && !columns.fractions {
            let what = "no coordinate is beyond 1, so they are taken as fractions of the image";
            self.gathering.harvest.warnings.push(format!("{}: {what}", file.name));
        }
        if columns.place.is_none() {
            let others: Vec<&str> = columns.others.iter().map(|(_, name)| name.as_str()).collect();
            let what = format!("column(s) of {} say nothing of classes and are left out", file.name);
            self.gathering.harvest.warn_about(&others, &what);
        }
        self.gathering.image_classes.several |= !columns.flags.is_empty() && base(&file.name) == "_classes.csv";
        columns.flags.iter().for_each(|(_, name)| self.gathering.image_classes.order(name));
        let notation: Arc<dyn Notation> = Arc::new(Rows { delimiter, columns, names, fractions });
        for (image, rows) in scan.images {
            if *self.fractions.entry(image).or_insert(fractions) != fractions {
                let what = "image(s) are in a table of pixels and in one of fractions; the first one is taken";
                self.gathering.lose(what, 1);
                continue;
            }
            for range in rows {
                let record = Record { text: Arc::clone(&file.text), range, notation: Arc::clone(&notation) };
                self.gathering.add(&file.name, image, record);
            }
        }
    }

    /// The name of each class by what the rows of a table call it, from a list where it names one of them.
    fn names(
        &mut self,
        file: &TextFile,
        scan: &Scan,
        list: Option<usize>,
        columns: &Columns,
    ) -> BTreeMap<String, String> {
        let list = list.map(|at| &self.lists[at]);
        let list = list.filter(|list| scan.stated.iter().any(|stated| list.name_of(stated).is_some()));
        if let Some(list) = list {
            self.used.insert(list.file.clone());
            // Tables of classes say nothing of objects.
            let numbered = list.numbered.iter().filter(|_| columns.place.is_some());
            numbered.for_each(|name| self.gathering.list(name, &[]));
        }
        let mut names = BTreeMap::new();
        let mut unnamed = Vec::new();
        for stated in &scan.stated {
            match list.and_then(|list| list.name_of(stated)) {
                Some(name) => _ = names.insert(stated.clone(), name.to_owned()),
                None if list.is_some() || stated.parse::<u64>().is_ok() => unnamed.push(stated.as_str()),
                None => {}
            }
        }
        let what = format!("class(es) of {} are named by no list and go by what the table calls them", file.name);
        self.gathering.harvest.warn_about(&unnamed, &what);
        names
    }

    fn finish(self) -> Harvest {
        let mut harvest = self.gathering.finish();
        let unused = self.lists.iter().map(|list| list.file.as_str()).filter(|file| !self.used.contains(*file));
        let unused: Vec<&str> = unused.collect();
        harvest.warn_about(&unused, "list(s) of classes name none that a table uses and are left out");
        harvest
    }
}

/// The split that a row says.
fn split_of<'a>(record: &'a StringRecord, columns: &Columns) -> Option<&'a str> {
    columns.split.map(|at| cell(record, at)).filter(|split| !split.is_empty() && *split != "UNASSIGNED")
}

impl Scan {
    fn of(file: &TextFile, columns: &Columns, delimiter: Delimiter, survey: &Survey<'_>) -> Self {
        let mut scan = Self::default();
        let mut records = Records::within(&file.text, 0..file.text.len(), delimiter);
        if columns.header {
            records.next();
        }
        let mut known: BTreeMap<(String, String), Option<usize>> = BTreeMap::new();
        while let Some((record, place)) = records.next() {
            let name = cell(record, columns.image);
            let split = split_of(record, columns).unwrap_or_default();
            let key = (name.to_owned(), split.to_owned());
            let image = *known.entry(key).or_insert_with(|| {
                let side = |at: usize| cell(record, at).parse().ok();
                let size = columns.size.and_then(|[width, height]| stated_size(side(width), side(height)));
                let split = split_of(record, columns);
                let said = Said { split, size, stem: true, taken: None };
                // A column divides what lies in one folder.
                let lent = || survey.finder.find_in_training(name, &Split::named(split?), &file.name);
                survey.find_said(name, &file.name, &said).or_else(lent)
            });
            match image {
                None => _ = scan.absent.insert(name.to_owned()),
                Some(image) => scan.see(image, record, place, columns),
            }
        }
        scan
    }

    /// Looks at a row about an image.
    fn see(&mut self, image: usize, record: &StringRecord, place: Range<usize>, columns: &Columns) {
        let rows = self.images.entry(image).or_default();
        match rows.last_mut() {
            // Rows that follow each other are one part of the text.
            Some(last) if last.end == place.start => last.end = place.end,
            _ => rows.push(place),
        }
        if let Some(split) = split_of(record, columns) {
            self.splits.entry(split.to_owned()).or_default().insert(image);
        }
        let object = object(record, columns);
        if columns.place.is_none() || !matches!(object, Ok(None)) {
            for name in classes(record, columns).filter(|name| !name.is_empty()) {
                if !self.stated.contains(name) {
                    self.stated.insert(name.to_owned());
                }
            }
        }
        let Ok(Some(object)) = object else { return };
        let bound = object.bbox.or_else(|| match &object.shape {
            Some(Shape::Bitmap(_)) | None => None,
            Some(shape) => shape.bound(),
        });
        if let Some(bound) = bound {
            let farthest = [bound.x1, bound.y1, -bound.x0, -bound.y0].into_iter().fold(0.0, f64::max);
            self.farthest = Some(self.farthest.unwrap_or(0.0).max(farthest));
        }
    }
}
