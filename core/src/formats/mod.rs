//! Datasets as files: which files are images, which hold their labels, and how labels are read and written.
//!
//! [`open`] finds the images of an input and the labels that belong to each; [`Item::place`] turns what a label file
//! states into pixels of the upright image; [`LabelWriter`] writes labels in any of the formats. Conversions between
//! the formats' conventions and continuous pixels happen here and nowhere else.

mod address;
mod cityscapes;
mod class_lists;
mod clip;
mod coco;
mod createml;
mod cub;
mod cvat;
mod dataset;
mod detect;
mod dota;
mod draft;
mod field_names;
mod folders;
mod format;
mod frame;
mod hf;
mod holds;
mod image_classes;
mod json_error;
mod keras;
mod kitti;
mod label_studio;
mod labelme;
mod latin;
mod layout;
mod leftover;
mod listed;
mod listing;
mod mask_lists;
pub(crate) mod masks;
mod ndjson;
mod number;
mod orient;
pub(crate) mod outlines;
mod painter;
mod place;
mod problem;
mod reader;
mod readers;
mod rows;
mod sketch;
mod stale;
mod supervisely;
mod table;
mod unread;
mod via;
mod visdrone;
mod voc;
mod writer;
mod xml;
mod yolo;

pub use crate::files::Files;
pub use crate::plan::{Split, SplitChoice};
pub use dataset::{Dataset, Item, MaskFile, Rewrite, SplitCounts};

pub use detect::open;
pub use format::{LabelChoice, LabelFormat};
pub use frame::Frame;
pub use holds::Holds;
pub use layout::{Around, Belongs, holds_companions, is_photograph, root_depth};
pub(crate) use listed::about;
pub use listing::{is_of_dataset, is_picture};
pub use mask_lists::{MaskClass, MaskNames};
pub use place::Placed;
pub use problem::Problem;
pub(crate) use writer::extension_of;
pub use writer::{Fragment, Fragments, LabelWriter, LastFile, OutputLabels, label_entry_name, mask_entry_name};
