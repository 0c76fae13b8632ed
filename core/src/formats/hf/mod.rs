//! Hugging Face's image folders: `metadata.jsonl` or `metadata.csv` beside the images; boxes as COCO has them, as
//! `[x, y, width, height]` in continuous pixels.

mod corners;
mod line;
mod reader;
mod write;

pub(super) use reader::HfReader;
pub(super) use write::render;
