//! The list of all label readers: a new format adds its line here.

use super::reader::Reader;
use super::{
    cityscapes, class_lists, coco, createml, cub, cvat, dota, hf, keras, kitti, label_studio, labelme, ndjson,
    supervisely, table, via, visdrone, voc, yolo,
};

/// All readers; among formats that cover equally many images the first leads.
pub(super) const READERS: &[&dyn Reader] = &[
    &coco::CocoReader,
    &voc::VocReader,
    &yolo::YoloReader,
    &labelme::LabelMeReader,
    &label_studio::LabelStudioReader,
    &createml::CreateMlReader,
    &via::ViaReader,
    &supervisely::SuperviselyReader,
    &cityscapes::CityscapesReader,
    &ndjson::NdjsonReader,
    &cvat::CvatReader,
    &dota::READER,
    &kitti::READER,
    &visdrone::READER,
    &hf::HfReader,
    &table::TableReader,
    &keras::KerasReader,
    &cub::CubReader,
    &class_lists::ClassListReader,
];
