//! A dataset of scenes as files, drawn one after the other: memory does not grow with the pictures.

use std::collections::VecDeque;
use std::sync::Arc;

use augment_core::codec::{Encoding, Subsampling, encode};
use augment_core::error::Result;
use augment_core::formats::{Dataset, Fragment, Holds, LabelFormat, LabelWriter};
use augment_core::image::Fill;

use crate::figures::JOINTS;
use crate::{SIZE, classes, scene};

/// JPEG quality of the pictures: high, so that what an augmentation does can be told from what the codec did.
const QUALITY: u8 = 92;

/// The files of a dataset by name and content: `images/*.jpg` with the labels of each, then the files about all.
pub fn dataset(count: u32, format: LabelFormat) -> impl Iterator<Item = Result<(String, Vec<u8>)>> {
    let mut source = Dataset::default();
    source.format = LabelFormat::Coco;
    source.classes = Arc::new(classes());
    source.holds = Holds { shapes: true, keypoints: JOINTS.len(), visibility: true, ..Holds::default() };
    Drawing {
        next: 0,
        count,
        writer: Some(LabelWriter::new(format, &source)),
        fragments: Vec::new(),
        ready: VecDeque::new(),
    }
}

/// What is drawn, what is still to draw, and what waits to be taken.
struct Drawing {
    next: u32,
    count: u32,
    /// Gone when the last file is made.
    writer: Option<LabelWriter>,
    fragments: Vec<Fragment>,
    ready: VecDeque<(String, Vec<u8>)>,
}

impl Drawing {
    fn draw(&mut self, writer: &LabelWriter) -> Result<()> {
        let name = format!("images/scene_{:04}.jpg", self.next);
        let scene = scene(self.next, SIZE);
        self.next += 1;
        let encoding = Encoding::Jpeg { quality: QUALITY, subsampling: Subsampling::default() };
        let labels = writer.render(&name, None, SIZE, &scene.labels)?;
        self.ready.push_back((name, encode(&scene.image, &encoding, None, Fill::BLACK)?));
        self.ready.extend(labels.entries);
        self.fragments.extend(labels.fragment);
        Ok(())
    }
}

impl Iterator for Drawing {
    type Item = Result<(String, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            let writer = self.writer.take()?;
            if self.next < self.count {
                if let Err(error) = self.draw(&writer) {
                    return Some(Err(error));
                }
                self.writer = Some(writer);
            } else {
                match writer.finish(&self.fragments) {
                    Ok(files) => self.ready.extend(files),
                    Err(error) => return Some(Err(error)),
                }
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
