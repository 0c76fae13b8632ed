//! Writing labels: each output's own files by themselves, then what speaks of all outputs.

use std::io::Write;
use std::sync::Arc;

use super::draft::Fields;
use super::names::split_extension;
use super::yolo::YoloKind;
use super::{Dataset, LabelFormat, coco, voc, yolo};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::labels::{Classes, Labels};

/// The label files of one output.
#[derive(Clone, Debug, Default)]
pub struct OutputLabels {
    /// Names in the output, and contents.
    pub entries: Vec<(String, Vec<u8>)>,
    /// What the output adds to a file about all outputs.
    pub fragment: Option<Fragment>,
}

/// What one output adds to a file about all outputs, in the writer's own form; as JSON on its way between workers.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Fragment(String);

impl Fragment {
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

/// Goes through the texts of all fragments in the outputs' order, as often as it is asked to.
pub type Fragments<'a> = dyn FnMut(&mut dyn FnMut(&str) -> Result<()>) -> Result<()> + 'a;

/// Writes labels in one format.
#[derive(Clone, Debug)]
pub struct LabelWriter {
    format: LabelFormat,
    classes: Arc<Classes>,
    extra: Fields,
    kind: YoloKind,
    coco: coco::CocoStyle,
    warnings: Vec<String>,
}

impl LabelWriter {
    /// A writer of a format for the labels of a dataset.
    #[must_use]
    pub fn new(format: LabelFormat, dataset: &Dataset) -> Self {
        let kind = yolo_kind(dataset);
        Self {
            format,
            classes: Arc::clone(&dataset.classes),
            extra: dataset.extra.clone(),
            kind,
            coco: coco::CocoStyle::new(&dataset.classes, dataset.fine),
            warnings: losses(format, kind, dataset),
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

    /// The label files of one output: a pure function of its name (`images/a_0.jpg`), size and labels. A mask is not
    /// among them: the caller encodes it and names it by [`mask_entry_name`].
    ///
    /// # Errors
    /// None so far; kept for formats that cannot hold every label.
    pub fn render(&self, image_name: &str, size: Size, labels: &Labels) -> Result<OutputLabels> {
        let entry = |extension, text: String| OutputLabels {
            entries: vec![(partner_name(image_name, "labels", "", extension), text.into_bytes())],
            fragment: None,
        };
        Ok(match self.format {
            LabelFormat::None => OutputLabels::default(),
            LabelFormat::Voc => entry("xml", voc::render(image_name, size, labels, &self.classes)),
            LabelFormat::Yolo => entry("txt", yolo::render(self.kind, size, labels)),
            LabelFormat::Coco => OutputLabels {
                entries: Vec::new(),
                fragment: Some(Fragment(coco::render(image_name, size, labels, &self.coco))),
            },
        })
    }

    /// The name of the file about all outputs, where the format has one.
    #[must_use]
    pub const fn last_file(&self) -> Option<&'static str> {
        match self.format {
            LabelFormat::None | LabelFormat::Voc => None,
            LabelFormat::Yolo => Some("data.yaml"),
            LabelFormat::Coco => Some("annotations.json"),
        }
    }

    /// Writes that file, if there is one.
    ///
    /// # Errors
    /// Those of `fragments`; `Io` when `out` refuses the bytes.
    pub fn write_last_file(&self, fragments: &mut Fragments<'_>, out: &mut dyn Write) -> Result<()> {
        match self.format {
            LabelFormat::None | LabelFormat::Voc => Ok(()),
            LabelFormat::Yolo => out
                .write_all(yolo::data_yaml(self.kind, &self.classes).as_bytes())
                .map_err(|error| Error::new(ErrorKind::Io, error.to_string())),
            LabelFormat::Coco => coco::write(fragments, &self.classes, &self.extra, out),
        }
    }

    /// The file about all outputs, if there is one, in memory.
    ///
    /// # Errors
    /// None so far.
    pub fn finish(&self, fragments: &[Fragment]) -> Result<Option<(String, Vec<u8>)>> {
        let Some(name) = self.last_file() else { return Ok(None) };
        let mut bytes = Vec::new();
        let mut each = |take: &mut dyn FnMut(&str) -> Result<()>| fragments.iter().try_for_each(|f| take(f.as_str()));
        self.write_last_file(&mut each, &mut bytes)?;
        Ok(Some((name.to_owned(), bytes)))
    }
}

/// The name of an output's mask: `masks/a_0_mask.png` for `images/a_0.jpg`.
#[must_use]
pub fn mask_entry_name(image_name: &str) -> String {
    partner_name(image_name, "masks", "_mask", "png")
}

fn partner_name(image_name: &str, folder: &str, suffix: &str, extension: &str) -> String {
    let (stem, _) = split_extension(image_name.strip_prefix("images/").unwrap_or(image_name));
    format!("{folder}/{stem}{suffix}.{extension}")
}

/// Polygons before poses: of an object's shape and its keypoints, one line can hold only one.
fn yolo_kind(dataset: &Dataset) -> YoloKind {
    let holds = dataset.holds;
    let was_yolo = dataset.format == LabelFormat::Yolo;
    if holds.keypoints > 0 && (was_yolo || !holds.shapes) {
        YoloKind::Pose { count: holds.keypoints, dims: if was_yolo && !holds.visibility { 2 } else { 3 } }
    } else if holds.shapes {
        YoloKind::Polygons { mixed: was_yolo }
    } else {
        YoloKind::Boxes
    }
}

/// What a format cannot hold of a dataset's labels.
fn losses(format: LabelFormat, kind: YoloKind, dataset: &Dataset) -> Vec<String> {
    let holds = dataset.holds;
    if format == dataset.format || dataset.format == LabelFormat::None {
        return Vec::new();
    }
    let mut losses = Vec::new();
    let mut lose = |when: bool, what: &str| {
        if when {
            losses.push(format!("{} {what}", format.title()));
        }
    };
    match format {
        LabelFormat::None => losses.push("labels are not written".to_owned()),
        LabelFormat::Voc => {
            lose(holds.shapes, "holds no polygons or bitmaps: their boxes are written");
            lose(holds.keypoints > 0, "holds no keypoints: they are left out");
        }
        LabelFormat::Yolo => {
            let pose = matches!(kind, YoloKind::Pose { .. });
            lose(holds.keypoints > 0 && !pose, "holds polygons or keypoints, not both: keypoints are left out");
            lose(holds.shapes && pose, "holds polygons or keypoints, not both: polygons are left out");
            let polygons = matches!(kind, YoloKind::Polygons { .. });
            lose(
                polygons,
                "has one outline an object: parts and holes are joined by bridges, bitmaps by their outline",
            );
            lose(holds.extras, "holds no other fields (such as difficult or iscrowd): they are left out");
        }
        LabelFormat::Coco => {}
    }
    losses
}
