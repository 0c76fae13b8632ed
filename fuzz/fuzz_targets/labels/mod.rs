//! What the label targets share: one image, one label file, and the way from its bytes to every format and back.

use augment_core::files::Files;
use augment_core::formats::{Frame, LabelChoice, LabelFormat, LabelWriter, open};
use augment_core::geometry::Size;
use augment_core::limits::Limits;
use augment_core::{Error, ErrorKind, Result};

struct Memory(Vec<String>, Vec<Vec<u8>>);

impl Files for Memory {
    fn names(&self) -> &[String] {
        &self.0
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let at = self.0.iter().position(|known| known == name);
        at.map(|at| self.1[at].clone()).ok_or_else(|| Error::new(ErrorKind::Io, "no such file"))
    }

    fn size(&self, name: &str) -> Option<u64> {
        Some(self.1[self.0.iter().position(|known| known == name)?].len() as u64)
    }
}

/// Reads labels, places them on an image as stored and turned, and writes them in every format. What was written is
/// read without a problem and without dropping an object.
pub fn through_all(files: &[(&str, &[u8])]) {
    let limits = Limits { max_objects: 1000, ..Limits::default() };
    let memory = Memory(
        files.iter().map(|(name, _)| (*name).to_owned()).collect(),
        files.iter().map(|(_, bytes)| bytes.to_vec()).collect(),
    );
    let dataset = open(&memory, LabelChoice::Auto, &limits).expect("what fails is a problem");
    let (wide, tall) = (Size::new(64, 48), Size::new(48, 64));
    for item in &dataset.items {
        for frame in [Frame::plain(wide), Frame { stored: wide, upright: tall, orientation: 6 }] {
            let Ok(placed) = item.place(&frame, None) else { continue };
            assert_eq!(placed.read, placed.labels.objects.len() + placed.dropped.len(), "nothing goes missing");
            for format in [LabelFormat::Voc, LabelFormat::Yolo, LabelFormat::Coco] {
                let writer = LabelWriter::new(format, &dataset);
                let output = writer.render("images/a.jpg", frame.upright, &placed.labels).expect("labels are written");
                let mut entries = output.entries;
                entries.extend(writer.finish(output.fragment).expect("the rest is written"));
                entries.push(("images/a.jpg".to_owned(), Vec::new()));
                let (names, contents) = entries.into_iter().unzip();
                let again =
                    open(&Memory(names, contents), LabelChoice::Auto, &limits).expect("what fails is a problem");
                assert!(again.problems.is_empty(), "{:?}", again.problems);
                let again = again.items[0].place(&Frame::plain(frame.upright), None).expect("what was written is read");
                assert!(again.read <= placed.labels.objects.len(), "no object comes from nowhere");
            }
        }
    }
}
