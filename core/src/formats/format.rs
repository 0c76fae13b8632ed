//! The formats of labels: their titles and names, and what is written for those that are only read.

/// A format of object labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelFormat {
    /// No object labels: bare images or class folders.
    #[default]
    None,
    /// Pascal VOC: one XML file an image.
    Voc,
    /// YOLO: one text file an image; boxes, polygons or poses.
    Yolo,
    /// YOLO with oriented boxes: four corners a row.
    YoloObb,
    /// COCO: one JSON file for all images.
    Coco,
    /// LabelMe: one JSON file an image.
    #[serde(rename = "labelme")]
    LabelMe,
    /// A table of boxes, one row an object: TensorFlow's, Open Images', keras-retinanet's.
    Csv,
    /// Hugging Face: `metadata.jsonl` beside the images.
    Hf,
    /// DOTA: one text file an image, oriented boxes in pixels.
    Dota,
    /// CVAT for images: one XML file for all images.
    Cvat,
    /// Label Studio: one JSON file for all images.
    LabelStudio,
    /// `CreateML`: one JSON file for all images.
    CreateMl,
    /// KITTI: one text file an image.
    Kitti,
    /// VGG Image Annotator: one JSON or CSV file for all images.
    Via,
    /// Supervisely: one JSON file an image.
    Supervisely,
    /// Cityscapes' polygons: one JSON file an image.
    Cityscapes,
    /// VisDrone: one text file an image.
    VisDrone,
    /// Lines of JSON, one an image, as Ultralytics exports them.
    Ndjson,
    /// Masks alone, painted from the shapes of objects where there are none. Written only: masks are read whatever else is.
    Masks,
}

impl LabelFormat {
    /// The name as people write it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::None => "no labels",
            Self::Voc => "Pascal VOC",
            Self::Yolo => "YOLO",
            Self::YoloObb => "YOLO OBB",
            Self::Coco => "COCO",
            Self::LabelMe => "LabelMe",
            Self::Csv => "CSV",
            Self::Hf => "Hugging Face metadata",
            Self::Dota => "DOTA",
            Self::Cvat => "CVAT XML",
            Self::LabelStudio => "Label Studio JSON",
            Self::CreateMl => "CreateML JSON",
            Self::Kitti => "KITTI",
            Self::Via => "VGG Image Annotator",
            Self::Supervisely => "Supervisely JSON",
            Self::Cityscapes => "Cityscapes polygons",
            Self::VisDrone => "VisDrone",
            Self::Ndjson => "NDJSON",
            Self::Masks => "masks",
        }
    }

    /// The formats that labels are written in.
    pub const WRITTEN: [Self; 9] =
        [Self::None, Self::Voc, Self::Yolo, Self::YoloObb, Self::Coco, Self::LabelMe, Self::Csv, Self::Hf, Self::Masks];

    /// The name in recipes, requests and options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Voc => "voc",
            Self::Yolo => "yolo",
            Self::YoloObb => "yolo-obb",
            Self::Coco => "coco",
            Self::LabelMe => "labelme",
            Self::Csv => "csv",
            Self::Hf => "hf",
            Self::Dota => "dota",
            Self::Cvat => "cvat",
            Self::LabelStudio => "label-studio",
            Self::CreateMl => "create-ml",
            Self::Kitti => "kitti",
            Self::Via => "via",
            Self::Supervisely => "supervisely",
            Self::Cityscapes => "cityscapes",
            Self::VisDrone => "vis-drone",
            Self::Ndjson => "ndjson",
            Self::Masks => "masks",
        }
    }

    /// Whether it is one of YOLO's, with a `data.yaml`.
    #[must_use]
    pub const fn is_yolo(self) -> bool {
        matches!(self, Self::Yolo | Self::YoloObb)
    }

    /// The format that labels of this one are written in: itself, or the nearest that is written.
    #[must_use]
    pub const fn written_as(self) -> Self {
        match self {
            Self::None
            | Self::Voc
            | Self::Yolo
            | Self::YoloObb
            | Self::Coco
            | Self::LabelMe
            | Self::Csv
            | Self::Hf
            | Self::Masks => self,
            Self::Dota => Self::YoloObb,
            Self::Kitti | Self::VisDrone | Self::Ndjson => Self::Yolo,
            Self::Cvat | Self::LabelStudio | Self::CreateMl | Self::Via | Self::Supervisely | Self::Cityscapes => {
                Self::Coco
            }
        }
    }
}

/// Which labels to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabelChoice {
    /// Whatever is there; the format that covers most images leads.
    #[default]
    Auto,
    /// One format only; `Only(None)` reads images alone.
    Only(LabelFormat),
}
