//! Small drawn inputs for the reports, and what is read back of their outputs.

use std::fs;
use std::path::Path;

use augment_core::image::{Channels, Image};
use serde_json::Value;

use crate::support::{contents, jpeg, picture, png, write};

/// A picture that is like no other's.
pub(crate) fn drawn(name: &str) -> Vec<u8> {
    let number = name.bytes().fold(7, |sum: u32, byte| (sum * 31 + u32::from(byte)) % 1009);
    let image = picture(number, 64, 48);
    if name.ends_with("png") { png(&image) } else { jpeg(&image) }
}

pub(crate) fn draw(at: &Path, name: &str) {
    write(at, name, drawn(name));
}

/// An image of a YOLO dataset with two classes.
pub(crate) fn yolo(at: &Path, stem: &str, rows: &str) {
    draw(at, &format!("in/images/{stem}.jpg"));
    write(at, &format!("in/labels/{stem}.txt"), rows);
    write(at, "in/data.yaml", "names: [cat, dog]\n");
}

pub(crate) fn size(width: u32, height: u32) -> augment_core::geometry::Size {
    augment_core::geometry::Size::new(width, height)
}

pub(crate) fn fill(level: u8) -> augment_core::image::Fill {
    augment_core::image::Fill([level; 3])
}

/// A mask of one value.
pub(crate) fn mask(level: u8) -> Vec<u8> {
    png(&Image::filled(size(64, 48), Channels::Gray, fill(level)))
}

pub(crate) fn text(out: &Path, name: &str) -> String {
    fs::read_to_string(out.join(name)).unwrap_or_else(|error| panic!("{name}: {error}: {:?}", contents(out)))
}

pub(crate) fn json_of(out: &Path, name: &str) -> Value {
    serde_json::from_str(&text(out, name)).unwrap()
}
