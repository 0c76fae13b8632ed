//! YOLO: one text file an image, one object a line, coordinates as fractions of the frame.

mod bridge;
mod config;
mod names;
mod read;
mod reader;
mod write;
mod yaml;

pub(super) use bridge::join;
pub(super) use config::split_paths;
use config::{YoloConfig, names_from_list, parse_yaml};
pub(super) use reader::YoloReader;
pub(super) use write::{YoloKind, data_yaml, render};
