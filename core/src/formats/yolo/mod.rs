//! YOLO: one text file an image, one object a line, coordinates as fractions of the frame.

mod bridge;
mod config;
mod read;
mod write;
mod yaml;

pub(super) use bridge::join;
pub(super) use config::{YoloConfig, names_from_list, parse_yaml};
pub(super) use read::{YoloLabels, looks_like_labels, scan};
pub(super) use write::{YoloKind, data_yaml, render};
