//! Writing labels: each output's own files by themselves, then what speaks of all outputs.

use std::io::Write;
use std::sync::Arc;

use super::draft::Fields;
use super::layout::{base, split_extension};
use super::outlines::Outlines;
use super::painter::Painter;
use super::table::TableKind;
use super::yolo::YoloKind;
use super::{Dataset, LabelFormat, Split, coco, hf, labelme, table, voc, yolo};
use crate::codec::Format;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::labels::{Classes, Labels, Mask};

/// The label files of one output.
#[derive(Clone, Debug, Default)]
pub struct OutputLabels {
    /// Names in the output, and contents.
    pub entries: Vec<(String, Vec<u8>)>,
    /// What the output adds to a file about all outputs.
    pub fragment: Option<Fragment>,
}

/// What one output adds to the files about all outputs of its split, in the writer's own form: the split's name on the
/// first line, then the text; as JSON on its way between workers.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Fragment(String);

impl Fragment {
    fn new(split: Option<&Split>, text: &str) -> Self {
        Self(format!("{}\n{text}", split.map_or("", Split::name)))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Fragment {
    /// The fragment of a text that was one's.
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A file about all outputs, or about those of one split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFile {
    /// Its name in the output.
    pub name: String,
    split: Option<Split>,
}

/// Goes through the texts of all fragments in the outputs' order, as often as it is asked to.
pub type Fragments<'a> = dyn FnMut(&mut dyn FnMut(&str) -> Result<()>) -> Result<()> + 'a;

/// Writes labels in one format.
#[derive(Clone, Debug)]
pub struct LabelWriter {
    format: LabelFormat,
    classes: Arc<Classes>,
    /// The splits of the outputs; `None` for images in none.
    splits: Vec<Option<Split>>,
    extra: Fields,
    kind: YoloKind,
    coco: coco::CocoStyle,
    /// Whether coordinates are written to the last digit, as they were read, instead of rounded.
    fine: bool,
    table: TableKind,
    /// Whether the dataset has objects, not classes of images alone.
    has_objects: bool,
    /// Paints masks, where the images have none and masks are wanted.
    painter: Option<Painter>,
    /// What names the values of masks: names of files, and texts.
    mask_lists: Vec<(String, Arc<str>)>,
    warnings: Vec<String>,
    notes: Vec<String>,
}

impl LabelWriter {
    /// A writer of a format for the labels of a dataset; of the nearest one that is written, where it is only read.
    #[must_use]
    pub fn new(format: LabelFormat, dataset: &Dataset) -> Self {
        let format = format.written_as();
        let (dataset, outlines) = &Outlines::applied(dataset, format);
        let kind = yolo_kind(format, dataset);
        let warnings = losses(format, kind, dataset);
        let mut splits: Vec<Option<Split>> = dataset.splits().into_iter().map(|(split, _)| split).collect();
        if splits.is_empty() {
            splits.push(None);
        }
        let mut notes = Vec::new();
        if format.is_yolo() && splits.iter().any(Option::is_some) && !splits.contains(&Some(Split::Val)) {
            notes.push(
                "there is no split val, which trainers of YOLO ask for: data.yaml gives another one for it".to_owned(),
            );
        }
        let paints = format == LabelFormat::Masks && !dataset.has_masks();
        // Readers of VOC take classes that are not VOC's twenty from this list, with masks or without.
        let mask_lists = match paints || format == LabelFormat::Voc && !dataset.has_masks() {
            true => vec![("labelmap.txt".to_owned(), Painter::label_map(&dataset.classes).into())],
            false if dataset.has_masks() => dataset.mask_names.files.clone(),
            false => Vec::new(),
        };
        Self {
            format,
            classes: Arc::clone(&dataset.classes),
            splits,
            extra: dataset.extra.clone(),
            kind,
            coco: coco::CocoStyle::new(&dataset.classes, dataset.fine),
            fine: dataset.fine,
            table: TableKind::of(dataset),
            has_objects: outlines.is_some() || dataset.items.iter().any(|item| item.objects() > 0),
            painter: paints.then(|| Painter::new(&dataset.classes)),
            mask_lists,
            warnings,
            notes,
        }
    }

    /// The format.
    #[must_use]
    pub const fn format(&self) -> LabelFormat {
        self.format
    }

    /// What the format cannot hold of this dataset's labels.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What a person should know of the files that are written, and that is no fault.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The label files of one output: a pure function of its name (`images/train/a_0.jpg`), split, size and labels. Masks
    /// are not among them: the caller encodes them and names them by [`mask_entry_name`].
    ///
    /// # Errors
    /// Those of encoding a bitmap as a picture.
    pub fn render(&self, image_name: &str, split: Option<&Split>, size: Size, labels: &Labels) -> Result<OutputLabels> {
        let entry = |extension, text: String| vec![(label_entry_name(image_name, extension), text.into_bytes())];
        let fragment = |text: String| Some(Fragment::new(split, &text));
        Ok(match self.format {
            LabelFormat::Voc => OutputLabels {
                entries: entry("xml", voc::render(image_name, size, labels, &self.classes)),
                fragment: split.and_then(|_| fragment(format!("{}\n", base(split_extension(image_name).0)))),
            },
            LabelFormat::Yolo | LabelFormat::YoloObb => {
                OutputLabels { entries: entry("txt", yolo::render(self.kind, size, labels)), fragment: None }
            }
            LabelFormat::Coco => OutputLabels {
                entries: Vec::new(),
                fragment: fragment(coco::render(within_split(image_name, split), size, labels, &self.coco)),
            },
            LabelFormat::LabelMe => {
                let name = label_entry_name(image_name, "json");
                let text = labelme::render([&name, image_name], size, labels, &self.classes, self.fine)?;
                OutputLabels { entries: vec![(name, text.into_bytes())], fragment: None }
            }
            LabelFormat::Csv => OutputLabels {
                entries: Vec::new(),
                fragment: fragment(table::render(
                    self.table,
                    within_split(image_name, split),
                    size,
                    labels,
                    &self.classes,
                )),
            },
            LabelFormat::Hf => {
                let name = within_split(image_name, split);
                let line = hf::render(name, size, labels, &self.classes, self.has_objects);
                OutputLabels { entries: Vec::new(), fragment: fragment(line) }
            }
            _ => OutputLabels::default(),
        })
    }

    /// The mask of an output's objects, where masks are painted; what is doubtful is told in words.
    ///
    /// # Errors
    /// `Label` when numbers do not suffice for the classes.
    pub fn paint(&self, size: Size, labels: &Labels, warnings: &mut Vec<String>) -> Result<Option<Mask>> {
        let Some(painter) = &self.painter else { return Ok(None) };
        let (mask, boxes) = painter.paint(size, &labels.objects)?;
        if boxes > 0 {
            let ignored = painter.ignored();
            warnings.push(format!(
                "{boxes} object(s) have only a box, which is painted as what trainers ignore, {ignored}"
            ));
        }
        Ok(Some(mask))
    }

    /// The files about all outputs, in the order in which they are written.
    #[must_use]
    pub fn last_files(&self) -> Vec<LastFile> {
        let lists = self.mask_lists.iter().map(|(name, _)| LastFile { name: name.clone(), split: None });
        self.label_files().into_iter().chain(lists).collect()
    }

    /// Those of them that hold labels.
    fn label_files(&self) -> Vec<LastFile> {
        let one = |name: &str, split: Option<&Split>| LastFile { name: name.to_owned(), split: split.cloned() };
        // The file about images in no split has a name of its own.
        let each = |whole: &str, name: &dyn Fn(&Split) -> String| {
            let of =
                |split: &Option<Split>| one(&split.as_ref().map_or_else(|| whole.to_owned(), name), split.as_ref());
            self.splits.iter().map(of).collect()
        };
        match self.format {
            LabelFormat::Voc => {
                let list = |split: &Split| one(&format!("ImageSets/Main/{split}.txt"), Some(split));
                self.splits.iter().flatten().map(list).collect()
            }
            LabelFormat::Yolo | LabelFormat::YoloObb => vec![one("data.yaml", None)],
            LabelFormat::Coco => each("annotations.json", &|split| format!("annotations/instances_{split}.json")),
            LabelFormat::Csv => each("annotations.csv", &|split| format!("annotations/{split}.csv")),
            LabelFormat::Hf => each("images/metadata.jsonl", &|split| format!("images/{split}/metadata.jsonl")),
            _ => Vec::new(),
        }
    }

    /// Writes one of these files.
    ///
    /// # Errors
    /// Those of `fragments`; `Io` when `out` refuses the bytes.
    pub fn write_last_file(&self, file: &LastFile, fragments: &mut Fragments<'_>, out: &mut dyn Write) -> Result<()> {
        let wanted = file.split.as_ref().map_or("", Split::name);
        let mut of_split = |take: &mut dyn FnMut(&str) -> Result<()>| {
            fragments(&mut |fragment| match fragment.split_once('\n') {
                Some((split, text)) if split == wanted => take(text),
                _ => Ok(()),
            })
        };
        let io = |error: std::io::Error| Error::new(ErrorKind::Io, error.to_string());
        if let Some((_, text)) = self.mask_lists.iter().find(|(name, _)| *name == file.name) {
            return out.write_all(text.as_bytes()).map_err(io);
        }
        match self.format {
            LabelFormat::Csv => {
                out.write_all(table::header(self.table, &self.classes).as_bytes()).map_err(io)?;
                of_split(&mut |text| out.write_all(text.as_bytes()).map_err(io))
            }
            LabelFormat::Voc | LabelFormat::Hf => of_split(&mut |text| out.write_all(text.as_bytes()).map_err(io)),
            LabelFormat::Yolo | LabelFormat::YoloObb => {
                let splits: Vec<Split> = self.splits.iter().flatten().cloned().collect();
                out.write_all(yolo::data_yaml(self.kind, &self.classes, &splits).as_bytes()).map_err(io)
            }
            LabelFormat::Coco => coco::write(&mut of_split, &self.classes, &self.extra, out),
            _ => Ok(()),
        }
    }

    /// The files about all outputs with their bytes, in memory.
    ///
    /// # Errors
    /// None so far.
    pub fn finish(&self, fragments: &[Fragment]) -> Result<Vec<(String, Vec<u8>)>> {
        let mut each = |take: &mut dyn FnMut(&str) -> Result<()>| fragments.iter().try_for_each(|f| take(f.as_str()));
        let bytes = |file: LastFile| {
            let mut bytes = Vec::new();
            self.write_last_file(&file, &mut each, &mut bytes)?;
            Ok((file.name, bytes))
        };
        self.last_files().into_iter().map(bytes).collect()
    }
}

/// The name of an image within the folder of its split.
fn within_split<'a>(image_name: &'a str, split: Option<&Split>) -> &'a str {
    let name = image_name.strip_prefix("images/").unwrap_or(image_name);
    split.and_then(|split| name.strip_prefix(split.name())?.strip_prefix('/')).unwrap_or(name)
}

/// The name of an output's label file: `labels/train/a_0.txt` for `images/train/a_0.jpg`.
#[must_use]
pub fn label_entry_name(image_name: &str, extension: &str) -> String {
    partner_name(image_name, "labels", "", extension)
}

/// The name of an output's mask: `masks/a_0_mask.png` for `images/a_0.jpg` and the role `mask`.
#[must_use]
pub fn mask_entry_name(image_name: &str, role: &str, extension: &str) -> String {
    partner_name(image_name, "masks", &format!("_{role}"), extension)
}

/// The ending of a file's name; its format's usual one where the name has none.
pub(crate) fn extension_of(name: &str, format: Format) -> &str {
    match base(name).rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension,
        _ => format.extension(),
    }
}

fn partner_name(image_name: &str, folder: &str, suffix: &str, extension: &str) -> String {
    let (stem, _) = split_extension(image_name.strip_prefix("images/").unwrap_or(image_name));
    format!("{folder}/{stem}{suffix}.{extension}")
}

/// Polygons before poses: of an object's shape and its keypoints, one line can hold only one.
fn yolo_kind(format: LabelFormat, dataset: &Dataset) -> YoloKind {
    let holds = dataset.holds;
    let was_yolo = dataset.format.is_yolo();
    if format == LabelFormat::YoloObb || (holds.oriented && !holds.shapes && holds.keypoints == 0) {
        YoloKind::Oriented
    } else if holds.keypoints > 0 && (was_yolo || !(holds.shapes || holds.oriented)) {
        YoloKind::Pose { count: holds.keypoints, dims: if was_yolo && !holds.visibility { 2 } else { 3 } }
    } else if holds.shapes || holds.oriented {
        YoloKind::Polygons
    } else {
        YoloKind::Boxes
    }
}

/// What a format cannot hold of a dataset's labels.
fn losses(format: LabelFormat, kind: YoloKind, dataset: &Dataset) -> Vec<String> {
    let holds = dataset.holds;
    // Tables are read with columns of many kinds, and written with those of one.
    let holds_all = format == dataset.format && format != LabelFormat::Csv;
    if holds_all || dataset.format == LabelFormat::None {
        return Vec::new();
    }
    let mut losses = Vec::new();
    let lists = match format {
        LabelFormat::Voc | LabelFormat::Coco | LabelFormat::Hf => true,
        LabelFormat::Csv => TableKind::of(dataset) == TableKind::Flags,
        _ => false,
    };
    if holds.classes > 0 && !lists {
        let title = format.title();
        losses.push(format!("{title} holds no lists of classes: those of {} image(s) are left out", holds.classes));
    }
    let boxed = format.is_yolo() || matches!(format, LabelFormat::Voc | LabelFormat::Csv | LabelFormat::Hf);
    if holds.points > 0 && boxed {
        let title = format.title();
        losses
            .push(format!("{title} holds no objects without a box: {} of keypoints alone are left out", holds.points));
    }
    let mut lose = |when: bool, what: &str| {
        if when {
            losses.push(format!("{} {what}", format.title()));
        }
    };
    match format {
        LabelFormat::None => losses.push("labels are not written".to_owned()),
        LabelFormat::Voc | LabelFormat::Csv | LabelFormat::Hf => {
            lose(holds.shapes, "holds no polygons or bitmaps: their boxes are written");
            lose(holds.oriented, "holds no oriented boxes: the upright boxes around them are written");
            lose(holds.keypoints > 0, "holds no keypoints: they are left out");
            lose(
                holds.extras && format == LabelFormat::Csv,
                "holds no other fields (such as difficult or iscrowd): they are left out",
            );
        }
        LabelFormat::Yolo | LabelFormat::YoloObb => {
            let pose = matches!(kind, YoloKind::Pose { .. });
            lose(holds.keypoints > 0 && !pose, "holds polygons or keypoints, not both: keypoints are left out");
            lose(holds.shapes && pose, "holds polygons or keypoints, not both: polygons are left out");
            lose(
                kind == YoloKind::Oriented && holds.shapes,
                "holds oriented boxes: of polygons and bitmaps the least rectangles around them",
            );
            let polygons = kind == YoloKind::Polygons;
            lose(
                polygons,
                "has one outline an object: parts and holes are joined by bridges, bitmaps by their outline",
            );
            lose(holds.extras, "holds no other fields (such as difficult or iscrowd): they are left out");
        }
        LabelFormat::Coco => {
            lose(holds.oriented, "holds no oriented boxes: they are written as polygons of their corners");
        }
        LabelFormat::Masks => {
            lose(true, "hold the classes of pixels: boxes, instances, keypoints and fields are left out");
        }
        _ => {}
    }
    losses
}
